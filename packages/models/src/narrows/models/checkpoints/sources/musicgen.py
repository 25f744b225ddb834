"""Published weights of MusicGen: AudioCraft's `state_dict.bin`, and `MusicgenForConditionalGeneration`.

They fit the `lm` of a language model of type `musicgen`: `load_checkpoint(model.lm, file)`. The tokenizer of AudioCraft
has a file of its own, which the pretransform `audiocraft_pretrained` reads.
"""

from __future__ import annotations

from narrows.models.checkpoints.sources.base import Drop, Layout, Rename

LAYER = r"backbone.layers.\1."

LAYOUTS = (
    Layout(
        "MusicGen of AudioCraft",
        renames=(
            Rename(r"emb\.(\d+)\.", r"embeds.\1."),
            Rename(r"linears\.(\d+)\.", r"quantizer_heads.\1."),
            Rename(r"out_norm\.", "backbone.norm."),
            Rename(r"condition_provider\.conditioners\.description\.output_proj\.", "backbone.to_cross_attn_embed."),
            Rename(r"transformer\.layers\.(\d+)\.self_attn\.in_proj_weight", LAYER + "self_attn.packed.weight"),
            Rename(r"transformer\.layers\.(\d+)\.cross_attention\.in_proj_weight", LAYER + "cross_attn.packed.weight"),
            Rename(r"transformer\.layers\.(\d+)\.self_attn\.out_proj\.", LAYER + "self_attn.to_out."),
            Rename(r"transformer\.layers\.(\d+)\.cross_attention\.out_proj\.", LAYER + "cross_attn.to_out."),
            Rename(r"transformer\.layers\.(\d+)\.linear1\.", LAYER + "ff.0."),
            Rename(r"transformer\.layers\.(\d+)\.linear2\.", LAYER + "ff.2."),
            Rename(r"transformer\.layers\.(\d+)\.norm1\.weight", LAYER + "pre_norm.gamma"),
            Rename(r"transformer\.layers\.(\d+)\.norm1\.bias", LAYER + "pre_norm.beta"),
            Rename(r"transformer\.layers\.(\d+)\.norm_cross\.weight", LAYER + "cross_attend_norm.gamma"),
            Rename(r"transformer\.layers\.(\d+)\.norm_cross\.bias", LAYER + "cross_attend_norm.beta"),
            Rename(r"transformer\.layers\.(\d+)\.norm2\.weight", LAYER + "ff_norm.gamma"),
            Rename(r"transformer\.layers\.(\d+)\.norm2\.bias", LAYER + "ff_norm.beta"),
        ),
        marker=r"transformer\.layers\.\d+\.self_attn\.in_proj_weight",
    ),
    Layout(
        "MusicGen of transformers",
        renames=(
            Rename(r"decoder\.model\.decoder\.embed_tokens\.(\d+)\.", r"embeds.\1."),
            Rename(r"decoder\.lm_heads\.(\d+)\.", r"quantizer_heads.\1."),
            Rename(r"decoder\.model\.decoder\.layer_norm\.", "backbone.norm."),
            Rename(r"enc_to_dec_proj\.", "backbone.to_cross_attn_embed."),
            Rename(r"decoder\.model\.decoder\.layers\.(\d+)\.self_attn\.out_proj\.", LAYER + "self_attn.to_out."),
            Rename(r"decoder\.model\.decoder\.layers\.(\d+)\.encoder_attn\.out_proj\.", LAYER + "cross_attn.to_out."),
            Rename(r"decoder\.model\.decoder\.layers\.(\d+)\.self_attn\.([qkv])_proj\.", LAYER + r"self_attn.\2."),
            Rename(r"decoder\.model\.decoder\.layers\.(\d+)\.encoder_attn\.([qkv])_proj\.", LAYER + r"cross_attn.\2."),
            Rename(r"decoder\.model\.decoder\.layers\.(\d+)\.fc1\.", LAYER + "ff.0."),
            Rename(r"decoder\.model\.decoder\.layers\.(\d+)\.fc2\.", LAYER + "ff.2."),
            Rename(r"decoder\.model\.decoder\.layers\.(\d+)\.self_attn_layer_norm\.weight", LAYER + "pre_norm.gamma"),
            Rename(r"decoder\.model\.decoder\.layers\.(\d+)\.self_attn_layer_norm\.bias", LAYER + "pre_norm.beta"),
            Rename(
                r"decoder\.model\.decoder\.layers\.(\d+)\.encoder_attn_layer_norm\.weight",
                LAYER + "cross_attend_norm.gamma",
            ),
            Rename(
                r"decoder\.model\.decoder\.layers\.(\d+)\.encoder_attn_layer_norm\.bias",
                LAYER + "cross_attend_norm.beta",
            ),
            Rename(r"decoder\.model\.decoder\.layers\.(\d+)\.final_layer_norm\.weight", LAYER + "ff_norm.gamma"),
            Rename(r"decoder\.model\.decoder\.layers\.(\d+)\.final_layer_norm\.bias", LAYER + "ff_norm.beta"),
        ),
        drops=(
            Drop(r"text_encoder\.", "text encoder: the conditioner t5 brings it"),
            Drop(r"audio_encoder\.", "tokenizer: the pretransform audiocraft_pretrained reads it"),
            Drop(r"decoder\.model\.decoder\.embed_positions\.", "positions, which are computed"),
        ),
        marker=r"decoder\.model\.decoder\.embed_tokens\.\d+\.",
    ),
)
