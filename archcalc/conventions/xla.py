"""XLA's cost analysis: two for a multiply-accumulate that reads a value, taps on zero padding left out.

Source: openxla/xla `service/hlo_cost_analysis.cc`. All else depends on the program: here each op is its formula in
jax.numpy, and batch norm is one multiplication and one addition.
"""

from __future__ import annotations

from archcalc.conventions import Convention, Term

_PRODUCT = (Term(2, "multiply_accumulate"),)
_CONVOLUTION = (*_PRODUCT, Term(-2, "padding_taps"))
_BIAS = (Term(1, "bias"),)
_PRODUCTS = {
    "conv": _CONVOLUTION,
    "conv_transpose": _CONVOLUTION,
    "table_conv": _CONVOLUTION,
    "linear": _PRODUCT,
    "window_attention": _PRODUCT,
}
_ELEMENTS = (Term(1, "elements"),)
_READS = (Term(1, "input_elements"),)

CONVENTIONS = (
    Convention(
        "xla",
        "two for each multiply-accumulate that reads no zero padding, and one for each elementwise operation and for "
        "each step of a reduction; exponentials, error functions and roots not",
        "xla/service/hlo_cost_analysis.cc: HandleConvolution, HandleDot, HandleElementwiseOp, HandleReduce, "
        "HandleReduceWindow; google/flax#3392",
        "FLOPs",
        _PRODUCTS
        | {
            "conv": (*_CONVOLUTION, *_BIAS),
            "conv_transpose": (*_CONVOLUTION, *_BIAS),
            "table_conv": (*_CONVOLUTION, Term(1, "elements")),
            "linear": (*_PRODUCT, *_BIAS),
            # scale and bias of the products, and a softmax
            "window_attention": (
                *_PRODUCT,
                Term(5, "multiply"),
                Term(1, "scaled_weights"),
                Term(-1, "attention_rows"),
            ),
            "batch_norm": (Term(2, "elements"),),
            # two means, two differences, square, product, scale, shift; for each vector the sum with epsilon
            "layer_norm": (Term(8, "elements"), Term(1, "power")),
            "channel_scale": _ELEMENTS,
            "relu": _ELEMENTS,
            "relu6": (Term(2, "elements"),),
            "sigmoid": (Term(3, "elements"),),
            "silu": (Term(4, "elements"),),
            "gelu": (Term(4, "elements"),),
            # largest value, difference, sum, quotient
            "softmax": (Term(4, "elements"), Term(-1, "vectors")),
            "scale": _ELEMENTS,
            "multiply": _ELEMENTS,
            "add": (Term(1, "add"),),
            "max_pool": (Term(1, "compare"),),
            "avg_pool": (Term(1, "window"),),
            "global_avg_pool": _READS,
            "adaptive_avg_pool": (Term(1, "add"),),
            # the zero, as a number of the map's type
            "zero_pad": (Term(1, "padded"),),
            "patch_merging": (Term(1, "completed"),),
        },
        "jax",
        "0.10.2",
        notes=(
            "XLA adds up in single precision: of a whole network its sum is rounded, 23,112 too low for Inception v3.",
        ),
    ),
    Convention(
        "xla_products",
        "two for each multiply-accumulate of convolutions and matrix products that reads no zero padding",
        "xla/service/hlo_cost_analysis.cc: HandleConvolution, HandleDot; google/flax#3392",
        "FLOPs",
        _PRODUCTS,
        "jax",
        "0.10.2",
    ),
    Convention(
        "xla_transcendentals",
        "exponentials, error functions and roots, which XLA counts apart",
        "xla/service/hlo_cost_analysis.cc: transcendentals",
        "transcendentals",
        dict.fromkeys(("sigmoid", "tanh", "silu", "gelu", "softmax", "window_attention"), (Term(1, "exponential"),))
        | {"layer_norm": (Term(1, "power"),)},
        "jax",
        "0.10.2",
    ),
)
