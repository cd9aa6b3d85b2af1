"""The rules of the ops that slide a window: convolutions and pooling. Read as `archcalc.why.formulas`."""

from __future__ import annotations

from collections.abc import Mapping

from archcalc.why.rules import (
    DUMOULIN,
    EQUATION_1,
    EQUATION_2,
    FILTERS,
    GAP,
    LECUN,
    MOBILENET,
    SAME_CHANNELS,
    WHOLE_COUNTS,
    Nothing,
    Rule,
    Rules,
)

ROUNDED = "the stride does not divide it: the quotient is rounded down, which the document does not write"
SAME_ROWS = 'padding "same" keeps one unit for every stride of the input'

SAME = Rule("ceil(N / s)", 'TensorFlow\'s rule for "SAME" padding', "padding depends on size", SAME_ROWS)
EXTENT = "the kernel with its gaps spans d * (k - 1) + 1 positions"
SLIDE: Rules = (
    SAME,
    Rule("floor((N + 2 * p - k) / s) + 1", EQUATION_1, "even padding, no dilation, divides"),
    Rule("floor((N + 2 * p - k) / s) + 1", EQUATION_1, "even padding, no dilation", ROUNDED),
    Rule("floor((N + p_before + p_after - k) / s) + 1", f"{EQUATION_1}, with the padding of each side", "no dilation"),
    Rule("floor((N + 2 * p - d * (k - 1) - 1) / s) + 1", f"{DUMOULIN}, section 5.1", "even padding", EXTENT),
    Rule(
        "floor((N + p_before + p_after - d * (k - 1) - 1) / s) + 1",
        f"{EQUATION_1}, with the padding of each side and {DUMOULIN}, section 5.1",
        says=EXTENT,
    ),
)
CEIL = Rule(
    "min(ceil((N + 2 * p - k) / s) + 1, ceil((N + p) / s))",
    f"{EQUATION_1}, rounded up as PyTorch's `pooling_output_shape` does",
    "rounded up",
    "rounded up, but a window begins inside the input or the padding before it",
)

CONV: Mapping[str, Rules] = {
    "channels": FILTERS,
    "size": SLIDE,
    "params": (
        Rule("(C_in * k_h * k_w + 1) * C_out", EQUATION_2, "dense, bias", "a kernel and a bias for each filter"),
        Rule(
            "C_in * k_h * k_w * C_out",
            f"{EQUATION_2}, without its + 1; {MOBILENET}: K x K x M x N",
            "dense",
            "a kernel for each filter, no bias",
        ),
        Rule(
            "k_h * k_w * C_in",
            f"{MOBILENET}: K x K x M (depthwise)",
            "depthwise, no bias",
            "one kernel of depth 1 for each channel",
        ),
        Rule(
            "(C_in / g * k_h * k_w + 1) * C_out",
            f"{EQUATION_2}, with the C_in / g channels that a filter of a group sees",
            "bias",
            "a kernel and a bias for each filter",
        ),
        Rule(
            "C_in / g * k_h * k_w * C_out",
            f"{EQUATION_2}, without its + 1, with the C_in / g channels that a filter of a group sees",
            says="a kernel for each filter, no bias",
        ),
    ),
    "mult_adds": (
        Rule(
            "k_h * k_w * C_in * H_out * W_out * C_out",
            f"{MOBILENET}: K x K x M x D x D x N",
            "dense",
            "the cost of one kernel, at every position, for every filter",
        ),
        Rule(
            "k_h * k_w * C_in * H_out * W_out",
            f"{MOBILENET}: K x K x M x D x D (depthwise)",
            "depthwise",
            "one kernel of depth 1 for each channel, at every position",
        ),
        Rule(
            "k_h * k_w * C_in / g * H_out * W_out * C_out",
            f"{MOBILENET}: K x K x M x D x D x N, with the C_in / g channels that a filter of a group sees",
            says="the cost of one kernel, at every position, for every filter",
        ),
    ),
}

CONV_TRANSPOSE: Mapping[str, Rules] = {
    "channels": FILTERS,
    "size": (
        Rule(
            "(N - 1) * s - 2 * p + k",
            f"{DUMOULIN}, section 4",
            "no dilation, no output padding",
            "equation (1) solved for its input size",
        ),
        Rule("(N - 1) * s - 2 * p + d * (k - 1) + o + 1", "PyTorch's `ConvTranspose2d`", says=EXTENT),
    ),
    "params": (
        Rule("(C_in * k_h * k_w + 1) * C_out", EQUATION_2, "dense, bias", "a kernel and a bias for each filter"),
        Rule(
            "C_in * k_h * k_w * C_out", f"{EQUATION_2}, without its + 1", "dense", "a kernel for each filter, no bias"
        ),
        Rule("(C_in / g * k_h * k_w + 1) * C_out", f"{EQUATION_2}, with g groups", "bias"),
        Rule("C_in / g * k_h * k_w * C_out", f"{EQUATION_2}, without its + 1, with g groups"),
    ),
    "mult_adds": (
        Rule(
            "k_h * k_w * C_out * H * W * C_in",
            f"{DUMOULIN}, section 4: the convolution of which this is the transpose has as many",
            "dense",
            "each input value is multiplied by a whole kernel for every filter",
        ),
        Rule(
            "k_h * k_w * C_out / g * H * W * C_in",
            f"{DUMOULIN}, section 4, with g groups",
            says="each input value is multiplied by a whole kernel for every filter of its group",
        ),
    ),
}

TABLE_CONV: Mapping[str, Rules] = {
    "channels": (Rule("C_out", says="one output map for each row of the connection table"),),
    "size": SLIDE,
    "params": (Rule("n * k_h * k_w + C_out", f"{LECUN}, Table I", says="a kernel for each connection, a bias a map"),),
    "mult_adds": (
        Rule(
            "n * k_h * k_w * H_out * W_out", f"{LECUN}, Table I", says="a kernel for each connection, at every position"
        ),
    ),
}

_POOL_PARAMS = Nothing("a pooling layer has no weights", "document 004, POOL1 of AlexNet: 0 parameters")
MAX_POOL: Mapping[str, Rules] = {
    "channels": SAME_CHANNELS,
    "size": (CEIL, *SLIDE),
    "params": (_POOL_PARAMS,),
    "mult_adds": (Nothing(f"a max pool compares and does not multiply, and {WHOLE_COUNTS}"),),
}
AVG_POOL: Mapping[str, Rules] = {
    **MAX_POOL,
    "mult_adds": (Nothing(f"a mean adds and divides, and {WHOLE_COUNTS}"),),
}
GLOBAL_AVG_POOL: Mapping[str, Rules] = {
    "channels": SAME_CHANNELS,
    "size": (Rule("1", GAP, says="one mean for each channel"),),
    "params": (Nothing("no trainable parameters: the mean of each channel", GAP),),
    "mult_adds": AVG_POOL["mult_adds"],
}
ADAPTIVE_AVG_POOL: Mapping[str, Rules] = {
    **GLOBAL_AVG_POOL,
    "size": (Rule("n", "PyTorch's `AdaptiveAvgPool2d`", says="the size that was asked for, whatever the input"),),
}
SUBSAMPLING: Mapping[str, Rules] = {
    "channels": SAME_CHANNELS,
    "size": (Rule("floor((N - k) / k) + 1", f"{EQUATION_1}, with stride k and no padding"),),
    "params": (Rule("2 * C_in", f"{LECUN}, section II-B", says="a coefficient and a bias for each map"),),
    "mult_adds": (Nothing(f"a window is summed and scaled once, and {WHOLE_COUNTS}"),),
}
