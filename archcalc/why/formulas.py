"""The general formula of every quantity of every kind of op, with its source: data.

A quantity has rules in order; the first whose condition (`archcalc.why.conditions`) holds is the one.
`height` and `width` share the rules of `size`, which speak of one axis: N is its input size, k its kernel. Shapes are
read as (channels, height, width), wherever the op keeps its channels.
"""

from __future__ import annotations

from collections.abc import Mapping

from archcalc.why.rules import (
    EQUATION_3,
    KEEPS,
    LECUN,
    SAME_SIZE,
    SWIN,
    UNLEARNT,
    WHOLE_COUNTS,
    Nothing,
    Rule,
    Rules,
)
from archcalc.why.windows import (
    ADAPTIVE_AVG_POOL,
    AVG_POOL,
    CONV,
    CONV_TRANSPOSE,
    GLOBAL_AVG_POOL,
    MAX_POOL,
    SUBSAMPLING,
    TABLE_CONV,
)

LINEAR: Mapping[str, Rules] = {
    "channels": (Rule("C_out", says="one value for each neuron"),),
    "size": SAME_SIZE,
    "params": (
        Rule("(C_in + 1) * C_out", EQUATION_3, "bias", "a weight for each input and a bias, for each neuron"),
        Rule(
            "C_in * C_out", f"{EQUATION_3}, without its + 1", says="a weight for each input, for each neuron; no bias"
        ),
    ),
    "mult_adds": (
        Rule("C_in * C_out", "document 003, VGG parameters and memory (FC)", "vector", "each weight is used once"),
        Rule(
            "H * W * C_in * C_out", f"{EQUATION_3}, at every position", "map", "each weight is used at every position"
        ),
        Rule("T * C_in * C_out", f"{EQUATION_3}, for every vector", says="each weight is used for every vector"),
    ),
}
RADIAL_BASIS: Mapping[str, Rules] = {
    "channels": (Rule("C_out", says="one distance for each prototype"),),
    "params": (Nothing("the prototypes are set by hand, not learnt: they are buffers", f"{LECUN}, equation (7)"),),
    "buffers": (Rule("C_in * C_out", f"{LECUN}, equation (7)", says="the components of the prototypes"),),
    "mult_adds": (Nothing(f"squares of differences are summed, and {WHOLE_COUNTS}"),),
}

_NORM_WORK = (Nothing(f"each value is scaled and shifted, and {WHOLE_COUNTS}"),)
BATCH_NORM: Mapping[str, Rules] = {
    **KEEPS,
    "params": (
        Rule("2 * C_in", "Ioffe & Szegedy 2015, arXiv:1502.03167", "affine", "a scale and a shift for each channel"),
        Nothing("without scale and shift nothing is learnt"),
    ),
    "buffers": (
        Rule(
            "2 * C_in", "Ioffe & Szegedy 2015, arXiv:1502.03167", says="a running mean and a variance for each channel"
        ),
    ),
    "mult_adds": _NORM_WORK,
}
LAYER_NORM: Mapping[str, Rules] = {
    **KEEPS,
    "params": (Rule("2 * C_in", "Ba et al. 2016, arXiv:1607.06450", says="a scale and a shift for each channel"),),
    "mult_adds": _NORM_WORK,
}
LOCAL_RESPONSE_NORM: Mapping[str, Rules] = {
    **KEEPS,
    "params": (Nothing("its constants are set by hand", "Krizhevsky et al. 2012, section 3.3"),),
    "mult_adds": (Nothing(f"each value is divided by a power of a sum of squares, and {WHOLE_COUNTS}"),),
}
CHANNEL_SCALE: Mapping[str, Rules] = {
    **KEEPS,
    "params": (Rule("C_in", "Touvron et al. 2021, arXiv:2103.17239, equation (4)", says="a factor for each channel"),),
    "mult_adds": _NORM_WORK,
}

_MERGE_PARAMS = (Nothing("joining branches has nothing to learn"),)
MERGE: Mapping[str, Rules] = {
    **KEEPS,
    "params": _MERGE_PARAMS,
    "mult_adds": (Nothing(f"it works on one value of each branch at a time, and {WHOLE_COUNTS}"),),
}
CONCAT: Mapping[str, Rules] = {
    **KEEPS,
    "channels": (
        Rule(
            "sum(C_l over l)", "document 004, the naive Inception module", says="the channels of all branches together"
        ),
    ),
    "params": _MERGE_PARAMS,
    "mult_adds": (Nothing("it only puts channels side by side"),),
}
BILINEAR_SAMPLE: Mapping[str, Rules] = {
    **MERGE,
    "size": (Rule("n", "Jaderberg et al. 2015, arXiv:1506.02025", says="the size of the grid"),),
    "mult_adds": (Nothing(f"a value is a mean of its four neighbours, without weights, and {WHOLE_COUNTS}"),),
}
AFFINE_GRID: Mapping[str, Rules] = {
    "channels": (Rule("2", "Jaderberg et al. 2015, arXiv:1506.02025, equation (1)", says="x and y of each point"),),
    "size": (Rule("n", says="the size that was asked for"),),
    "params": (Nothing("the six numbers of the map come from the network"),),
    "mult_adds": (Nothing(f"it has no weights, and {WHOLE_COUNTS}"),),
}
WINDOW_ATTENTION: Mapping[str, Rules] = {
    "channels": (Rule("C_in / 3", f"{SWIN}, equation (4)", says="queries, keys and values come as one map"),),
    "size": SAME_SIZE,
    "params": (
        Rule("(2 * m - 1)^2 * h", f"{SWIN}, equation (4)", says="a bias for each relative place, for each head"),
    ),
    "mult_adds": (
        Rule("2 * m^2 * H * W * C_out", f"{SWIN}, equation (2)", says="queries by keys, and weights by values"),
    ),
}

_LAYOUT: Mapping[str, Rules] = {
    **KEEPS,
    "params": (Nothing("moving values has nothing to learn"),),
    "mult_adds": (Nothing("it only moves values"),),
}
PATCH_MERGING: Mapping[str, Rules] = {
    **_LAYOUT,
    "channels": (Rule("4 * C_in", f"{SWIN}, section 3.1", says="the four positions of each square side by side"),),
    "size": (
        Rule("ceil(N / 2)", f"{SWIN}, section 3.1", says="one position for each square; an odd size is filled up"),
    ),
}
CROP: Mapping[str, Rules] = {
    **_LAYOUT,
    "size": (Rule("N - c_before - c_after", says="what is cut off on both sides is gone"),),
}
ZERO_PAD: Mapping[str, Rules] = {
    **_LAYOUT,
    "channels": (Rule("C_in + a_front + a_back", says="channels of zeros are put before and after"),),
    "size": (Rule("N + a_before + a_after", says="zeros are put on both sides"),),
}
SUBSAMPLE: Mapping[str, Rules] = {
    **_LAYOUT,
    "size": (
        Rule(
            "ceil(N / s)", "He et al. 2015, arXiv:1512.03385, section 3.3", says="every s-th position, from the first"
        ),
    ),
}
FLATTEN: Mapping[str, Rules] = {
    **_LAYOUT,
    "channels": (
        Rule(
            "C_in * H * W",
            "document 003, VGG parameters and memory (7 * 7 * 512 inputs of FC)",
            "map",
            "all values in one vector",
        ),
        Rule("C_in * T", "", "tokens", "all values in one vector"),
        Rule("C_in", says="a vector stays one"),
    ),
    "size": (),
}
SLICE: Mapping[str, Rules] = {**_LAYOUT, "channels": (Rule("c_stop - c_start", says="the channels that are picked"),)}

ACTIVATION: Mapping[str, Rules] = {
    **KEEPS,
    "params": (Nothing(UNLEARNT),),
    "mult_adds": (Nothing(f"a function of each value multiplies by no weights, and {WHOLE_COUNTS}"),),
}
DROPOUT: Mapping[str, Rules] = {**ACTIVATION, "mult_adds": (Nothing("at inference it does nothing"),)}
INPUT: Mapping[str, Rules] = {
    "channels": (Rule("C_in", says="the input as given"),),
    "size": (Rule("N", says="the input as given"),),
    "params": (Nothing("the input is given"),),
    "mult_adds": (Nothing("the input is given"),),
}

FORMULAS: Mapping[str, Mapping[str, Rules]] = {
    "input": INPUT,
    "conv": CONV,
    "conv_transpose": CONV_TRANSPOSE,
    "table_conv": TABLE_CONV,
    "max_pool": MAX_POOL,
    "avg_pool": AVG_POOL,
    "global_avg_pool": GLOBAL_AVG_POOL,
    "adaptive_avg_pool": ADAPTIVE_AVG_POOL,
    "subsampling": SUBSAMPLING,
    "linear": LINEAR,
    "radial_basis": RADIAL_BASIS,
    "batch_norm": BATCH_NORM,
    "layer_norm": LAYER_NORM,
    "local_response_norm": LOCAL_RESPONSE_NORM,
    "channel_scale": CHANNEL_SCALE,
    "add": MERGE,
    "multiply": MERGE,
    "concat": CONCAT,
    "bilinear_sample": BILINEAR_SAMPLE,
    "affine_grid": AFFINE_GRID,
    "window_attention": WINDOW_ATTENTION,
    "patch_merging": PATCH_MERGING,
    "crop": CROP,
    "zero_pad": ZERO_PAD,
    "subsample": SUBSAMPLE,
    "flatten": FLATTEN,
    "slice": SLICE,
    "channel_shuffle": _LAYOUT,
    "channels_last": _LAYOUT,
    "channels_first": _LAYOUT,
    "dropout": DROPOUT,
    **dict.fromkeys(
        (
            "relu",
            "relu6",
            "sigmoid",
            "tanh",
            "silu",
            "gelu",
            "hard_swish",
            "hard_sigmoid",
            "softmax",
            "scale",
            "complement",
        ),
        ACTIVATION,
    ),
}
"""For every kind of op its rules by quantity: channels, size, params, buffers, mult_adds."""

NO_BUFFERS: Rules = (Nothing("it keeps no running statistics and no constants"),)
