"""thop: multiply-accumulates, with norms, average pools and softmax in the same sum, printed as MACs.

Two packages that install as `thop`: Lyken17's, and ultralytics' later fork of it.
Source: `thop/vision/basic_hooks.py`, `vision/calc_func.py` and `profile.py` of both.
"""

from __future__ import annotations

from archcalc.conventions import Bug, Convention, Term

SPREAD = Bug(
    "a transposed convolution is counted at its output positions, not at its input's: stride^2 times too many",
    "0.1.1",
    "Lyken17/pytorch-OpCounter#93 (2020, never fixed); repaired in ultralytics-thop",
)
CUT = Bug(
    "an adaptive pool's count is computed in floating point and cut: one too few where it falls below a whole number",
    "0.1.1",
    "calculate_adaptive_avg: AdaptiveAvgPool2d(14) on 12 x 8 gives 875, not 876",
)

_NORM = (Term(2, "elements"), Term(2, "affine_elements"))
_SOFTMAX = (Term(3, "elements"), Term(-1, "vectors"))
_PRODUCT = (Term(1, "multiply_accumulate"),)

_GATES = (*_PRODUCT, Term(1, "gate_biases"))
_RECURRENT = {
    "rnn": (*_GATES, Term(1, "state_values")),
    "gru": (*_GATES, Term(7, "state_values")),
    "lstm": (*_GATES, Term(8, "state_values")),
}

CONVENTIONS = (
    Convention(
        "thop",
        "multiply-accumulates; four for a batch or layer norm's value, one for an average pool's, for an adaptive pool "
        "one for each value that it reads and one for each that it gives",
        "thop/vision/basic_hooks.py and profile.py (Lyken17/pytorch-OpCounter)",
        "MACs",
        {
            "conv": _PRODUCT,
            "conv_transpose": (*_PRODUCT, Term(1, "spread_excess", SPREAD)),
            "table_conv": _PRODUCT,
            "linear": _PRODUCT,
            "batch_norm": _NORM,
            "layer_norm": (Term(2, "last_axis_elements"), Term(2, "affine_last_axis_elements")),
            "prelu": (Term(1, "elements"),),
            **_RECURRENT,
            "softmax": _SOFTMAX,
            "avg_pool": (Term(1, "elements"),),
            "global_avg_pool": (Term(1, "input_elements"), Term(1, "elements")),
            "adaptive_avg_pool": (Term(1, "input_elements"), Term(1, "elements"), Term(-1, "rounding_loss", CUT)),
        },
        "thop",
        "0.1.1",
        notes=(
            "Functions and operators are not seen, only modules.",
            "A subclass of a module that it knows is not counted, such as the LayerNorm over the first axis.",
        ),
    ),
    Convention(
        "ultralytics_thop",
        "as thop, with matrix products of functions, subclasses of modules, and every value that an average pool reads",
        "thop/vision/basic_hooks.py and profile.py (ultralytics/thop)",
        "MACs",
        {
            "conv": _PRODUCT,
            "conv_transpose": _PRODUCT,
            "table_conv": _PRODUCT,
            "linear": _PRODUCT,
            "window_attention": _PRODUCT,
            "batch_norm": _NORM,
            "matmul": _PRODUCT,
            "attention": _PRODUCT,
            "given_linear": _PRODUCT,
            "layer_norm": _NORM,
            "group_norm": _NORM,
            "rms_norm": _NORM,
            "prelu": (Term(1, "elements"),),
            **_RECURRENT,
            "softmax": _SOFTMAX,
            "avg_pool": (Term(1, "pool_reads"), Term(1, "elements")),
            "global_avg_pool": (Term(1, "add"), Term(1, "elements")),
            "adaptive_avg_pool": (Term(1, "add"), Term(1, "elements")),
        },
        "ultralytics-thop",
        "2.2.3",
    ),
)
