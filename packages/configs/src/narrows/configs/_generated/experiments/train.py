# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from .. import dataset, model
from ..types import file_path
from ..types import name as name_1


class TrainExperimentConfig(ConfigModel):
    """
    One training run: what `narrows train` composes, validates and runs.
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
    experiment: Literal['train']
    """
    Selects this type.
    """
    name: Annotated[
        str, Field(min_length=1, pattern='^[A-Za-z0-9][A-Za-z0-9._-]*$')
    ] = 'narrows'
    """
    Name of the run; its folder is `save_dir/name`.
    """
    save_dir: Annotated[str, Field(min_length=1)] = 'runs'
    """
    Folder of all runs.
    """
    model_config_: Annotated[
        model.ModelConfig | file_path.FilePath, Field(alias='model_config')
    ]
    """
    The model, or the path of its file.
    """
    dataset_config: dataset.DatasetConfig | file_path.FilePath
    """
    The data set, or the path of its file.
    """
    val_dataset_config: dataset.DatasetConfig | file_path.FilePath | None = None
    """
    The validation data set, or the path of its file; null holds back a share of the data set where its type has `split`.
    """
    steps: Annotated[int, Field(ge=1, json_schema_extra={'x-unit': 'steps'})] = 1000000
    """
    Generator updates in all.
    """
    max_seconds: Annotated[
        float | None, Field(gt=0.0, json_schema_extra={'x-unit': 's'})
    ] = None
    """
    Stop when training has taken so long, as if `steps` were reached: validate, save, report. Started again, it goes on for as long; null sets no limit.
    """
    batch_size: Annotated[int, Field(ge=1)] = 4
    """
    Clips of a batch, per process.
    """
    accum_batches: Annotated[int, Field(ge=1)] = 1
    """
    Batches whose gradients are added up for one step.
    """
    global_batch_size: Annotated[int | None, Field(ge=1)] = None
    """
    Clips of one step over all processes, however many there are: a run goes on with other numbers of them, and devices and num_nodes only say how many to start where no launcher did. `batch_size` is the most that one takes at a time. null: batch_size x accum_batches x devices x num_nodes, of as many processes.
    """
    num_workers: Annotated[int, Field(ge=0)] = 6
    """
    Loader processes; 0 loads in the main process.
    """
    seed: Annotated[int, Field(ge=0, le=4294967295)] = 42
    """
    Seed of weights, crops and noise.
    """
    precision: Literal['32-true', 'bf16-mixed', '16-mixed', 'bf16-true'] = '32-true'
    """
    Arithmetic of the model.
    """
    accelerator: Literal['auto', 'cpu', 'cuda', 'mps'] = 'auto'
    """
    Device kind.
    """
    devices: Annotated[int, Field(ge=1)] = 1
    """
    Devices on each machine; several start one process each, unless torchrun or SLURM did.
    """
    num_nodes: Annotated[int, Field(ge=1)] = 1
    """
    Machines.
    """
    engine: Literal['local', 'ray'] = 'local'
    """
    Who starts the processes: `local`, this command or the launcher that started it, or `ray`, a Ray cluster, which starts them again when one is lost (extra `ray`).
    """
    address: Annotated[str | None, Field(min_length=1)] = None
    """
    Cluster that `ray` joins, as HOST:PORT, or `auto` on one of its machines; null starts one on this machine.
    """
    max_restarts: Annotated[int, Field(ge=0)] = 3
    """
    How often `ray` starts the processes again from the last checkpoint after one was lost. torchrun has an option of its own.
    """
    strategy: Literal['auto', 'ddp', 'fsdp'] = 'auto'
    """
    How several processes share a training: `ddp` keeps all of it in each; `fsdp` spreads weights, gradients and optimizer state of encoder and decoder over them; `auto` is ddp where there are several.
    """
    compile: bool = False
    """
    Compile encoder and decoder with torch.compile.
    """
    gradient_checkpointing: bool = False
    """
    Recompute activations in the backward pass: less memory, about a third more time.
    """
    max_bad_steps: Annotated[
        int, Field(ge=1, json_schema_extra={'x-unit': 'steps'})
    ] = 10
    """
    Stop after so many steps in a row whose loss or gradient is not finite; each is skipped.
    """
    checkpoint_every: Annotated[
        int, Field(ge=1, json_schema_extra={'x-unit': 'steps'})
    ] = 10000
    """
    Write a checkpoint every so many steps, and at the end.
    """
    keep_checkpoints: Annotated[int, Field(ge=1)] = 3
    """
    Checkpoints kept; older ones are removed.
    """
    checkpoint_format: Literal['auto', 'file', 'sharded'] = 'auto'
    """
    `file`: one file, written by one process while training waits. `sharded`: a folder to which each process writes its part while training goes on (torch.distributed.checkpoint). `auto`: sharded where there are several processes.
    """
    best_metric: Annotated[str | None, Field(min_length=1)] = 'auto'
    """
    Metric of validation by which the best checkpoint is kept, as `checkpoints/best.ckpt`; null keeps none. `auto` is `mel_distance`, or the loss of models that are trained on latents.
    """
    val_every: Annotated[int, Field(ge=1, json_schema_extra={'x-unit': 'steps'})] = 1000
    """
    Validate every so many steps, and before the first and after the last.
    """
    val_batches: Annotated[int, Field(ge=0)] = 8
    """
    Batches of a validation; 0 validates nothing and holds nothing back.
    """
    log_every: Annotated[int, Field(ge=1, json_schema_extra={'x-unit': 'steps'})] = 10
    """
    Log every so many steps.
    """
    logger: Literal['tensorboard', 'csv', 'wandb', 'comet', 'mlflow', 'trackio', 'none'] = (
        'tensorboard'
    )
    """
    Where curves go besides `metrics.jsonl`, which is always written; `wandb`, `comet`, `mlflow` and `trackio` are extras to install.
    """
    pretrained_ckpt_path: Annotated[str | None, Field(min_length=1)] = None
    """
    Weights of the model to start from, a file or a model folder; every tensor must fit.
    """
    pretransform_ckpt_path: Annotated[str | None, Field(min_length=1)] = None
    """
    Weights of the pretransform alone (the tokenizer of a language model, the codec of latent diffusion): a file or a model folder.
    """
    freeze: list[name_1.Name] = []
    """
    Parts of the model that stay as they are, by the names of modules or parameters, with the wildcards * and ?: e.g. `conditioner`, or `model.model.transformer.layers.?.*`.
    """
    ckpt_path: Annotated[str | None, Field(min_length=1)] = None
    """
    A training checkpoint to go on from in a new run: weights, average, discriminator and optimizers; steps and data start anew.
    """
    resume: bool = True
    """
    Go on from the newest checkpoint of the run's folder.
    """
