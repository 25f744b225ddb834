"""Residual quantizers: 9 codebooks of 1024, a minute of frames at 86 Hz, batch 8."""

from __future__ import annotations

from typing import Any

import torch

from against.timing import interleaved, ratios
from narrows.models import create_bottleneck_from_config
from narrows.models.checkpoints.names import from_file

BATCH, FRAMES, STAGES, CODES = 8, 86 * 60, 9, 1024


def compare(rounds: int, device: str) -> list[dict[str, Any]]:
    """One row for each quantizer and way."""
    return [*_dac(rounds, device), *_rvq(rounds, device)]


def _dac(rounds: int, device: str) -> list[dict[str, Any]]:
    from dac.nn.quantize import ResidualVectorQuantize

    torch.manual_seed(0)
    options = {"input_dim": 512, "n_codebooks": STAGES, "codebook_size": CODES, "codebook_dim": 8}
    reference = ResidualVectorQuantize(**options).eval().to(device)
    ours = create_bottleneck_from_config({"type": "dac_rvq", "config": options}).eval().to(device)
    ours.quantizer.load_state_dict(from_file(reference.state_dict()))
    x = torch.randn(BATCH, 512, FRAMES, device=device)
    return _row("DAC-RVQ encode", lambda: reference(x)[1], lambda: ours.encode(x, return_info=True)[1], rounds, device)


def _rvq(rounds: int, device: str) -> list[dict[str, Any]]:
    from stable_audio_tools.models.bottleneck import RVQBottleneck

    torch.manual_seed(0)
    options = {"dim": 128, "codebook_size": CODES, "num_quantizers": STAGES}
    reference = RVQBottleneck(**options, decay=0.99, kmeans_init=True, threshold_ema_dead_code=2).eval().to(device)
    for layer in reference.quantizer.layers:
        layer._codebook.embed.normal_()
        layer._codebook.initted.fill_(True)
    ours = create_bottleneck_from_config({"type": "rvq", "config": options}).eval().to(device)
    ours.load_state_dict(reference.state_dict())
    x = torch.randn(BATCH, 128, FRAMES, device=device)

    def codes() -> torch.Tensor:
        found: torch.Tensor = reference.encode(x, return_info=True)[1]["quantizer_indices"]
        return found

    return _row("RVQ encode", codes, lambda: ours.encode(x, return_info=True)[1], rounds, device)


def _row(case: str, reference: Any, ours: Any, rounds: int, device: str) -> list[dict[str, Any]]:
    with torch.inference_mode():
        info = ours()
        codes = info["codes"] if "codes" in info else info["quantizer_indices"]
        equal = float((reference() == codes).float().mean())
        times = interleaved({"reference float32": reference, "narrows float32": ours}, rounds, device, warm=False)
    return [
        {"case": case, "way": way, **figures, "equal_codes": equal}
        for way, figures in ratios(times, "reference float32").items()
    ]
