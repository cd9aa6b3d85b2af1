"""Inception blocks of version 2: Szegedy, Vanhoucke, Ioffe, Shlens & Wojna, "Rethinking the Inception Architecture for
Computer Vision", arXiv:1512.00567.

Figures 5, 6 and 7, each as a network of its own on the map that it works on: I, a 5x5 convolution replaced by two 3x3;
II, n x n convolutions as 1xn and nx1, n = 7; III, expanded filter banks, 1x3 and 3x1 side by side. The kernels of II
and III are not square: single branches see more of one axis than of the other, and only the module as a whole sees as
much of both.

The figures have no widths. They are those of the last module of each kind in the authors' code of Inception v3
(Mixed_5d, Mixed_6e and Mixed_7c), whose output has the channels of its input. That code has a 5x5 convolution in module
I where Figure 5 has a 3x3: `inception_block_v2_1` follows the figure, `inception_block_v2_1_torchvision` the code.
Inputs: the 35x35, 17x17 and 8x8 maps of that code.
"""

from archcalc.graph import Choice, Value, Whole
from archcalc.zoo import Family, Reference, Variant
from archcalc.zoo.inception_v3 import AUTHORS, SOURCE, TITLE, inception_a, inception_c, inception_e


def module(x: Value, kind: str = "I", kernel: int = 3, width: int = 192) -> Value:
    if kind == "I":
        return inception_a(x, 64, kernel)
    return inception_c(x, width) if kind == "II" else inception_e(x)


V3 = {"aux_logits": False}

FAMILIES = (
    Family(
        title=TITLE,
        authors=AUTHORS,
        year=2015,
        source=SOURCE,
        documents=("003",),
        build=module,
        hyperparameters={
            "kind": Choice(("I", "II", "III"), "I: a 5x5 as two 3x3, II: 7x7 as 1x7 and 7x1, III: 1x3 beside 3x1"),
            "kernel": Choice((3, 5), "side of the lone square convolution of kind I"),
            "width": Whole(1, 1_000_000, "channels of the 7-wide convolutions of kind II"),
        },
        variants={
            "inception_block_v2_1": Variant("I: 5x5 as two 3x3", (288, 35, 35)),
            "inception_block_v2_1_torchvision": Variant("I, a 5x5 beside them", (288, 35, 35), {"kernel": 5}),
            "inception_block_v2_2": Variant("II: 7x7 as 1x7 and 7x1", (768, 17, 17), {"kind": "II"}),
            "inception_block_v2_3": Variant("III: 1x3 beside 3x1", (2048, 8, 8), {"kind": "III"}),
        },
        references={
            "inception_block_v2_1": Reference("torchvision", "inception_v3", V3, {"kernel": 5}, part="Mixed_5d"),
            "inception_block_v2_1_torchvision": Reference("torchvision", "inception_v3", V3, part="Mixed_5d"),
            "inception_block_v2_2": Reference("torchvision", "inception_v3", V3, part="Mixed_6e"),
            "inception_block_v2_3": Reference("torchvision", "inception_v3", V3, part="Mixed_7c"),
        },
    ),
)
