"""DeepSpeed's FlopsProfiler, and calflops, which began as a copy of it: functions of PyTorch replaced by counting ones.

Both return two numbers, FLOPs and MACs. Source: DeepSpeed 0.19.8, `profiling/flops_profiler/profiler.py`; calflops
0.3.2, `pytorch_ops.py`.
"""

from __future__ import annotations

from archcalc.conventions import Bug, Convention, Term

REGROUPED = Bug(
    "a transposed convolution with groups is divided by its groups twice",
    "0.3.2",
    "_conv_trans_flops_compute divides the weight's second axis, which is out / groups already; a depthwise one is 0",
)
OUTPUT_SIZE = Bug(
    "the biases of a transposed convolution are counted on the output of a plain convolution",
    "0.3.2",
    "_conv_trans_flops_compute: (input + 2 padding - extent) // stride + 1",
)

EVEN = Bug(
    'a convolution with an even kernel and padding="same" is counted on an output that is one smaller',
    "calflops 0.3.2, DeepSpeed 0.19.8",
    'nn.Conv2d(6, 8, 4, padding="same") on 6 x 10 x 14 gives 89,856 MACs, not 107,520: floor(3 / 2) on both sides',
)
PARAMETERLESS = Bug(
    "a network without parameters ends in StopIteration, and PyTorch's functions stay replaced",
    "0.3.2",
    "calculate_flops(nn.ReLU(), ...); the functions are not put back where it raises",
)

REPEATED = Bug(
    "a matrix product whose first factor is repeated for several second ones is counted once",
    "calflops 0.3.2, DeepSpeed 0.19.8",
    "(5, 4) @ (3, 4, 7) gives 140 MACs, not 420: _matmul_flops_compute multiplies the first factor's values",
)
CHANNELS = Bug(
    "a map that is brought to a given size is counted for one channel",
    "calflops 0.3.2, DeepSpeed 0.19.8",
    "F.interpolate of 3 x 6 x 4 to 12 x 12 gives 144, not 432: the product of `size`",
)

_MACS = (Term(1, "multiply_accumulate"),)
_TWO = (Term(2, "multiply_accumulate"),)
_GATES = (*_TWO, Term(1, "gate_biases"))
_GIVEN_MACS = (Term(1, "multiply_accumulate"), Term(-1, "repeated_products", REPEATED))
_BIASED = (*_TWO, Term(1, "bias"))
_ELEMENTS = (Term(1, "elements"),)
_READS = (Term(1, "input_elements"),)
_POINTWISE = {
    "batch_norm": (Term(1, "elements"), Term(1, "affine_elements")),
    "layer_norm": (Term(4, "elements"), Term(1, "affine_elements")),
    "group_norm": (Term(4, "elements"), Term(1, "affine_elements")),
    "local_response_norm": (Term(3, "elements"), Term(1, "padded_squares")),
    "relu": _ELEMENTS,
    "gelu": _ELEMENTS,
    "silu": _ELEMENTS,
    "softmax": _ELEMENTS,
    "prelu": _ELEMENTS,
    "resize": (Term(1, "positions", CHANNELS),),
    "matmul": (Term(2, "multiply_accumulate"), Term(-2, "repeated_products", REPEATED)),
    "rnn": (*_GATES, Term(-1, "state_values")),
    "gru": (*_GATES, Term(1, "state_values")),
    "lstm": (*_GATES, Term(2, "state_values")),
    "given_linear": _TWO,
    "max_pool": (Term(1, "pool_input"),),
    "avg_pool": (Term(1, "pool_input"),),
    "global_avg_pool": _READS,
    "adaptive_avg_pool": _READS,
    "adaptive_max_pool": _READS,
    "subsampling": _READS,
}
_FLOPS = (
    "two for a multiply-accumulate, biases of convolutions, two for a batch norm's value, five for a layer norm's, one "
    "for an activation's, one for each value that a pool reads"
)
_NOTES = (
    "Operators are not seen, except `@` by DeepSpeed; torch.add and torch.mul are.",
    "ReLU6 is not seen: it calls hardtanh.",
)
_CALFLOPS = "calflops/pytorch_ops.py"
_DEEPSPEED = "deepspeed/profiling/flops_profiler/profiler.py"

CONVENTIONS = (
    Convention(
        "calflops",
        "multiply-accumulates of convolutions and linear layers",
        _CALFLOPS,
        "MACs",
        {
            "conv": _MACS,
            "conv_transpose": (*_MACS, Term(-1, "regrouped_deficit", REGROUPED)),
            "table_conv": _MACS,
            "linear": _MACS,
            "matmul": _GIVEN_MACS,
            "given_conv": _MACS,
            "given_conv_transpose": (*_MACS, Term(-1, "regrouped_deficit", REGROUPED)),
            "given_linear": _MACS,
        },
        "calflops",
        "0.3.2",
        other_bugs=(EVEN, PARAMETERLESS),
    ),
    Convention(
        "calflops_flops",
        _FLOPS,
        _CALFLOPS,
        "FLOPs",
        {
            "conv": _BIASED,
            "conv_transpose": (
                *_BIASED,
                Term(-2, "regrouped_deficit", REGROUPED),
                Term(-1, "spread_bias_deficit", OUTPUT_SIZE),
            ),
            "table_conv": (*_TWO, Term(1, "elements")),
            "linear": _TWO,
            "given_conv": _BIASED,
            "given_conv_transpose": (
                *_BIASED,
                Term(-2, "regrouped_deficit", REGROUPED),
                Term(-1, "spread_bias_deficit", OUTPUT_SIZE),
            ),
            **_POINTWISE,
        },
        "calflops",
        "0.3.2",
        notes=_NOTES,
        other_bugs=(EVEN, PARAMETERLESS),
    ),
    Convention(
        "deepspeed",
        "multiply-accumulates of convolutions and matrix products",
        _DEEPSPEED,
        "MACs",
        dict.fromkeys(
            (
                *("conv", "conv_transpose", "table_conv", "linear", "window_attention"),
                *("given_conv", "given_conv_transpose", "given_linear"),
            ),
            _MACS,
        )
        | {"matmul": _GIVEN_MACS},
        "deepspeed",
        "0.19.8",
        other_bugs=(EVEN,),
    ),
    Convention(
        "deepspeed_flops",
        _FLOPS,
        _DEEPSPEED,
        "FLOPs",
        {
            "conv": _BIASED,
            "conv_transpose": _BIASED,
            "table_conv": (*_TWO, Term(1, "elements")),
            "linear": _TWO,
            "window_attention": _TWO,
            "given_conv": _BIASED,
            "given_conv_transpose": _BIASED,
            **_POINTWISE,
        },
        "deepspeed",
        "0.19.8",
        notes=_NOTES,
        other_bugs=(EVEN,),
    ),
)
