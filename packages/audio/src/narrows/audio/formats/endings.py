"""Endings of audio files: the one list that data sets, shards and commands search by."""

from __future__ import annotations

SOUND_FILE_ENDINGS = (
    *("wav", "wave", "flac", "ogg", "oga", "opus", "mp3"),
    *("aif", "aiff", "aifc", "caf", "w64", "rf64", "au", "snd"),
)
"""What libsndfile reads."""
FFMPEG_ENDINGS = ("m4a", "m4b", "aac", "mp4", "wma", "webm", "mka", "ac3")
"""What needs FFmpeg (extra `m4a`)."""
AUDIO_ENDINGS = (*SOUND_FILE_ENDINGS, *FFMPEG_ENDINGS)
"""All, in lower case, without dot."""
