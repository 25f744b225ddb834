"""The catalogue of relations between keys: what the code of the references implies, numbered by topic.

Rules say which relations they check (`covers`); here stands where the others are seen to. A relation in neither place,
or in both, fails a test.
"""

from __future__ import annotations

COUNTS = {"A": 21, "B": 17, "C": 14, "D": 20, "E": 38, "F": 32, "G": 8, "H": 12, "I": 22, "J": 11, "K": 13}
"""Relations of a topic: A autoencoders, B bottlenecks, C lengths, D data, E diffusion and conditions, F training, G
language models, H hyperencoders, I autoencoders on spectrograms, J Stable Audio 3, K settings of a run."""

ALL = [f"{topic}-{number}" for topic, count in COUNTS.items() for number in range(1, count + 1)]

ELSEWHERE: dict[str, dict[str, str]] = {
    "The schemas say it": {
        "B-6": "every level of `fsq` and `dithered_fsq` is at least 2",
        "B-8": "options that `fsq` needs otherwise are constants",
        "B-11": "`noise_dropout` is a number from 0 to 1; an integer works as well",
        "B-14": "`config` is required where an option in it is",
        "B-15": "no unknown options; `requires_grad` is honoured by every bottleneck",
        "B-17": "no unknown options: what the installed package takes makes no difference",
        "D-11": "`dataset_type` is one of the known",
        "E-16": "`diffusion_objective` is one of three",
        "E-17": "`global_cond_type` is one of two",
        "E-34": "each model type has its own list of backbones",
        "F-9": "numbers of demos and guidance have defaults, `demo_every` is at least 1",
        "F-17": "both weights of a discriminator are required",
        "F-28": "optimizers and schedules are known types with known options",
        "G-5": "`codebook_pattern` is one of the known",
        "G-6": "no unknown options",
        "I-7": "`SkipBottleneck` is a type of its own, without an option",
        "I-12": "`target_frames` is at least 2",
        "I-13": "the transform is one of the known, with its own options",
        "I-20": "the activation is one of the known",
        "J-10": "lengths of shifts are at least 1",
        "K-12": "`ckpt_path` is required for pre-encoding",
    },
    "It works here, which it did not in the reference": {
        "B-5": "one codebook of `fsq`",
        "B-13": "training with `quantize_on_decode`: the losses it does not report are left out",
        "C-5": "`chunked` on audio shorter than a chunk",
        "D-18": "pre-encoding reads whole clips in order, whatever the data set says of crops, flips and last batches",
        "D-6": "padding masks have one form for all data sets",
        "D-7": "padding masks have one form for all data sets",
        "D-8": "`num_workers` 0",
        "D-16": "a folder's hook is found by the folder, not by a part of a path",
        "D-17": "`seconds_start` moves with a crop of latents",
        "D-19": "epochs are counted per process, whatever the workers",
        "E-30": "`pretransform` and `source_mix` conditioners of any width: channels are projected, not frames",
        "E-32": "`pretransform_ckpt_path` may be null",
        "E-37": "pretransforms without parameters",
        "E-38": "windows without flash-attention: they are masks",
        "F-5": "clipping is `clip_grad_norm`, accumulation `accum_batches`, with and without a discriminator",
        "F-18": "`rates` of the `dac` discriminator, `big_vgan`, and the metric `pesq`",
        "F-30": "unwrapping needs nothing of the training section",
        "H-1": "hyperencoders without bottleneck",
        "H-3": "one codebook of `fsq`, as B-5",
        "H-9": "demos are part of `training` for every model type",
        "H-12": "weights of losses have defaults",
        "I-14": "one order of channels, in data and losses",
        "I-19": "clipping in manual optimisation, `num_workers` 0",
        "J-1": "the objective `v`",
        "J-5": "one default of `chunk_size`",
        "J-11": "lists of metadata are kept whole",
        "K-9": "every setting has an effect, or does not exist",
        "K-10": "settings are typed; there is no INI file",
    },
    "The command says it before it starts, or when it is called: files, weights or a machine decide": {
        "C-6": "length of audio for a wavelet alone; autoencoders pad to whole frames",
        "C-12": "`sample_size` of pre-encoding against the checkpoint's model",
        "D-2": "latents on disk were made by this autoencoder",
        "D-9": "fewer items than a batch has",
        "D-13": "a folder holds files of the right kind",
        "D-14": "stored latents are of the kind that was named",
        "D-15": "a hook exists and gives a mapping",
        "D-20": "tokens of a model that has none",
        "H-5": "latents on disk are long enough",
        "H-11": "the outer autoencoder is the one that made the latents",
        "J-6": "masks of a request",
        "J-7": "lists of a request",
        "J-8": "arguments of a command",
        "K-1": "files that are named exist",
        "K-2": "weights for a pretransform that is not there",
        "K-3": "how a checkpoint was saved: told from its tensors",
        "K-4": "every tensor of a checkpoint is used",
        "K-5": "a known strategy of devices",
        "K-6": "a known logger, and its package",
        "K-8": "a GPU where one is asked for; there is none needed",
        "K-11": "fewer items than the batches of all processes have",
        "K-13": "a folder that holds another run of pre-encoding",
        "I-21": "`_target_` strings go through the table of `narrows migrate`",
    },
    "There is no such option here": {
        "G-8": "codebooks of several sizes in one tokenizer",
        "H-7": "shares of a split: data sets name their parts",
        "H-8": "`split_type`",
        "I-18": "a grid of its own for evaluation: metrics work on waveforms",
        "K-7": "validation that is on without data: there is none without `val_dataset_config`",
    },
    "Not checked yet": {
        "F-32": "`log_loss_info`: diffusion models are not trained in this version",
        "I-10": "frames beyond the last whole group are trimmed without a word",
    },
}
"""Where relations without a rule are seen to: heading, then relation and what it says."""


def elsewhere() -> dict[str, str]:
    """The heading that each relation without a rule stands below."""
    return {name: heading for heading, relations in ELSEWHERE.items() for name in relations}
