"""What a model folder says to people and to a hub: `README.md`, a model card, and `config.json`.

Both are written beside the model as long as they are not the user's: a card whose last line no longer fits it has been
edited, and a `config.json` of another program stays.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from torch import nn

CARD, DESCRIPTION = "README.md", "config.json"
LIBRARY = "narrows"
SEAL = re.compile(r"\n<!-- written by narrows ([0-9a-f]{16}) -->\n\Z")
CODECS = frozenset({"autoencoder", "diffusion_autoencoder", "spectral_autoencoder"})
"""Types of models that encode audio."""


def own_files(model: nn.Module, folder: Path) -> dict[str, str]:
    """The two files by name, without those that the user has written.

    Args:
        model: of `create_model_from_config`.
        folder: where they will be.
    """
    facts = facts_of(model)
    texts = {
        CARD: model_card(folder.resolve().name, facts),
        DESCRIPTION: json.dumps(description(facts), indent=2) + "\n",
    }
    return {name: text for name, text in texts.items() if not is_users(folder / name)}


def is_users(path: Path) -> bool:
    """Whether a file is there that this library has not written, or that was changed since."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    except (OSError, UnicodeDecodeError):
        return True
    if path.name == CARD:
        seal = SEAL.search(text)
        return seal is None or seal[1] != _digest(text[: seal.start()])
    try:
        return bool(json.loads(text).get("library_name") != LIBRARY)
    except (ValueError, AttributeError):
        return True


def facts_of(model: Any) -> dict[str, Any]:
    """What a card tells of a model, by name; what a kind of model does not have is left out."""
    config = model.config
    bottleneck: Any = getattr(model, "bottleneck", None)
    facts: dict[str, Any] = {
        "model_type": config.model_type,
        "sample_rate": getattr(config, "sample_rate", None),
        "audio_channels": getattr(config, "audio_channels", None),
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "license": getattr(config, "license", None),
        "training_data": getattr(config, "training_data", None),
    }
    if config.model_type in CODECS:
        facts["audio_channels"] = getattr(model, "in_channels", facts["audio_channels"])
        facts |= {name: getattr(model, name, None) for name in ("downsampling_ratio", "latent_dim")}
    if getattr(model, "is_discrete", False) and hasattr(bottleneck, "num_quantizers"):
        facts["codebooks"], facts["codebook_size"] = bottleneck.num_quantizers, bottleneck.codebook_size
    return {name: value for name, value in facts.items() if value is not None}


def description(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The content of `config.json`, by which a hub counts downloads; the model itself is in `model_config.json`."""
    kept = ("model_type", "sample_rate", "audio_channels")
    return {"library_name": LIBRARY, "format_version": 1, **{name: facts[name] for name in kept if name in facts}}


def model_card(title: str, facts: Mapping[str, Any], figures: Mapping[str, float] | None = None) -> str:
    """A model card in Markdown, with the front matter that a hub reads.

    Args:
        title: of the model.
        facts: of `facts_of`.
        figures: measured values by name.
    """
    codec = facts["model_type"] in CODECS or facts["model_type"] == "hyperencoder"
    lines = ["---", f"library_name: {LIBRARY}", f"license: {_identifier(facts.get('license'))}"]
    lines += [f"pipeline_tag: {'audio-to-audio' if codec else 'text-to-audio'}", "tags:", "- audio"]
    lines += [f"- {facts['model_type'].replace('_', '-')}", "---", "", f"# {title}", "", "| | |", "|---|---|"]
    lines += [f"| {name} | {value} |" for name, value in _rows(facts)]
    use = (
        "narrows encode MODEL audio/ -o codes/\nnarrows decode MODEL codes/ -o back/"
        if codec
        else "narrows generate MODEL -o out/"
    )
    lines += ["", "## Use", "", "```sh", use, "```"]
    if figures:
        lines += ["", "## Figures", "", "| measured | value |", "|---|---|"]
        lines += [f"| {name} | {value:.4g} |" for name, value in figures.items()]
    lines += ["", "## Licence", "", facts.get("license", "Not stated.")]
    lines += ["", "## Training data", "", facts.get("training_data", "Not stated."), ""]
    body = "\n".join(lines)
    return f"{body}\n<!-- written by narrows {_digest(body)} -->\n"


def _rows(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    rows = [("type", facts["model_type"])]
    if "sample_rate" in facts:
        rows.append(("sample rate", f"{facts['sample_rate']:,} Hz"))
    if "audio_channels" in facts:
        rows.append(("channels", str(facts["audio_channels"])))
    if "downsampling_ratio" in facts:
        rate = facts["sample_rate"] / facts["downsampling_ratio"]
        rows.append(("latents", f"{facts['latent_dim']} channels, {rate:.4g} frames a second"))
    if "codebooks" in facts:
        rows.append(("tokens", f"{facts['codebooks']} codebooks of {facts['codebook_size']}"))
    return [*rows, ("parameters", f"{facts['parameters']:,}")]


def _identifier(license: str | None) -> str:
    """A licence as a hub names it: its identifier where the note is one."""
    identifier = (license or "").strip().lower()
    return identifier if re.fullmatch(r"[a-z0-9][a-z0-9.+-]*", identifier) else "other" if identifier else "unknown"


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]
