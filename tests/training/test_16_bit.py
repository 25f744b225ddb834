"""Training with 16-bit weights: small changes of averages and statistics are not lost to rounding."""

import pytest
import torch
from lightning_fabric import Fabric
from support.training_cases import experiment_config, model_config

from narrows.models import create_model_from_config, load_model
from narrows.training import create_training_wrapper_from_config, train
from narrows.training.checkpoints.files import read_checkpoint

RVQ = {"type": "rvq", "config": {"dim": 4, "codebook_size": 16, "num_quantizers": 2, "kmeans_init": False}}


def trainer_of(precision, bottleneck, **training):
    document = model_config(bottleneck, use_ema=True, loss_configs={"time": {"weights": {"l1": 1.0}}}, **training)
    torch.manual_seed(0)
    trainer = create_training_wrapper_from_config(document, create_model_from_config(document))
    trainer.setup(Fabric(accelerator="cpu", devices=1, precision=precision))
    trainer.train()
    return trainer


def clip():
    time = torch.arange(512) / 8000
    return (0.4 * torch.sin(2 * torch.pi * 300 * time)).repeat(1, 2, 1)


def test_the_average_follows_the_model_in_bfloat16():
    trainer = trainer_of("bf16-true", {"type": "vae"}, ema_decay=0.99, learning_rate=2e-3)
    name, parameter = next((n, p) for n, p in trainer.model.named_parameters() if n.endswith("original1"))
    average = dict(trainer.ema.model.named_parameters())[name]
    expected, start = average.clone(), average.clone()
    for step in range(150):
        assert trainer.step([(clip().bfloat16(), [{}])], step).updated
        decay = min(0.99, 1 - (1 + step) ** -0.75)
        expected.lerp_(parameter.detach().float(), 1 - decay)
    assert parameter.dtype == torch.bfloat16
    assert average.dtype == torch.float32
    torch.testing.assert_close(average, expected)
    assert not torch.equal(average, start)
    # The average is measured in the precision of the run, and is float32 again afterwards.
    error = {}
    for ema in (trainer.ema, None):
        kept, trainer.ema = trainer.ema, ema
        torch.manual_seed(0)
        info = trainer.reconstruct(clip())
        error[ema is not None] = float((info["decoded"] - info["reals"]).abs().mean())
        trainer.ema = kept
    assert error[True] < 1.3 * error[False]
    assert average.dtype == torch.float32


def test_codebook_statistics_do_not_drift():
    trainer = trainer_of("bf16-true", RVQ)
    codebooks = [m for m in trainer.model.modules() if hasattr(m, "cluster_size")]
    audio = torch.cat([clip(), clip().flip(-1)]).repeat(4, 1, 1)
    for step in range(60):
        assert trainer.step([(audio.bfloat16(), [{}] * 8)], step).updated
    assert len(codebooks) == 2
    for codebook in codebooks:
        assert codebook.cluster_size.dtype == codebook.embed_avg.dtype == torch.float32
        # 8 clips of 64 frames a step, reached from 0 as 1 - decay^steps; replaced codes start at the threshold.
        frames = 8 * 64
        assert float(codebook.cluster_size.sum()) <= frames * 1.001 + 16 * 2


@pytest.mark.parametrize("resumed", [False, True])
def test_files_hold_the_average_in_float32(clips, tmp_path, resumed):
    config = experiment_config(clips, tmp_path, model_config({"type": "vae"}), precision="bf16-true", steps=4)
    for steps in (2, 4) if resumed else (4,):
        run = train({**config, "steps": steps}, progress=False)
    state = read_checkpoint(run.checkpoint)["state_dict"]
    kinds = {prefix: {v.dtype for k, v in state.items() if k.startswith(prefix)} for prefix in ("model.", "ema.")}
    assert kinds == {"model.": {torch.bfloat16}, "ema.": {torch.float32}}
    saved, loaded = load_model(run.model), load_model(run.checkpoint)
    for key, value in saved.state_dict().items():
        assert torch.equal(value, loaded.state_dict()[key])
