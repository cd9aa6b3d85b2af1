"""EfficientNet: Tan & Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", ICML 2019,
arXiv:1905.11946.

Table 1 is B0: the mobile inverted bottlenecks of MnasNet (MBConv), all with squeeze-and-excitation, whose inner layer
has a quarter of the channels that enter the block. B1 to B7 multiply all channels by `width`, rounded to the nearest
multiple of 8 but not more than 10 % down, and the blocks of each stage by `depth`, rounded up. The paper gives the
rule of scaling, the authors' TensorFlow code the multipliers and the input sizes. Drop connect has no cost and is
left out.

Convolutions pad all sides alike, as in torchvision; `_tf` has TensorFlow's "SAME" padding, as the authors' code and
timm's `tf_efficientnet` do: the odd row at the bottom and the right where the stride is 2. Sizes, parameters and
mult-adds are the same, the receptive field is shifted. Torchvision evaluates B2 at 288 px instead of 260.

The authors' README prints 9.2M parameters for B2, which has 9.11M here, in torchvision and in timm, and 37B mult-adds
for B7, which has 37.75B at the size of the code. B4 and B5 have 4.39B and 10.27B.
"""

from math import ceil

from archcalc.graph import Real, Switch, Value, block, row
from archcalc.ops.layout import Flatten
from archcalc.ops.linear import Linear
from archcalc.ops.pointwise import Dropout, SiLU
from archcalc.ops.pool import GlobalAvgPool
from archcalc.zoo import CLASSES, Family, Reference, Variant
from archcalc.zoo._blocks import conv_norm
from archcalc.zoo.mnasnet import mbconv, rounded

# Table 1, stages 2 to 8: expansion, kernel, stride of the first block, channels, blocks
TABLE = (
    (1, 3, 1, 16, 1),
    (6, 3, 2, 24, 2),
    (6, 5, 2, 40, 2),
    (6, 3, 2, 80, 3),
    (6, 5, 1, 112, 3),
    (6, 5, 2, 192, 4),
    (6, 3, 1, 320, 1),
)

# width, depth, input size, dropout
SCALING = {
    "b0": (1.0, 1.0, 224, 0.2),
    "b1": (1.0, 1.1, 240, 0.2),
    "b2": (1.1, 1.2, 260, 0.3),
    "b3": (1.2, 1.4, 300, 0.3),
    "b4": (1.4, 1.8, 380, 0.4),
    "b5": (1.6, 2.2, 456, 0.4),
    "b6": (1.8, 2.6, 528, 0.5),
    "b7": (2.0, 3.1, 600, 0.5),
}


def efficientnet(
    x: Value, width: float = 1.0, depth: float = 1.0, dropout: float = 0.2, tf: bool = False, classes: int = 1000
) -> Value:
    padding = "same" if tf else None
    x = conv_norm("stage1.conv", x, rounded(32 * width), 3, 2, padding, activation=SiLU)
    for stage, (expansion, kernel, stride, channels, blocks) in enumerate(TABLE, 2):
        for number in range(ceil(blocks * depth)):
            x = block(
                f"stage{stage}.{number}",
                mbconv,
                x,
                rounded(channels * width),
                expansion,
                kernel,
                stride if number == 0 else 1,
                gated=True,
                activation=SiLU,
                padding=padding,
            )
    x = conv_norm("stage9.conv", x, rounded(1280 * width), 1, activation=SiLU)
    x = row("stage9.avgpool", x, GlobalAvgPool())
    return row("stage9.classifier", x, Flatten(), Dropout(dropout), Linear(classes))


def _variant(model: str, tf: bool = False) -> Variant:
    width, depth, size, dropout = SCALING[model]
    settings = {"width": width, "depth": depth, "dropout": dropout}
    summary = f"width {width}, depth {depth}"
    if tf:
        return Variant(f"{model.upper()}, SAME padding", (3, size, size), {**settings, "tf": True})
    return Variant(summary, (3, size, size), settings)


def _torchvision(model: str) -> Reference:
    differs = {"input": "torchvision's B2 is for 288, the authors' and timm's for 260"} if model == "b2" else {}
    return Reference("torchvision", f"efficientnet_{model}", differs=differs)


FAMILIES = (
    Family(
        title="EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks",
        authors="Tan & Le",
        year=2019,
        source="arXiv:1905.11946",
        documents=("003",),
        build=efficientnet,
        hyperparameters={
            "width": Real(0.01, 16, "multiplier of all channels"),
            "depth": Real(0.01, 100, "multiplier of the blocks of a stage"),
            "dropout": Real(0, 1, "probability of dropout before the classifier"),
            "tf": Switch("TensorFlow's SAME padding"),
            "classes": CLASSES,
        },
        variants={
            **{f"efficientnet_{model}": _variant(model) for model in SCALING},
            **{f"efficientnet_{model}_tf": _variant(model, tf=True) for model in SCALING},
        },
        references={
            **{f"efficientnet_{model}": _torchvision(model) for model in SCALING},
            **{f"efficientnet_{model}_tf": Reference("timm", f"tf_efficientnet_{model}") for model in SCALING},
        },
    ),
)
