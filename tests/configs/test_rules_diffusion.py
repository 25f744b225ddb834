"""Rules of diffusion, language and spectral models and their conditions, each violated once: pointer and message."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from narrows.configs import ConfigError, check_config, load_config

AUTOENCODER = {
    "encoder": {"type": "oobleck", "config": {"channels": 8, "c_mults": [1, 2], "strides": [2, 4], "latent_dim": 8}},
    "decoder": {"type": "oobleck", "config": {"channels": 8, "c_mults": [1, 2], "strides": [2, 4], "latent_dim": 4}},
    "bottleneck": {"type": "vae"},
    "latent_dim": 4,
    "downsampling_ratio": 8,
    "io_channels": 2,
}
COND: dict[str, Any] = {
    "model_type": "diffusion_cond",
    "sample_rate": 16000,
    "sample_size": 1024,
    "model": {
        "io_channels": 4,
        "pretransform": {"type": "autoencoder", "config": AUTOENCODER},
        "conditioning": {
            "cond_dim": 16,
            "configs": [
                {"id": "prompt", "type": "t5"},
                {"id": "seconds", "type": "number", "config": {"max_val": 512}},
            ],
        },
        "diffusion": {
            "type": "dit",
            "cross_attention_cond_ids": ["prompt", "seconds"],
            "global_cond_ids": ["seconds"],
            "config": {
                "io_channels": 4,
                "embed_dim": 64,
                "num_heads": 2,
                "depth": 2,
                "cond_token_dim": 16,
                "global_cond_dim": 16,
            },
        },
    },
    "training": {
        "learning_rate": 1e-4,
        "demo": {"num_demos": 1, "demo_cond": [{"prompt": "rain", "seconds": 3}]},
    },
}
UNET = {
    "type": "adp_cfg_1d",
    "cross_attention_cond_ids": ["prompt"],
    "config": {
        "in_channels": 4,
        "channels": 32,
        "multipliers": [1, 2],
        "factors": [2],
        "num_blocks": [1],
        "attentions": [0, 0],
        "context_embedding_features": 16,
        "context_embedding_max_length": 128,
    },
}
LM: dict[str, Any] = {
    "model_type": "lm",
    "sample_rate": 16000,
    "model": {
        "pretransform": {
            "type": "autoencoder",
            "config": {
                **AUTOENCODER,
                "encoder": AUTOENCODER["decoder"] | {"config": AUTOENCODER["encoder"]["config"] | {"latent_dim": 4}},  # type: ignore[operator, index]
                "bottleneck": {"type": "rvq", "config": {"dim": 4, "num_quantizers": 3}},
            },
        },
        "lm": {"type": "continuous_transformer", "config": {"embed_dim": 64, "depth": 1, "dim_heads": 32}},
    },
}
SPECTRAL: dict[str, Any] = {
    "model_type": "spectral_autoencoder",
    "sample_rate": 16000,
    "model": {
        "stft": {"n_fft": 64, "hop_length": 16},
        "encoder": {"type": "seanet2d", "config": {"dimension": 8, "ratios": [[2, 1]], "latent_fbins": 16}},
        "decoder": {"type": "seanet2d", "config": {"input_size": 4, "ratios": [[2, 1]], "latent_fbins": 16}},
        "bottleneck": {"type": "vae"},
    },
}
D, C, B = "/model/diffusion", "/model/conditioning", "/model/diffusion/config"

MISTAKES: list[tuple[dict[str, Any], str, Any, str, str]] = [
    (COND, f"{D}/global_cond_ids/0", "second", f"{D}/global_cond_ids/0", "There is no conditioner 'second'."),
    (COND, f"{D}/global_cond_ids", ["prompt"], f"{D}/global_cond_ids/0",
     "The conditioner 'prompt' gives tokens, but global_cond_ids takes vector."),
    (COND, f"{B}/cond_token_dim", 8, f"{B}/cond_token_dim",
     "The conditions of cross_attention_cond_ids are 16 wide, but cond_token_dim is 8."),
    (COND, f"{C}/configs/1/config/output_dim", 8, f"{B}/cond_token_dim",
     "The conditions of cross_attention_cond_ids are 8 and 16 wide, but they need one width."),
    (COND, f"{B}/global_cond_dim", 32, f"{B}/global_cond_dim",
     "The conditions of global_cond_ids are 16 wide together, but global_cond_dim is 32."),
    (COND, f"{B}/prepend_cond_dim", 9, f"{B}/prepend_cond_dim",
     "prepend_cond_dim is 9 but prepend_cond_ids is empty: the layers for it stay unused."),
    (COND, f"{C}/configs/1/id", "prompt", f"{C}/configs/1/id", "The id 'prompt' is used twice."),
    (COND, f"{C}/default_keys", {"promt": "text"}, f"{C}/default_keys/promt", "There is no conditioner 'promt'."),
    (COND, f"{C}/configs/1/config/max_val", 0, f"{C}/configs/1/config/max_val",
     "max_val 0 must be greater than min_val 0."),
    (COND, f"{C}/configs/1/config/max_val", 0.01, f"{C}/configs/1/config/max_val",
     "max_val is 0.01 but a crop lasts 0.1 s: longer ones look alike."),
    (COND, f"{C}/configs/0", {"id": "prompt", "type": "pretransform", "config": {"sample_rate": 8000}},
     f"{C}/configs/0/config/pretransform_config", "No pretransform is given."),
    (COND, f"{B}/num_heads", 3, f"{B}/num_heads", "num_heads 3 does not divide embed_dim 64."),
    (COND, f"{B}/num_heads", 4, f"{B}/num_heads", "Heads are 16 wide, but rotary positions need 32."),
    (COND, f"{B}/project_cond_tokens", False, f"{B}/cond_token_dim",
     "cond_token_dim 16 does not split into heads of 32."),
    (COND, f"{B}/project_global_cond", False, f"{B}/global_cond_dim", "global_cond_dim is 16 but embed_dim is 64."),
    (COND, f"{B}/timestep_cond_type", "input_concat", f"{B}/timestep_embed_dim",
     "'timestep_embed_dim' is required for timestep_cond_type input_concat."),
    (COND, f"{B}/diffusion_objective", "v", f"{B}/diffusion_objective",
     "diffusion_objective stands beside config, not inside."),
    (COND, f"{B}/io_channels", 8, f"{B}/io_channels", "The backbone diffuses 8 channels but io_channels is 4."),
    (COND, f"{B}/patch_size", 3, "/sample_size", "sample_size 1024 gives 128 latent frames, not a multiple of 3."),
    (COND, "/sample_size", 1020, "/sample_size",
     "sample_size 1020 is not a multiple of 8, the samples of a latent frame."),
    (COND, "/sample_rate", 16001, "/sample_rate", "16001 Hz is an uncommon sample rate."),
    (COND, f"{D}/distribution_shift_options", {"max_length": 256}, f"{D}/distribution_shift_options/max_length",
     "max_length 256 must be greater than min_length 256."),
    (COND, "/training/learning_rate", None, "/training/learning_rate",
     "'learning_rate' or 'optimizer_configs' is required."),
    (COND, "/training/demo/num_demos", 2, "/training/demo/demo_cond", "demo_cond has 1 entries for 2 demos."),
    (COND, "/training/demo/demo_cond", [{"prompt": "rain"}], "/training/demo/demo_cond/0",
     "The conditioner 'seconds' finds nothing in this demo."),
    (COND, "/training/demo/sampler", {"type": "euler"}, "/training/demo/sampler/type",
     "The sampler euler does not fit the objective v."),
    (COND, "/training/inpainting", {}, "/training/inpainting",
     "Masks are drawn but never used: input_concat_ids does not name them."),
    (COND, "/generation", {"sampler": "euler"}, "/generation/sampler",
     "The sampler euler does not fit the objective v."),
    (COND, "/training/timestep_sampler_options", {"std_logsnr": 1.0}, "/training/timestep_sampler_options",
     "timestep_sampler_options has no effect with uniform."),
    (COND, "/training/trim_config", {"trim_prob": 0.5}, "/training/trim_config",
     "trim_config has no effect without adversarial training."),
    (LM, "/model/pretransform/config/bottleneck", {"type": "tanh"}, "/model/pretransform/config/bottleneck",
     "The pretransform gives no tokens: its bottleneck is tanh."),
    (LM, "/model/lm/codebook_pattern", "musiclm", "/model/lm/codebook_pattern",
     "The pattern musiclm needs a multiple of 2 codebooks, but the tokenizer has 3."),
    (LM, "/model/lm/config/dim_heads", 48, "/model/lm/config/dim_heads", "dim_heads 48 does not divide embed_dim 64."),
    (SPECTRAL, "/model/stft/win_length", 65, "/model/stft/win_length",
     "The window of 65 samples is longer than its FFT of 64."),
    (SPECTRAL, "/model/encoder/config/input_size", 2, "/model/encoder/config/input_size",
     "The encoder has 2 channels but the spectrogram has 4."),
    (SPECTRAL, "/model/decoder/config/is_complex", True, "/model/decoder/config/is_complex",
     "is_complex is true but cac is true."),
    (SPECTRAL, "/model/encoder/config/dimension", 4, "/model/encoder/config/dimension",
     "The encoder gives 4 channels and the decoder takes 4, with bottleneck vae."),
    (SPECTRAL, "/model/decoder/config/latent_fbins", 8, "/model/decoder/config/latent_fbins",
     "latent_fbins is 8 but the ratios leave 16 bins."),
    (SPECTRAL, "/model/decoder/config/kernel_size", 6, "/model/decoder/config/kernel_size", "The kernel 6 is even."),
]  # fmt: skip


def changed(document: dict[str, Any], pointer: str, value: Any) -> dict[str, Any]:
    copied = copy.deepcopy(document)
    *parents, last = pointer.split("/")[1:]
    place: Any = copied
    for part in parents:
        place = place[int(part)] if isinstance(place, list) else place[part]
    place[int(last) if isinstance(place, list) else last] = value
    return copied


@pytest.mark.parametrize("document", [COND, LM, SPECTRAL], ids=["cond", "lm", "spectral"])
def test_the_documents_without_a_mistake_have_no_problem(document: dict[str, Any]) -> None:
    assert check_config(document) == []


@pytest.mark.parametrize(("document", "pointer", "value", "where", "message"), MISTAKES)
def test_a_mistake_is_told(document: dict[str, Any], pointer: str, value: Any, where: str, message: str) -> None:
    problems = check_config(changed(document, pointer, value))
    assert (where, message) in [(problem.pointer, problem.message) for problem in problems]
    assert all(problem.rule for problem in problems)


UNET_MISTAKES = [
    ("num_blocks", [1, 1], "num_blocks has 2 entries for 1 factors."),
    ("multipliers", [1, 2, 4], "multipliers has 3 entries for 1 factors."),
    ("attentions", [1, 1], "'attention_multiplier' is required where attention is on."),
    ("resnet_groups", 5, "channels 32 is not a multiple of resnet_groups 5."),
    ("kernel_multiplier_downsample", 3, "kernel_multiplier_downsample 3 is odd."),
    ("use_stft", True, "'stft_num_fft' is required with use_stft."),
    ("patch_size", 3, "patch_size 3 does not divide the first width 32."),
]


@pytest.mark.parametrize(("key", "value", "message"), UNET_MISTAKES)
def test_a_mistake_of_a_unet_is_told(key: str, value: Any, message: str) -> None:
    document = changed(COND, "/model/diffusion", copy.deepcopy(UNET))
    assert check_config(document) == []
    document["model"]["diffusion"]["config"][key] = value
    with pytest.raises(ConfigError) as caught:
        load_config(document)
    assert message in [problem.message for problem in caught.value.problems]


def test_an_inpainting_model_joins_its_masks() -> None:
    document = changed(COND, "/model_type", "diffusion_cond_inpaint")
    assert "An inpainting model joins its mask and what it leaves." in str(check_config(document))
    document["model"]["diffusion"]["input_concat_ids"] = ["inpaint_mask", "inpaint_masked_input"]
    document["model"]["diffusion"]["config"]["input_concat_dim"] = 5
    assert "'inpainting' is required for training" in str(check_config(document))
    document["training"]["inpainting"] = {"mask_kwargs": {"mask_type_probabilities": [0.1, 0.8, 0.2]}}
    assert [p.message for p in check_config(document)] == ["mask_type_probabilities add up to 1.1, not 1."]


def test_adversarial_training_needs_a_flow_a_discriminator_and_its_optimizer() -> None:
    document = changed(
        COND, "/training/arc", {"discriminator": {"dit_hidden_layer": 2}, "use_model_as_discriminator": True}
    )
    messages = [problem.message for problem in check_config(document)]
    assert "Adversarial training needs the objective rectified_flow or rf_denoiser." in messages
    assert "dit_hidden_layer is 2 but the base model has 2 layers." in messages
    assert any("'optimizer_configs' with diffusion and discriminator" in message for message in messages)
    document["training"]["arc"]["use_model_as_discriminator"] = False
    assert "'discriminator_base_model' or 'use_model_as_discriminator' is required." in str(check_config(document))


@pytest.mark.parametrize("kind", ["conv", "convnext"])
@pytest.mark.parametrize("loss", [None, "relativistic", "lsgan"])
def test_latents_are_judged_relativistically(kind: str, loss: str | None) -> None:
    options = {} if loss is None else {"loss_type": loss}
    judge = {"type": kind, "dit_hidden_layer": 1, "config": options}
    document = changed(COND, "/training/arc", {"discriminator": judge, "use_model_as_discriminator": True})
    told = [str(problem) for problem in check_config(document) if "loss_type" in problem.pointer]
    assert [("relativistic" in text) for text in told] == ([True] if loss == "lsgan" else [])


def test_every_problem_is_told_at_once() -> None:
    document = changed(COND, f"{B}/depht", 3)
    document["sample_rate"] = "16000"
    document["model"]["diffusion"]["config"]["num_heads"] = 3
    with pytest.raises(ConfigError) as caught:
        load_config(document)
    assert {problem.pointer for problem in caught.value.problems} == {"/sample_rate", f"{B}/depht", f"{B}/num_heads"}
