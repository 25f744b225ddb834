"""Names in the training checkpoints of this library, for those that write them and those that read a model from them.

The whole content is listed in `narrows.training.checkpoints.checkpoint_state`.
"""

from __future__ import annotations

FORMAT = "narrows-training"
"""Value of the entry `format`."""
VERSION = 1
"""Value of the entry `version`."""
CONFIG = "config"
"""Entry: the model file, as JSON text."""
STATE_DICT = "state_dict"
"""Entry: all weights; each name begins with one of the following and a dot."""
MODEL = "model"
"""Weights as training changes them."""
AVERAGE = "ema"
"""Moving average of the weights. What is not averaged, such as a frozen text encoder, is saved under `MODEL` only."""
DISCRIMINATOR = "discriminator"
"""Weights of the discriminator."""
ADAPTER = "adapter"
"""Weights of an adapter that is trained in place of the model; there is no `MODEL` then."""
ADAPTER_FILE = "adapter.safetensors"
"""What a training run writes in place of a model where an adapter is trained."""
