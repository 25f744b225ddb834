"""What the signatures of vector-quantize-pytorch do not say: types, limits and descriptions of its options.

`tools/library_quantizers.py` joins this with the signatures, which give names and defaults, and fails on a class or an
option that stands in neither table.
"""

from __future__ import annotations

from typing import Any

COUNT: dict[str, Any] = {"type": "integer", "minimum": 1}
NATURAL: dict[str, Any] = {"type": "integer", "minimum": 0}
POSITIVE: dict[str, Any] = {"type": "number", "exclusiveMinimum": 0}
WEIGHT: dict[str, Any] = {"type": "number", "minimum": 0}
SHARE: dict[str, Any] = {"type": "number", "minimum": 0, "maximum": 1}
FLAG: dict[str, Any] = {"type": "boolean"}
CODES: dict[str, Any] = {"type": "integer", "minimum": 2, "maximum": 1048576}

QUANTIZERS: dict[str, tuple[str, str | None, bool]] = {
    # class: description, class that takes its further keywords, whether it reports a loss
    "VectorQuantize": ("Vector quantization by one codebook, moved by averages or trained.", None, True),
    "ResidualVQ": (
        "Residual vector quantization, with beam search and implicit codebooks.",
        "VectorQuantize",
        True,
    ),
    "GroupedResidualVQ": ("Residual vector quantization of groups of channels.", "ResidualVQ", True),
    "RandomProjectionQuantizer": ("Random projection and a random codebook, neither trained (BEST-RQ).", None, False),
    "FSQ": ("Finite scalar quantization: each channel is rounded to levels.", None, False),
    "ResidualFSQ": ("Residual finite scalar quantization.", "FSQ", False),
    "GroupedResidualFSQ": ("Residual finite scalar quantization of groups of channels.", "ResidualFSQ", False),
    "LFQ": ("Lookup-free quantization: each channel keeps its sign.", None, True),
    "ResidualLFQ": ("Residual lookup-free quantization.", "LFQ", True),
    "GroupedResidualLFQ": ("Residual lookup-free quantization of groups of channels.", "ResidualLFQ", True),
    "LatentQuantize": ("Latent quantization: each channel takes the nearest of a few values.", None, True),
    "SimVQ": ("Vector quantization by a linear map of a frozen random codebook.", None, True),
    "ResidualSimVQ": ("Residual SimVQ.", "SimVQ", True),
    "FSP": ("Finite scalar perturbation: levels of a distribution function, with noise in training.", None, True),
}

NO_QUANTIZERS = {
    "BinaryMapper": "draws one-hot vectors of 2^bits channels, in evaluation too: no latents as wide as its input",
    "EvoLFQ": "searches codes by evolution with an encoder and a decoder of its own",
    "HierarchicalVQ": "its codes belong to scales of a whole clip, not to latent frames",
    "Sequential": "a container",
}

LEFT_OUT = {
    **dict.fromkeys(
        ("channel_first", "channel_last", "is_channel_first", "accept_image_fmap", "accept_3d_fmap"),
        "the layout is that of a bottleneck",
    ),
    **dict.fromkeys(
        ("keep_num_codebooks_dim", "return_indices", "return_zeros_for_masked_padding", "has_projections"),
        "set by the bottleneck, which packs padded batches itself",
    ),
    **dict.fromkeys(
        ("codebook_transform", "init_fn", "vq_bridge", "in_place_codebook_optimizer", "straight_through_activation"),
        "takes a Python object, which a document cannot hold",
    ),
    **dict.fromkeys(("allowed_dtypes", "force_quantization_f32"), "the bottleneck computes in float32"),
    **dict.fromkeys(
        ("manual_ema_update", "manual_in_place_optimizer_update"), "would need calls that training does not make"
    ),
    **dict.fromkeys(
        (
            *("affine_param", "affine_param_batch_decay", "affine_param_codebook_decay", "sync_affine_param"),
            *("scale", "optimize_values"),
        ),
        "the library decodes tokens to other latents than it encoded, or never reads it",
    ),
    "sync_codebook": "always on where several processes train",
    "sync_kmeans": "always on where several processes train",
}

LEFT_OUT_OF = {
    "ResidualVQ": {"heads": "must be 1"},
    "ResidualSimVQ": {"heads": "must be 1"},
    "LatentQuantize": {"codebook_dim": "the length of `levels`"},
    # What a residual class passes on and sets itself.
    "VectorQuantize>ResidualVQ": {
        "heads": "must be 1",
        "separate_codebook_per_head": "",
        "layernorm_after_project_in": "",
    },
    "FSQ>ResidualFSQ": {
        "num_codebooks": "must be 1",
        "preserve_symmetry": "always on",
        "projection_has_bias": "no projection",
    },
    "LFQ>ResidualLFQ": dict.fromkeys(
        (
            "num_codebooks",
            "codebook_scale",
            "projection_has_bias",
            "cosine_sim_project_in",
            "cosine_sim_project_in_scale",
        ),
        "set by the residual class",
    ),
}

LEVELS = {"type": "array", "items": {"$ref": "../types/level.json"}, "minItems": 1}

OPTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "dim": ({**COUNT, "x-role": "latent-channels"}, "Latent channels."),
    "levels": (
        {**LEVELS, "x-role": "codebook-channels"},
        "Levels of each quantized channel; their product is the codebook size.",
    ),
    "codebook_size": (CODES, "Values a token can take; of the `LFQ` classes a power of 2."),
    "codebook_dim": (COUNT, "Width in which codes are searched; null searches in all channels."),
    "num_codebooks": ({**COUNT, "x-role": "codebooks"}, "Codebooks side by side; one token each a latent frame."),
    "num_quantizers": (COUNT, "Residual stages; one token a stage and latent frame."),
    "groups": (COUNT, "Groups of channels, quantized side by side; must divide `dim`."),
    "heads": (COUNT, "Parts of a projected vector that are quantized side by side; one token each."),
    "separate_codebook_per_head": (FLAG, "Give every head a codebook of its own."),
    "decay": (SHARE, "Decay of the moving averages that update the codebooks."),
    "eps": (POSITIVE, "Floor of the smoothed cluster sizes."),
    "freeze_codebook": (FLAG, "Stop the updates of the codebooks by moving averages."),
    "kmeans_init": (FLAG, "Start the codebooks from k-means of the first training batch."),
    "kmeans_iters": (COUNT, "Iterations of the k-means start."),
    "use_cosine_sim": (FLAG, "Search by cosine similarity with unit-length codes."),
    "layernorm_after_project_in": (FLAG, "Normalise the input after its projection."),
    "threshold_ema_dead_code": (
        WEIGHT,
        "Codes whose moving average of hits falls below this are replaced by a frame of the batch.",
    ),
    "commitment_weight": (WEIGHT, "Weight of the commitment term inside `quantizer_loss`."),
    "commitment_loss_weight": (WEIGHT, "Weight of the commitment term inside `quantizer_loss`."),
    "quantization_loss_weight": (WEIGHT, "Weight of the term that pulls the input to its values."),
    "commitment_use_cross_entropy_loss": (FLAG, "Commit by the cross entropy of the distances."),
    "orthogonal_reg_weight": (
        WEIGHT,
        "Weight of the orthogonality term; above 0 the codebook is a parameter.",
    ),
    "orthogonal_reg_active_codes_only": (FLAG, "Orthogonality only between codes that the batch uses."),
    "orthogonal_reg_max_codes": (COUNT, "Orthogonality of at most so many codes, drawn at random; null takes all."),
    "codebook_diversity_loss_weight": (WEIGHT, "Weight of the negative entropy of the average assignment."),
    "codebook_diversity_temperature": (POSITIVE, "Factor of the similarities in that assignment."),
    "stochastic_sample_codes": (FLAG, "Sample codes in training instead of taking the nearest."),
    "sample_codebook_temp": (POSITIVE, "Temperature of that sampling."),
    "straight_through": (FLAG, "Pass gradients through the sampling too."),
    "rotation_trick": (
        FLAG,
        "Pass gradients by rotating and scaling; null leaves it to the library.",
    ),
    "directional_reparam": (FLAG, "Train the codebook by a noised direction to the code (DiVeQ)."),
    "directional_reparam_variance": (POSITIVE, "Variance of that noise."),
    "diveq": (FLAG, "Train the codebooks of all stages together by a noised direction to the code (DiVeQ)."),
    "ema_update": (FLAG, "Update codebooks by moving averages; null leaves it to the library."),
    "learnable_codebook": (
        FLAG,
        "Train the codes by gradient, without `ema_update`; null leaves it to the library.",
    ),
    "sync_update_v": (SHARE, "Optimistic share of the synchronous update; above 0 needs a learnable codebook."),
    "route_gradients_to_input": (FLAG, "Pass gradients of the latents to the encoder."),
    "shared_codebook": (FLAG, "One codebook for all stages."),
    "quantize_dropout": (FLAG, "Train with a random number of stages, so that fewer tokens decode too."),
    "quantize_dropout_cutoff_index": (NATURAL, "First stage that may be dropped, counted from 0."),
    "quantize_dropout_multiple_of": (COUNT, "The number of stages kept is rounded up to a multiple of this."),
    "implicit_neural_codebook": (
        FLAG,
        "Make the codes of later stages by small networks (QINCo).",
    ),
    "mlp_kwargs": ({"$ref": "../types/implicit_codebook_network.json"}, "Sizes of those networks."),
    "beam_size": (COUNT, "Keep so many candidates from stage to stage; null keeps one."),
    "eval_beam_size": (COUNT, "The same in evaluation; null is `beam_size`."),
    "beam_score_quantizer_weights": (
        {"type": "array", "items": {"$ref": "../types/number.json"}, "minItems": 1},
        "Weight of each stage in the choice of candidates; null weighs all alike.",
    ),
    "quant_grad_frac": (SHARE, "Share of the gradient that a stage passes to the stages before it."),
    "norm": (FLAG, "Normalise every frame over its channels first."),
    "projection_has_bias": (FLAG, "Bias of the linear projections."),
    "preserve_symmetry": (FLAG, "Levels symmetric about 0; needed by two levels and by `noise_dropout`."),
    "noise_dropout": (SHARE, "Probability of added noise in training."),
    "bound_hard_clamp": (FLAG, "Clip the input instead of bounding it by a tanh."),
    "orthogonal_rotation": (FLAG, "Rotate the channels by a fixed random rotation before they are quantized."),
    "soft_clamp_input_value": (POSITIVE, "Bound the input softly to this absolute value; null does not."),
    "entropy_loss_weight": (WEIGHT, "Weight of the entropy term inside `quantizer_loss`."),
    "diversity_gamma": (WEIGHT, "Share of the diversity of the codes in the entropy term."),
    "codebook_scale": (POSITIVE, "Absolute value of a code; with `spherical` its length."),
    "frac_per_sample_entropy": ({**POSITIVE, "maximum": 1}, "Share of the latent frames used for the entropy term."),
    "cosine_sim_project_in": (FLAG, "Make the input projection one of cosines."),
    "cosine_sim_project_in_scale": (POSITIVE, "Scale of those cosines; null is `codebook_scale`."),
    "experimental_softplus_entropy_loss": (FLAG, "Keep the entropy term positive by a softplus."),
    "entropy_loss_offset": ({"type": "number"}, "Added to the entropy term before the softplus."),
    "spherical": (FLAG, "Put codes and vectors on a sphere (binary spherical quantization)."),
    "input_to_quantize_commit_loss_weight": (
        WEIGHT,
        "Weight of the pull on the encoder against the codebook's.",
    ),
    "frozen_codebook_dim": (COUNT, "Width of the frozen codebook; null is that of the latents."),
    "act_name": (
        {"enum": ["tanh", "sigmoid", "normal", "laplace", "cauchy"]},
        "Distribution function that maps a channel to 0 to 1.",
    ),
    "quantize_rate": (SHARE, "Share of the values that training rounds; the others get noise as wide as a level."),
    "need_inv_act": (FLAG, "Map the levels back by the inverse of the distribution function."),
    "vector_norm": (
        {"enum": ["none", "var", "kurt", "var_tanh", "var_sigmoid", "var_laplace"]},
        "Statistics of the channels that `quantizer_loss` pulls to those of the distribution.",
    ),
}
