"""PyTorch's FlopCounterMode: two for a multiply-accumulate of convolutions and matrix products, nothing else.

Source: `torch/utils/flop_counter.py` (2.13), `conv_flop_count` and the registrations of mm, addmm, bmm, baddbmm.
"""

from __future__ import annotations

from archcalc.conventions import PRODUCTS, Convention, Term

CONVENTIONS = (
    Convention(
        "torch",
        "two for each multiply-accumulate of convolutions and matrix products",
        "torch/utils/flop_counter.py: FlopCounterMode",
        "FLOPs",
        dict.fromkeys(PRODUCTS, (Term(2, "multiply_accumulate"),)),
        "torch",
        "2.13.0",
    ),
)
