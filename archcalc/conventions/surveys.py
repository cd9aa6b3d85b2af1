"""The counters of two surveys of networks, and netscope, which draws Caffe's networks.

Canziani, Culurciello & Paszke 2017, "An Analysis of Deep Neural Network Models for Practical Applications",
arXiv:1605.07678: apaszke/torch-opCounter. Bianco, Cadene, Celona & Napoletano 2018, "Benchmark Analysis of
Representative Deep Neural Network Architectures", arXiv:1810.00736: CeLuigi/models-comparison.pytorch. Netscope:
dgschwend/netscope, whose analyzer prints five columns.
"""

from __future__ import annotations

from archcalc.conventions import Bug, Convention, Term, Terms

ALL_GROUPS = Bug(
    "a convolution with groups is counted without them",
    "before 2017-07-16",
    "ops_convolution of src/profiler.lua until commit 51fe09b takes all input planes for every output value",
)
NO_BIAS = Bug(
    "a bias is counted for convolutions that have none",
    "before 2017-07-16",
    "ops_convolution of src/profiler.lua until commit 51fe09b: bias_ops = 1",
)
FLOOR = Bug(
    "a pool that rounds its size up is counted with its size rounded down",
    "all",
    "ops_pooling of src/profiler.lua: math.floor, whatever the module's ceil_mode",
)
UNDEFINED = Bug(
    "a transposed convolution stops the counter with an error",
    "since 2016-05-15",
    "ops_fullconvolution of src/profiler.lua reads output_planes, which is defined nowhere",
)
BATCHLESS = Bug(
    "a network whose Data layer has a crop size gets NaN for every count",
    "2018-01-30 to 2018-07-12",
    "src/analyzer.coffee since commit fc06e1c leaves the batch undefined; the presets alexnet, caffenet, nin",
)
BIAS_GROUPS = Bug(
    "the biases of a convolution are divided by its groups",
    "all",
    "conv_flops_counter_hook of pretrainedmodels/utils.py divides products and biases together",
)
IDLE = Bug(
    "dropout is counted as comparisons at inference, where it does nothing",
    "to 2018-07-12",
    "src/analyzer.coffee treats dropout as relu",
)
SUMMED = Bug(
    "a product of two maps is counted as a sum",
    "to 2018-07-12",
    "src/analyzer.coffee reads n.eltwise_param, which no layer has, for the operation of an Eltwise: always SUM",
)
UNGROUPED = Bug(
    "a deconvolution with groups is counted without them",
    "to 2018-07-12",
    "src/analyzer.coffee, deconvolution, reads no group",
)

_ELEMENTS = (Term(1, "elements"),)
_WINDOW = (Term(1, "window"),)
_READS = (Term(1, "input_elements"),)
_POOL = (Term(1, "window"), Term(-1, "window_lost_to_ceil", FLOOR))

_OPERATIONS = (
    "two for a multiply-accumulate, one for a bias, an activation's value, each position of a pool's window, each "
    "input value of a sum; batch norm nothing"
)
_COUNTER: Terms = {
    "conv": (Term(2, "multiply_accumulate"), Term(1, "bias")),
    "linear": (Term(2, "multiply_accumulate"), Term(1, "bias")),
    "relu": _ELEMENTS,
    "max_pool": _POOL,
    "avg_pool": _POOL,
    "global_avg_pool": _READS,
    "adaptive_avg_pool": (Term(1, "add"),),
    "add": (Term(1, "all_input_elements"),),
}
_REFUSED = (
    "Modules that are not listed stop the counter with an error.",
    "It counts three for a value of LogSoftMax, and refuses SoftMax.",
)


def _netscope(column: str, unit: str, terms: Terms) -> Convention:
    return Convention(
        f"netscope_{column}",
        f"the column {column} of netscope: {unit}",
        "src/analyzer.coffee of dgschwend/netscope, commit 8ae36d8",
        unit,
        terms,
        "netscope",
        "commit 8ae36d8 2018-07-12",
        notes=("Layers that it does not know, such as Sigmoid, stop it with an error.",),
        other_bugs=(BATCHLESS,),
    )


CONVENTIONS = (
    Convention(
        "canziani_2017",
        _OPERATIONS,
        "Canziani et al. 2017, arXiv:1605.07678, counted with src/profiler.lua of apaszke/torch-opCounter",
        "operations",
        _COUNTER
        | {
            "conv": (
                *_COUNTER["conv"],
                Term(2, "other_groups", ALL_GROUPS),
                Term(1, "absent_bias", NO_BIAS),
            ),
        },
        "torch-opCounter",
        "2016-10-09 to 2017-07-15",
        notes=("Until 2016-10-09 a pool was counted for one channel (commit 2c780c7).", *_REFUSED),
        other_bugs=(UNDEFINED,),
    ),
    Convention(
        "torch_opcounter",
        _OPERATIONS,
        "src/profiler.lua of apaszke/torch-opCounter, the counter of Canziani et al. 2017, since commit 51fe09b",
        "operations",
        _COUNTER,
        "torch-opCounter",
        "commit e610ceb 2017-11-16",
        notes=_REFUSED,
        other_bugs=(UNDEFINED,),
    ),
    Convention(
        "bianco_2018",
        "two for a multiply-accumulate of convolutions, one for their biases; linear layers and all else not",
        "Bianco et al. 2018, arXiv:1810.00736, counted with pretrainedmodels/utils.py of "
        "CeLuigi/models-comparison.pytorch",
        "FLOPs",
        {
            "conv": (
                Term(2, "multiply_accumulate"),
                Term(1, "bias"),
                Term(-1, "bias_of_other_groups", BIAS_GROUPS),
            ),
            "table_conv": (Term(2, "multiply_accumulate"), Term(1, "elements")),
        },
        "models-comparison.pytorch",
        "2021-01-07",
        notes=("The paper prints half of this count, as G-FLOPs.",),
    ),
    _netscope(
        "macc",
        "multiply-accumulates",
        {
            "conv": (Term(1, "multiply_accumulate"),),
            "table_conv": (Term(1, "multiply_accumulate"),),
            "linear": (Term(1, "multiply_accumulate"),),
            "conv_transpose": (
                Term(1, "strided_spread"),
                Term(1, "strided_spread_of_other_groups", UNGROUPED),
            ),
            "batch_norm": (Term(1, "affine_elements"),),
            "local_response_norm": (Term(1, "neighbours"),),
            "channel_scale": _ELEMENTS,
            "multiply": (Term(1, "gated_elements"),),
            "scale": _ELEMENTS,
            "complement": _ELEMENTS,
        },
    ),
    _netscope(
        "comp",
        "comparisons",
        {
            "relu": _ELEMENTS,
            "relu6": _ELEMENTS,
            "max_pool": _WINDOW,
            "dropout": (Term(1, "elements", IDLE),),
        },
    ),
    _netscope(
        "add",
        "additions",
        {
            "batch_norm": _ELEMENTS,
            "local_response_norm": _ELEMENTS,
            "softmax": _ELEMENTS,
            "avg_pool": _WINDOW,
            "global_avg_pool": _READS,
            "adaptive_avg_pool": (Term(1, "add"),),
            "multiply": (Term(1, "paired_elements", SUMMED),),
            "add": _ELEMENTS,
            "complement": _ELEMENTS,
        },
    ),
    _netscope(
        "div",
        "divisions",
        {"batch_norm": _ELEMENTS, "local_response_norm": (Term(2, "elements"),), "softmax": _ELEMENTS},
    ),
    _netscope("exp", "exponentials and powers", {"local_response_norm": _ELEMENTS, "softmax": _ELEMENTS}),
)
