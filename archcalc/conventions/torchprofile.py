"""torchprofile: multiply-accumulates of a traced graph; one for a value of a norm, an average pool or a product.

Source: torchprofile 0.1.0, `handlers.py`.
"""

from __future__ import annotations

from archcalc.conventions import Bug, Convention, Term

SPREAD = Bug(
    "a transposed convolution is counted at its output positions, not at its input's: stride^2 times too many",
    "0.1.0",
    "_convolution multiplies the output's elements with one filter for every convolution",
)
UNGROUPED = Bug(
    "a transposed convolution with groups whose output has other channels than its input is counted without groups",
    "0.1.0",
    "_convolution takes the weight's first axis for the channels that a value is computed from",
)

SAME = Bug(
    'a convolution with padding="same" is counted as nothing',
    "0.1.0",
    'nn.Conv2d(6, 8, 3, padding="same") on 6 x 10 x 14 gives 0, not 60,480: aten::_convolution_mode has no handler',
)

_PRODUCT = (Term(1, "multiply_accumulate"),)
_SPREAD = (*_PRODUCT, Term(1, "spread_excess", SPREAD), Term(1, "ungrouped_excess", UNGROUPED))
_ELEMENTS = (Term(1, "elements"),)

CONVENTIONS = (
    Convention(
        "torchprofile",
        "multiply-accumulates; one for a value of a norm, of an average pool, of a product; four for a sampled value",
        "torchprofile/handlers.py",
        "MACs",
        {
            "conv": _PRODUCT,
            "conv_transpose": _SPREAD,
            "given_conv_transpose": _SPREAD,
            "table_conv": _PRODUCT,
            "linear": _PRODUCT,
            "window_attention": (*_PRODUCT, Term(1, "multiply")),
            "batch_norm": (Term(1, "affine_elements"),),
            "layer_norm": (Term(1, "affine_elements"),),
            "group_norm": (Term(1, "affine_elements"),),
            "mean": _ELEMENTS,
            "leaky_relu": _ELEMENTS,
            "multiply_constant": _ELEMENTS,
            "resize": (Term(4, "bilinear_elements"),),
            "matmul": _PRODUCT,
            "given_conv": _PRODUCT,
            "given_linear": _PRODUCT,
            "attention": _PRODUCT,
            "lstm": _PRODUCT,
            "local_response_norm": (Term(3, "elements"),),
            "channel_scale": _ELEMENTS,
            "scale": _ELEMENTS,
            "multiply": _ELEMENTS,
            "avg_pool": _ELEMENTS,
            "global_avg_pool": _ELEMENTS,
            "adaptive_avg_pool": _ELEMENTS,
            "subsampling": _ELEMENTS,
            "bilinear_sample": (Term(4, "elements"),),
        },
        "torchprofile",
        "0.1.0",
        other_bugs=(SAME,),
    ),
)
