# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from .. import dataset, model
from ..types import file_path


class PreEncodeExperimentConfig(ConfigModel):
    """
    Encoding of a data set to latents or tokens: what `narrows pre-encode` composes, validates and runs.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    field_schema: Annotated[str | None, Field(alias='$schema')] = None
    """
    Address of the schema, for editors.
    """
    schema_version: Literal[1] = 1
    """
    Version of the schemas that the document was written for.
    """
    experiment: Literal['pre_encode']
    """
    Selects this type.
    """
    ckpt_path: Annotated[str, Field(min_length=1)]
    """
    The trained model: a folder with its configuration and weights (`save_model`), a training checkpoint, or another checkpoint file, which needs `model_config`.
    """
    model_config_: Annotated[
        model.ModelConfig | file_path.FilePath | None, Field(alias='model_config')
    ] = None
    """
    The model's configuration, or the path of its file; only for a checkpoint that comes without one.
    """
    dataset_config: dataset.DatasetConfig | file_path.FilePath
    """
    The audio, or the path of its data set file.
    """
    output_path: Annotated[str, Field(min_length=1)]
    """
    Folder to write; a run that stopped goes on where it was.
    """
    layout: Literal['shards', 'sat'] = 'shards'
    """
    `shards` writes tar files with an index; `sat` writes two files a clip, as stable-audio-tools reads them.
    """
    tensor_format: Literal['safetensors', 'npy'] = 'safetensors'
    """
    How tensors stand in shards; the layout `sat` is always npy.
    """
    content: Literal['auto', 'latents', 'tokens'] = 'auto'
    """
    What is kept: `latents`, `tokens` of a discrete bottleneck, or `auto`: tokens where there are any.
    """
    dtype: Literal['float32', 'float16', 'bfloat16'] = 'float32'
    """
    Numbers that latents are kept in; bfloat16 needs shards of safetensors. Tokens are integers.
    """
    sample_size: Annotated[
        int | None, Field(ge=1, json_schema_extra={'x-unit': 'samples'})
    ] = None
    """
    Pad or cut every clip to this length; null keeps each clip as long as it is.
    """
    n_quantizers: Annotated[int | None, Field(ge=1)] = None
    """
    Codebooks to encode with, of a residual bottleneck: the first ones, for a lower bitrate; null takes all.
    """
    channel_policy: Literal['error', 'duplicate', 'downmix', 'fold'] | None = None
    """
    What becomes of audio with another number of channels than the model's; null does what the model's own configuration says. `fold` writes a sample for each group of channels.
    """
    batch_seconds: Annotated[
        float, Field(gt=0.0, json_schema_extra={'x-unit': 's'})
    ] = 60.0
    """
    Audio that is encoded at a time, made of clips of similar length, padding included; a longer clip goes alone.
    """
    compile: bool = False
    """
    Compile the model first, which pays for long work: on a CPU the activations of convolutional models, in some ten seconds, else encoder and decoder, in a minute or so.
    """
    chunk_size: Annotated[
        int | None, Field(ge=1, json_schema_extra={'x-unit': 'latent frames'})
    ] = None
    """
    Latent frames to compute at a time in longer clips; null computes clips whole. Where the model allows exact chunks it changes nothing but the memory.
    """
    overlap: Annotated[
        int | None, Field(ge=0, json_schema_extra={'x-unit': 'latent frames'})
    ] = None
    """
    Context on either side of a chunk, only for models that cannot be chunked exactly.
    """
    shard_size: Annotated[int, Field(ge=1)] = 2048
    """
    Clips of a shard. A shard appears whole or not at all, so a restart repeats at most one a process.
    """
    limit: Annotated[int | None, Field(ge=1)] = None
    """
    Stop after so many clips of the data set; null takes all.
    """
    append: bool = False
    """
    Encode files that came to the data set since the folder was begun, in new shards behind the others. Without it they are named and left.
    """
    num_workers: Annotated[int, Field(ge=1)] = 4
    """
    Threads that decode and resample audio ahead of the model.
    """
    seed: Annotated[int, Field(ge=0, le=4294967295)] = 42
    """
    Seed of the noise of stochastic bottlenecks; each clip has its own, from this and its path.
    """
    precision: Literal['32-true', 'bf16-true', '16-true'] = '32-true'
    """
    Arithmetic of the model.
    """
    accelerator: Literal['auto', 'cpu', 'cuda', 'mps'] = 'auto'
    """
    Device kind.
    """
    engine: Literal['local', 'ray'] = 'local'
    """
    Who carries out the plan: `local`, this process, or `ray`, the workers of a Ray cluster (extra `ray`).
    """
    address: Annotated[str | None, Field(min_length=1)] = None
    """
    Cluster that `ray` joins, as HOST:PORT, or `auto` on one of its machines; null starts one on this machine.
    """
    workers: Annotated[int | None, Field(ge=1)] = None
    """
    Workers that `ray` asks for, each with a copy of the model; null takes what the cluster has: one a GPU, or the processors shared by `threads`.
    """
    threads: Annotated[int | None, Field(ge=1)] = None
    """
    Threads a worker computes with on a processor, which round the last bits; null takes those that the folder was begun with, else what torch chooses, and with `ray` 1.
    """
