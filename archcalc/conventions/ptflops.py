"""ptflops: multiply-accumulates and further operations in one sum, which it prints as GMac.

It has two backends. `pytorch` hooks modules and replaces functions of `torch.nn.functional`; a module that calls a
replaced function is counted twice. `aten` watches the operators that PyTorch dispatches.

Source: ptflops 0.7.5, `pytorch_ops.py` (MODULES_MAPPING, FUNCTIONAL_MAPPING, TENSOR_OPS_MAPPING), `pytorch_engine.py`
(patch_functional, patch_tensor_ops), `aten_ops.py`.
"""

from __future__ import annotations

from archcalc.conventions import PRODUCTS, Bug, Convention, Term

TWICE = Bug(
    "a module is counted by its hook, and once more by the function that it calls",
    "0.7.5",
    "nn.ReLU in MODULES_MAPPING calls F.relu, which patch_functional replaces: twice the elements",
)

REPEATED = Bug(
    "a matrix product whose first factor is repeated for several second ones is counted once",
    "0.7.5",
    "(5, 4) @ (3, 4, 7) gives 140, not 420: _matmul_tensor_flops_hook multiplies the first factor's values",
)
BATCH = Bug(
    "of a batch, modules are counted for one image and functions for all",
    "0.7.5",
    "nn.ReLU on 840 values gives 1,680 for one image and 2,520 for two",
)

_ELEMENTS = (Term(1, "elements"), Term(1, "elements", TWICE))
_POOL = (Term(1, "pool_input"), Term(1, "pool_input", TWICE))
_ADAPTIVE = (Term(1, "input_elements"), Term(1, "input_elements", TWICE))
_PRODUCT = (Term(1, "multiply_accumulate"), Term(1, "bias"))

_RECURRENT = (Term(1, "multiply_accumulate"), Term(1, "gate_biases"))

CONVENTIONS = (
    Convention(
        "ptflops",
        "multiply-accumulates and biases, two for a batch norm's value, one for an activation's, one for each value "
        "that a pool reads",
        "ptflops/pytorch_ops.py and pytorch_engine.py, backend pytorch",
        "Macs (mixed)",
        {
            "conv": _PRODUCT,
            "conv_transpose": _PRODUCT,
            "table_conv": (Term(1, "multiply_accumulate"), Term(1, "elements")),
            "linear": _PRODUCT,
            "batch_norm": (Term(1, "elements"), Term(1, "affine_elements")),
            "layer_norm": (Term(1, "last_axis_elements"),),
            "local_response_norm": (Term(3, "elements"), Term(1, "padded_squares")),
            "group_norm": (Term(1, "elements"), Term(1, "affine_elements")),
            "prelu": _ELEMENTS,
            "resize": (Term(1, "elements"),),
            "matmul": (Term(1, "multiply_accumulate"), Term(-1, "repeated_products", REPEATED)),
            "rnn": (*_RECURRENT, Term(1, "state_values")),
            "gru": (*_RECURRENT, Term(7, "state_values")),
            "lstm": (*_RECURRENT, Term(10, "state_values")),
            "relu": _ELEMENTS,
            "relu6": (Term(1, "elements"),),
            "gelu": _ELEMENTS,
            "silu": (Term(1, "elements"),),
            "softmax": (Term(1, "elements"),),
            "max_pool": _POOL,
            "avg_pool": _POOL,
            "global_avg_pool": _ADAPTIVE,
            "adaptive_avg_pool": _ADAPTIVE,
            "adaptive_max_pool": _ADAPTIVE,
            "subsampling": (Term(1, "input_elements"),),
        },
        "ptflops",
        "0.7.5",
        notes=(
            "Operators (`+`, `*`, `@`) are not seen; torch.add, torch.mul and torch.matmul are.",
            "A subclass of a module that it knows is not counted, such as the LayerNorm over the first axis.",
        ),
        other_bugs=(BATCH,),
    ),
    Convention(
        "ptflops_aten",
        "multiply-accumulates and biases of convolutions and matrix products",
        "ptflops/aten_ops.py, backend aten",
        "Macs (mixed)",
        dict.fromkeys(PRODUCTS, (Term(1, "multiply_accumulate"),))
        | {"conv": _PRODUCT, "conv_transpose": _PRODUCT, "linear": _PRODUCT}
        | {"given_conv": _PRODUCT, "given_conv_transpose": _PRODUCT, "given_linear": _PRODUCT}
        | dict.fromkeys(("rnn", "gru", "lstm"), _RECURRENT)
        | {"table_conv": (Term(1, "multiply_accumulate"), Term(1, "elements"))},
        "ptflops",
        "0.7.5",
    ),
)
