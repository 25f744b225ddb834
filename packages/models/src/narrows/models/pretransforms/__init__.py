"""Pretransforms: fixed or trained transforms in front of the encoder and behind the decoder."""
