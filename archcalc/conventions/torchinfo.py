"""torchinfo: a convolution's parameters times its positions, and the parameters of all other layers once.

Source: torchinfo 1.8.0, `layer_info.py`: LayerInfo.calculate_macs. Its "Forward/backward pass size" is twice the bytes
of what modules with parameters give, if they hold no other modules: `model_statistics.py`.
"""

from __future__ import annotations

from archcalc.conventions import Bug, Convention, Term

ROWS = Bug(
    "a linear layer on several vectors is counted for one",
    "1.8.0 (repaired after it)",
    "LayerInfo.calculate_macs multiplies the parameters with the first axis of the output only; TylerYep/torchinfo#77",
)
SPREAD = Bug(
    "a transposed convolution is counted at its output positions, not at its input's: stride^2 times too many",
    "1.8.0",
    "LayerInfo.calculate_macs multiplies the parameters of every layer called Conv... with its output positions",
)

_PRODUCT = (Term(1, "multiply_accumulate"), Term(1, "bias"))
# four bytes, once more for gradients
_STORED = (Term(8, "elements"),)

_KEPT: list[str] = [
    *("conv", "conv_transpose", "table_conv", "linear", "channel_scale", "subsampling", "window_attention"),
    *("prelu", "embedding", "weight", "rnn", "gru", "lstm"),
]
_NORMS: list[str] = ["batch_norm", "layer_norm", "group_norm", "rms_norm"]

CONVENTIONS = (
    Convention(
        "torchinfo",
        "multiply-accumulates and biases; for a norm its parameters, once",
        "torchinfo/layer_info.py: LayerInfo.calculate_macs",
        "mult-adds",
        {
            "conv": _PRODUCT,
            "conv_transpose": (*_PRODUCT, Term(1, "spread_excess", SPREAD)),
            "table_conv": (Term(1, "multiply_accumulate"), Term(1, "elements")),
            "linear": (*_PRODUCT, Term(-1, "rows_after_first", ROWS)),
            "batch_norm": (Term(1, "applied_parameters"),),
            "layer_norm": (Term(1, "applied_parameters"),),
            **dict.fromkeys(
                ("group_norm", "rms_norm", "prelu", "embedding", "weight"), (Term(1, "applied_parameters"),)
            ),
            **dict.fromkeys(("rnn", "gru", "lstm"), (Term(1, "multiply_accumulate"), Term(1, "gate_biases"))),
            "channel_scale": (Term(1, "applied_parameters"),),
            "subsampling": (Term(1, "applied_parameters"),),
        },
        "torchinfo",
        "1.8.0",
        notes=("Parameters that are not called weight or bias are not seen; matrix products neither.",),
    ),
    Convention(
        "torchinfo_forward_backward",
        "the outputs of layers with parameters, twice: once more for gradients",
        "torchinfo/model_statistics.py: ModelStatistics.total_output_bytes",
        "bytes (float32)",
        dict.fromkeys(
            _KEPT,
            _STORED,
        )
        | dict.fromkeys(_NORMS, (Term(8, "affine_elements"),)),
        "torchinfo",
        "1.8.0",
        "memory",
        notes=(
            "Its Forward/backward pass size (MB), of 1,000,000 bytes, for a batch of one.",
            "It depends neither on gradients being computed nor on what backward needs.",
        ),
    ),
)
