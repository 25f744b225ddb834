"""What configurations offer is what modules take."""

from __future__ import annotations

import inspect
from typing import get_args

import pytest

from narrows.configs import SeanetDecoderOptions, SeanetEncoderOptions
from narrows.configs.rules import encoders as rules
from narrows.models.blocks import padded_convolutions, taae
from narrows.models.blocks.activations import TORCH_ACTIVATIONS


@pytest.mark.parametrize("options", [SeanetEncoderOptions, SeanetDecoderOptions])
def test_activations_and_norms_are_those_of_the_schemas(options: type) -> None:
    fields = options.model_fields  # type: ignore[attr-defined]
    assert set(get_args(fields["activation"].annotation)) == set(TORCH_ACTIVATIONS)
    assert get_args(fields["norm"].annotation) == get_args(padded_convolutions.Norm)
    assert get_args(fields["pad_mode"].annotation) == get_args(padded_convolutions.PadMode)


@pytest.mark.parametrize("name", TORCH_ACTIVATIONS)
def test_arguments_of_activations_are_those_of_torch(name: str) -> None:
    known = set(rules.ACTIVATION_PARAMS.get(name, ()))
    taken = set(inspect.signature(TORCH_ACTIVATIONS[name]).parameters)
    # In-place functions would change what skip connections add; PReLU has one slope; the others are deprecated.
    left_out = {"inplace", "num_parameters", "device", "dtype", "min_value", "max_value", "args", "kwargs"}
    assert known == taken - left_out


def test_tables_of_rules_are_those_of_the_modules() -> None:
    assert rules.NORM_PARAMS == padded_convolutions.NORM_PARAMS
    assert rules.HEAD_WIDTH == taae.HEAD_WIDTH
