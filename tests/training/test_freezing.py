"""`encoder_freeze_on_warmup` keeps the meaning of latents: nothing that encodes changes."""

import pytest
import torch
from lightning_fabric import Fabric
from support.training_cases import experiment_config, model_config

from narrows.models import CheckpointError, create_model_from_config
from narrows.training import create_training_wrapper_from_config, train
from narrows.training.checkpoints.files import read_checkpoint
from narrows.training.freezing import FreezeError, freeze

BOTTLENECKS = {
    "rvq": {"dim": 4, "codebook_size": 16, "num_quantizers": 2, "kmeans_init": False, "threshold_ema_dead_code": 2},
    "dac_rvq": {"input_dim": 4, "codebook_dim": 2, "codebook_size": 16, "n_codebooks": 2},
    "fsq": {"levels": [4, 4, 4, 4]},
    "vae": {},
    "tanh": {},
}


def encoding(model):
    state = model.state_dict()
    return {key: value.clone() for key, value in state.items() if key.startswith(("encoder.", "bottleneck."))}


@pytest.mark.parametrize("name", BOTTLENECKS)
def test_nothing_that_encodes_changes_once_it_is_frozen(name):
    options = BOTTLENECKS[name]
    document = model_config({"type": name, **({"config": options} if options else {})}, warmup_steps=1)
    document["training"] |= {"encoder_freeze_on_warmup": True}
    torch.manual_seed(0)
    model = create_model_from_config(document)
    wrapper = create_training_wrapper_from_config(document, model)
    wrapper.setup(Fabric(accelerator="cpu", devices=1))
    wrapper.train()
    # Long enough for the codes that no frame chooses to be replaced.
    batches = [(0.3 * torch.randn(2, 2, 256), []) for _ in range(4)]
    fresh = encoding(model)
    assert wrapper.step(batches[:1], 0).problem is None
    before = encoding(model)
    assert any(not torch.equal(fresh[key], before[key]) for key in before)
    decoder = {key: value.clone() for key, value in model.decoder.state_dict().items()}
    for step, batch in enumerate(batches[1:], 1):
        assert wrapper.step([batch], step).problem is None
    after = encoding(model)
    assert [key for key in before if not torch.equal(before[key], after[key])] == []
    assert any(not torch.equal(decoder[key], value) for key, value in model.decoder.state_dict().items())
    assert model.encoder.training
    assert model.bottleneck.training


def test_parts_are_frozen_by_name():
    model = create_model_from_config(model_config({"type": "vae"}))
    named = freeze(model, ["encoder", "decoder.layers.0.*"])
    frozen = {name for name, parameter in model.named_parameters() if not parameter.requires_grad}
    assert {name.split(".")[0] for name in frozen} == {"encoder", "decoder"}
    assert all(name.startswith(("encoder.", "decoder.layers.0.")) for name in frozen)
    assert any(module is model.encoder for module in named)


def test_a_name_that_matches_nothing_is_told_with_its_neighbours():
    model = create_model_from_config(model_config({"type": "vae"}))
    with pytest.raises(FreezeError, match=r"nothing in the model is called 'encodr'.*encoder"):
        freeze(model, ["encodr"])


def test_a_run_trains_the_rest_and_remembers_what_is_frozen(clips, tmp_path):
    model = model_config({"type": "vae"})
    settings = {"freeze": ["encoder"], "checkpoint_every": 1, "val_batches": 0}
    run = train(experiment_config(clips, tmp_path, model, steps=2, **settings), progress=False)
    after, before = (
        read_checkpoint(run.checkpoint.with_name(f"step=0000000{step}.ckpt"))["state_dict"] for step in (2, 1)
    )
    names = {name for name in after if name.startswith("model.")}
    encoder = {name for name in names if name.startswith("model.encoder.")}
    assert {name for name in names if torch.equal(after[name], before[name])} == encoder
    with pytest.raises(CheckpointError, match="/freeze"):
        train(experiment_config(clips, tmp_path, model, steps=3, **{**settings, "freeze": []}), progress=False)
