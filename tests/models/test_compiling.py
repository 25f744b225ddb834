"""Compiled generative models say what the others say."""

from __future__ import annotations

import pytest
import torch
from support import tiny_diffusion
from torch import nn

from narrows.models.inference import can_compile, compile_network, prepare_for_inference


class Blocks(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(4, 4), nn.Linear(4, 4)

    def stages(self) -> list[nn.Module]:
        return [self.second]


def test_the_blocks_that_a_network_names_are_compiled() -> None:
    network, plain = Blocks(), nn.Linear(4, 4)
    compile_network(network)
    compile_network(plain)
    assert [m._compiled_call_impl is not None for m in (network, network.first, network.second, plain)] == [
        False,
        False,
        True,
        True,
    ]


@pytest.mark.long
def test_a_compiled_diffusion_model_makes_the_same_sounds() -> None:
    if not can_compile(model := tiny_diffusion.build()):
        pytest.skip("no C++ compiler")
    wanted = model.generate("jazz", seconds=0.2, steps=2, seed=1)
    prepare_for_inference(model, compile=True)
    assert all(block._compiled_call_impl is not None for block in model.model.stages())
    torch.testing.assert_close(model.generate("jazz", seconds=0.2, steps=2, seed=1), wanted, atol=1e-4, rtol=1e-4)
