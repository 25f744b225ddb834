"""`encoder_freeze_on_warmup` keeps the meaning of latents: nothing that encodes changes."""

import pytest
import torch
from lightning_fabric import Fabric
from support.training_cases import model_config

from narrows.models import create_model_from_config
from narrows.training import create_training_wrapper_from_config

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
