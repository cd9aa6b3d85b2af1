"""Convolutions alone, as in tables that leave the classifier out."""

from __future__ import annotations

from archcalc.conventions import Convention, Term

CONVENTIONS = (
    Convention(
        "mult_adds_of_convolutions",
        "multiply-accumulates of convolutions only: linear layers and matrix products are left out",
        "Howard et al. 2017, arXiv:1704.04861, Table 8: 15300 million for VGG 16 (its convolutions: 15,347)",
        "mult-adds",
        dict.fromkeys(("conv", "conv_transpose", "table_conv"), (Term(1, "multiply_accumulate"),)),
    ),
)
