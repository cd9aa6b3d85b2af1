"""PyTorch's FlopCounterMode: two for a multiply-accumulate of convolutions and matrix products, nothing else.

Source: `torch/utils/flop_counter.py` (2.13), `conv_flop_count` and the registrations of mm, addmm, bmm, baddbmm.
"""

from __future__ import annotations

from archcalc.conventions import PRODUCTS, Bug, Convention, Term

ATTENTION = Bug(
    "scaled dot-product attention on a CPU is counted as nothing",
    "2.13.0",
    "F.scaled_dot_product_attention on 3 heads of 5 x 12 gives 0, not 3,600: the CPU's kernel is not registered; "
    "pytorch/pytorch#195460",
)

RECURRENT = Bug(
    "an LSTM that runs as one kernel is counted as nothing",
    "2.13.0",
    "nn.LSTM(5, 7) on 6 steps gives 0 with oneDNN, 4,032 without; cuDNN's kernel is not registered either",
)

CONVENTIONS = (
    Convention(
        "torch",
        "two for each multiply-accumulate of convolutions and matrix products",
        "torch/utils/flop_counter.py: FlopCounterMode",
        "FLOPs",
        dict.fromkeys(PRODUCTS, (Term(2, "multiply_accumulate"),)),
        "torch",
        "2.13.0",
        other_bugs=(ATTENTION, RECURRENT),
    ),
)
