"""fvcore's FlopCountAnalysis: one for a multiply-accumulate, with norms and adaptive pools in the same sum.

Source: fvcore 0.1.5, `nn/flop_count.py` (which operators) and `nn/jit_handles.py` (how much each).
"""

from __future__ import annotations

from archcalc.conventions import Bug, Convention, Term

SAME = Bug(
    'a convolution with padding="same" is counted as nothing',
    "0.1.5.post20221221",
    'nn.Conv2d(6, 8, 3, padding="same") on 6 x 10 x 14 gives 0, not 60,480: aten::_convolution_mode has no handler',
)
ATTENTION = Bug(
    "scaled dot-product attention is counted as nothing",
    "0.1.5.post20221221",
    "F.scaled_dot_product_attention on 3 heads of 5 x 12 gives 0, not 1,800 multiply-accumulates",
)

REPEATED = Bug(
    "a matrix product whose first factor is repeated for several second ones is counted once",
    "0.1.5.post20221221",
    "(5, 4) @ (3, 4, 7) gives 140, not 420: matmul_flop_jit multiplies the first shape with the last size",
)

CONVENTIONS = (
    Convention(
        "fvcore",
        "multiply-accumulates; two for a batch norm's value, five for a layer norm's, one for each value that an "
        "adaptive pool of an image reads, four for a sampled value",
        "fvcore/nn/jit_handles.py: conv_flop_jit, addmm_flop_jit, matmul_flop_jit, batchnorm_flop_jit, "
        "norm_flop_counter(5), elementwise_flop_counter",
        "FLOPs (MACs)",
        dict.fromkeys(
            ("conv", "conv_transpose", "table_conv", "linear", "window_attention", "einsum"),
            (Term(1, "multiply_accumulate"),),
        )
        | dict.fromkeys(("given_conv", "given_conv_transpose", "given_linear"), (Term(1, "multiply_accumulate"),))
        | {
            "matmul": (Term(1, "multiply_accumulate"), Term(-1, "repeated_products", REPEATED)),
            "group_norm": (Term(4, "elements"), Term(1, "affine_elements")),
            "resize": (Term(1, "nearest_elements"), Term(4, "bilinear_elements")),
            "batch_norm": (Term(1, "elements"), Term(1, "affine_elements")),
            "layer_norm": (Term(4, "elements"), Term(1, "affine_elements")),
            "global_avg_pool": (Term(1, "image_input_elements"),),
            "adaptive_avg_pool": (Term(1, "image_input_elements"),),
            "bilinear_sample": (Term(4, "elements"),),
        },
        "fvcore",
        "0.1.5.post20221221",
        other_bugs=(SAME, ATTENTION),
    ),
)
