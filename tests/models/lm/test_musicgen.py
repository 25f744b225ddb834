"""The type `musicgen` on random weights of `MusicgenForConditionalGeneration`, in the names of both programs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from support.tiny_lm import CODEBOOK_SIZE, WIDTH, codes, musicgen_config, no_conditioners
from torch import Tensor

from narrows.models import create_model_from_config, load_checkpoint
from narrows.models.checkpoints import CheckpointError
from narrows.models.lm.conditions import Conditions

transformers = pytest.importorskip("transformers")

AUDIOCRAFT = (
    (r"decoder\.model\.decoder\.embed_tokens\.", "emb."),
    (r"decoder\.lm_heads\.", "linears."),
    (r"decoder\.model\.decoder\.layer_norm\.", "out_norm."),
    (r"enc_to_dec_proj\.", "condition_provider.conditioners.description.output_proj."),
    (r"decoder\.model\.decoder\.layers\.", "transformer.layers."),
    (r"encoder_attn_layer_norm", "norm_cross"),
    (r"self_attn_layer_norm", "norm1"),
    (r"final_layer_norm", "norm2"),
    (r"encoder_attn\.", "cross_attention."),
    (r"fc1", "linear1"),
    (r"fc2", "linear2"),
)


def decoder() -> Any:
    """The reference's decoder and projection, with random weights that are all in use."""
    torch.manual_seed(0)
    config = transformers.MusicgenDecoderConfig(
        vocab_size=CODEBOOK_SIZE,
        hidden_size=32,
        ffn_dim=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_codebooks=4,
        max_position_embeddings=64,
        pad_token_id=CODEBOOK_SIZE,
        bos_token_id=CODEBOOK_SIZE,
        dropout=0.0,
        attn_implementation="sdpa",
    )
    reference = transformers.MusicgenForCausalLM(config).eval()
    projection = torch.nn.Linear(WIDTH, 32)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in (*reference.parameters(), *projection.parameters()):
            parameter.copy_(0.3 * torch.randn(parameter.shape, generator=generator))
    return reference, projection


def states() -> dict[str, dict[str, Tensor]]:
    """Its weights in the names of both programs."""
    reference, projection = decoder()
    theirs = {f"decoder.{k}": v.clone() for k, v in reference.state_dict().items()}
    theirs |= {f"enc_to_dec_proj.{k}": v.clone() for k, v in projection.state_dict().items()}
    theirs |= {"text_encoder.shared.weight": torch.zeros(3, 4), "audio_encoder.x.weight": torch.zeros(2)}
    packed: dict[str, Tensor] = {}
    for name, tensor in theirs.items():
        new = name
        for pattern, other in AUDIOCRAFT:
            new = re.sub(pattern, other, new)
        if "q_proj" in name:
            parts = [theirs[name.replace("q_proj", f"{part}_proj")] for part in "qkv"]
            packed[new.replace("q_proj.weight", "in_proj_weight")] = torch.cat(parts)
        elif not re.search("[kv]_proj|text_encoder|audio_encoder|embed_positions", name):
            packed[new] = tensor
    return {"transformers": theirs, "audiocraft": packed}


def model() -> Any:
    with no_conditioners():
        return create_model_from_config(musicgen_config()).eval()


def loaded(program: str, folder: Path) -> Any:
    ours, state = model(), states()[program]
    if program == "audiocraft":
        torch.save({"best_state": state, "xp.cfg": "solver: musicgen"}, folder / "state_dict.bin.pt")
        load_checkpoint(ours.lm, folder / "state_dict.bin.pt")
    else:
        save_file(state, folder / "model.safetensors")
        report = load_checkpoint(ours.lm, folder / "model.safetensors")
        assert set(report.dropped) == {"text_encoder.shared.weight", "audio_encoder.x.weight"}
    return ours


def text(batch: int) -> dict[str, tuple[Tensor, Tensor]]:
    mask = torch.ones(batch, 5)
    mask[0, 3:] = 0
    embeddings = torch.randn(batch, 5, WIDTH, generator=torch.Generator().manual_seed(4))
    return {"text": (embeddings, mask)}


def reference_logits(sequence: Tensor, tensors: dict[str, tuple[Tensor, Tensor]]) -> Tensor:
    """What the reference says of a sequence `(B, K, S)`: `(B, K, S, V)`."""
    reference, projection = decoder()
    embeddings, mask = tensors["text"]
    with torch.no_grad():
        out = reference(
            input_ids=sequence.flatten(0, 1),
            encoder_hidden_states=projection(embeddings) * mask[..., None],
            encoder_attention_mask=mask.long(),
        )
    logits: Tensor = out.logits
    return logits.unflatten(0, (len(sequence), -1))


@pytest.mark.parametrize("program", ["transformers", "audiocraft"])
def test_it_says_what_the_reference_says(program: str, tmp_path: Path) -> None:
    ours, tensors, clips = loaded(program, tmp_path), text(2), codes(2, 7)
    sequence = ours.lm.pattern.layout(7).build(clips, ours.lm.special)[0]
    with torch.no_grad():
        got = ours.lm(sequence, ours.conditions(tensors, 2))
    torch.testing.assert_close(got, reference_logits(sequence, tensors), atol=2e-5, rtol=1e-5)


def test_greedy_codes_are_those_of_the_reference(tmp_path: Path) -> None:
    """Guided, by the reference's logits step by step; without text its projection is masked."""
    ours, tensors = loaded("transformers", tmp_path), text(2)
    nothing = {"text": (torch.zeros_like(tensors["text"][0]), torch.zeros_like(tensors["text"][1]))}
    layout = ours.lm.pattern.layout(6)
    sequence = layout.build(torch.zeros(2, 4, 6, dtype=torch.long), ours.lm.special)[0]
    for step in range(1, len(layout)):
        said, unsaid = (reference_logits(sequence[..., :step], t)[:, :, -1] for t in (tensors, nothing))
        chosen = (unsaid + 3.0 * (said - unsaid)).argmax(-1)
        held = (layout.frames[step] >= 0) & (layout.frames[step] < 6)
        sequence[..., step] = torch.where(held, chosen, ours.lm.special)
    expected = layout.revert(sequence, -1)[0]
    for cache in (True, False):
        got = ours.generate_codes(6, 2, tensors, temperature=0, cfg_scale=3.0, cache=cache)
        assert torch.equal(got, expected)


def test_no_step_sees_a_later_one(tmp_path: Path) -> None:
    ours, sequence = loaded("transformers", tmp_path).lm, codes(2, 9)
    other = sequence.clone()
    other[:, :, 5] = (other[:, :, 5] + 1) % CODEBOOK_SIZE
    embeddings, mask = text(2)["text"]
    given = Conditions(embeddings, mask.bool())
    with torch.no_grad():
        moved = (ours(sequence, given) != ours(other, given)).any(-1).any(1)
    assert moved.tolist() == [[False] * 5 + [True] * 4] * 2


def test_an_item_does_not_see_how_far_others_are_padded(tmp_path: Path) -> None:
    ours, tensors = loaded("transformers", tmp_path), text(2)
    short = {"text": (tensors["text"][0][:1, :3], tensors["text"][1][:1, :3])}
    with torch.no_grad():
        together = ours.compute_logits(codes(2, 7), tensors).logits[:1].nan_to_num()
        alone = ours.compute_logits(codes(2, 7)[:1], short).logits.nan_to_num()
    torch.testing.assert_close(together, alone)


def test_a_missing_projection_is_named(tmp_path: Path) -> None:
    state = states()["transformers"]
    del state["decoder.model.decoder.layers.1.self_attn.k_proj.weight"]
    save_file(state, tmp_path / "model.safetensors")
    with pytest.raises(CheckpointError, match=r"backbone\.layers\.1\.self_attn\.to_qkv\.weight"):
        load_checkpoint(model().lm, tmp_path / "model.safetensors")
