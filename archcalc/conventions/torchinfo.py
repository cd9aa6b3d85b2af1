"""torchinfo: a convolution's parameters times its positions, and the parameters of all other layers once.

Source: torchinfo 1.8.0, `layer_info.py`: LayerInfo.calculate_macs.
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
            "channel_scale": (Term(1, "applied_parameters"),),
            "subsampling": (Term(1, "applied_parameters"),),
        },
        "torchinfo",
        "1.8.0",
        notes=("Parameters that are not called weight or bias are not seen; matrix products neither.",),
    ),
)
