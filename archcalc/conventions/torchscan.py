"""torchscan: multiply-accumulates and floating-point operations of modules, as two columns.

Source: torchscan 0.2.0, `modules/macs.py`, `modules/flops.py`, `modules/_pooling.py`.
"""

from __future__ import annotations

from archcalc.conventions import Bug, Convention, Term

SPREAD = Bug(
    "a transposed convolution is counted at its output positions, not at its input's: stride^2 times too many",
    "0.2.0",
    "macs_convtransposend passes the output to macs_convnd",
)
SIDE = Bug(
    "a pool whose kernel is given as one number k is counted with k positions for a window, not k^2",
    "0.2.0",
    "macs_maxpool and macs_avgpool take an int kernel_size for the size of the window",
)
REMAINDER = Bug(
    "an adaptive pool to a size that does not divide is counted with windows of the remainder + 1",
    "0.2.0",
    "adaptive_kernel_size: i % o + 1 where i // o rounds",
)
IDLE = Bug(
    "dropout is counted at inference, where it does nothing",
    "0.2.0",
    "flops_dropout asks for the probability only",
)

_MAX = (Term(1, "window"), Term(-1, "elements"), Term(-1, "window_beyond_side", SIDE))
_MEAN = (Term(1, "window"), Term(1, "further_axes"), Term(-1, "window_beyond_side", SIDE))
_ADAPTIVE = (Term(1, "even_reads"), Term(1, "further_axes"), Term(1, "remainder_excess", REMAINDER))
_LARGEST = (Term(1, "even_reads"), Term(-1, "elements"), Term(1, "remainder_excess", REMAINDER))
_GLOBAL = (Term(1, "input_elements"), Term(1, "further_axes"))
_PRODUCT = (Term(1, "multiply_accumulate"),)
_FLOPS = (Term(2, "multiply_accumulate"), Term(-1, "elements"))

CONVENTIONS = (
    Convention(
        "torchscan",
        "multiply-accumulates; two for a batch norm's value, the comparisons of max pools, the additions of average "
        "pools with two further operations",
        "torchscan/modules/macs.py",
        "MACs",
        {
            "conv": _PRODUCT,
            "conv_transpose": (*_PRODUCT, Term(1, "spread_excess", SPREAD), Term(4, "axes")),
            "table_conv": _PRODUCT,
            "linear": _PRODUCT,
            "batch_norm": (Term(1, "elements"), Term(1, "affine_elements")),
            "max_pool": _MAX,
            "avg_pool": _MEAN,
            "global_avg_pool": _GLOBAL,
            "adaptive_avg_pool": _ADAPTIVE,
            "adaptive_max_pool": _LARGEST,
        },
        "torchscan",
        "0.2.0",
    ),
    Convention(
        "torchscan_flops",
        "2 n - 1 for a sum of n products, biases, four for a batch norm's value, activation functions, pools",
        "torchscan/modules/flops.py",
        "FLOPs",
        {
            "conv": (*_FLOPS, Term(1, "bias")),
            "conv_transpose": (
                *_FLOPS,
                Term(1, "bias"),
                Term(2, "spread_excess", SPREAD),
                Term(8, "axes"),
            ),
            "table_conv": _PRODUCT * 2,
            "linear": (*_FLOPS, Term(1, "bias")),
            "batch_norm": (Term(2, "elements"), Term(2, "affine_elements"), Term(2, "channels")),
            "layer_norm": (
                Term(6, "elements"),
                Term(1, "affine_elements"),
                Term(1, "shifted_elements"),
                Term(2, "power"),
            ),
            "relu": (Term(1, "elements"),),
            "relu6": (Term(2, "elements"),),
            "sigmoid": (Term(4, "elements"),),
            "tanh": (Term(6, "elements"),),
            "dropout": (Term(1, "elements", IDLE),),
            "max_pool": _MAX,
            "avg_pool": _MEAN,
            "global_avg_pool": _GLOBAL,
            "adaptive_avg_pool": _ADAPTIVE,
            "adaptive_max_pool": _LARGEST,
        },
        "torchscan",
        "0.2.0",
    ),
)
