"""Crops too short for a discriminator are found by a rule, and just those."""

import pytest
from support.training_cases import model_config

from narrows.configs import ConfigError, load_config


def problems(size, kind, **options):
    document = {**model_config(), "sample_size": size}
    document["training"]["loss_configs"] = {
        "time": {"weights": {"l1": 1.0}},
        "discriminator": {"type": kind, "config": options, "weights": {"adversarial": 0.1, "feature_matching": 1.0}},
    }
    try:
        load_config(document, "model")
    except ConfigError as error:
        return [problem.pointer.rpartition("config/")[2] for problem in error.problems]
    return []


@pytest.mark.parametrize(
    ("size", "kind", "options", "found"),
    [
        (2048, "dac", {"fft_sizes": [8192, 2048]}, ["fft_sizes/0"]),
        (8192, "dac", {"fft_sizes": [8192, 2048]}, []),
        (256, "dac", {"fft_sizes": [2048, 1024, 512]}, ["fft_sizes/0", "fft_sizes/1"]),
        (8, "dac", {"fft_sizes": [], "periods": [3, 8, 11]}, ["periods/1"]),
        (64, "big_vgan", {}, ["cqtd_n_octaves/0", "cqtd_n_octaves/1", "cqtd_n_octaves/2"]),
        (128, "big_vgan", {}, []),
    ],
)
def test_a_crop_too_short_is_refused(size, kind, options, found):
    assert problems(size, kind, **options) == found


@pytest.mark.parametrize("size", [8, 96, 104, 192, 200, 384, 392, 400])
def test_the_rule_of_dac_says_what_the_discriminator_does(size):
    torch = pytest.importorskip("torch")
    dac = pytest.importorskip("narrows.losses.discriminators.dac").DACDiscriminator
    options = {"periods": [5, 8], "fft_sizes": [256, 512, 1024]}
    for name, values in options.items():
        for value in values:
            alone = {"periods": [], "fft_sizes": [], name: [value]}
            try:
                dac(1, 8000, **alone).judge(torch.randn(1, 1, size))
                fits = True
            except RuntimeError:
                fits = False
            assert fits == (problems(size, "dac", **alone) == []), (name, value)
