"""VGG: Simonyan & Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", arXiv:1409.1556.

Columns A, A-LRN, B, C, D and E of Table 1. Batch normalisation (`_bn`) came later; it keeps the convolution biases, as
torchvision does. `_torchvision` adds torchvision's adaptive 7x7 pool before fc6, so that its parameters do not change
with the input. Deviations from the paper: none in the names without these two endings.

`vgg11_lrn` normalises over 5 channels after the first convolution (A-LRN, the values of AlexNet); `vgg16_c` has 1x1
convolutions where `vgg16` has the third 3x3 of a group.
"""

from archcalc.graph import Choice, Switch, Value, row
from archcalc.ops.conv import Conv
from archcalc.ops.layout import Flatten
from archcalc.ops.linear import Linear
from archcalc.ops.norm import BatchNorm, LocalResponseNorm
from archcalc.ops.pointwise import Dropout, ReLU
from archcalc.ops.pool import AdaptiveAvgPool, MaxPool
from archcalc.zoo import CLASSES, Family, Reference, Variant

#            conv1    conv2     conv3     conv4     conv5
TABLE = {
    11: ((64, 1), (128, 1), (256, 2), (512, 2), (512, 2)),
    13: ((64, 2), (128, 2), (256, 2), (512, 2), (512, 2)),
    16: ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)),
    19: ((64, 2), (128, 2), (256, 4), (512, 4), (512, 4)),
}


def vgg(
    x: Value,
    depth: int = 16,
    batch_norm: bool = False,
    adaptive_pool: bool = False,
    lrn: bool = False,
    third_1x1: bool = False,
    classes: int = 1000,
) -> Value:
    for stage, (channels, layers) in enumerate(TABLE[depth], 1):
        for layer in range(1, layers + 1):
            conv = Conv(channels, 1) if third_1x1 and layer == 3 else Conv(channels, 3, padding=1)
            norm = (BatchNorm(),) if batch_norm else ()
            local = (LocalResponseNorm(5),) if lrn and stage == layer == 1 else ()
            x = row(f"conv{stage}_{layer}", x, conv, *norm, ReLU(), *local)
        x = row(f"pool{stage}", x, MaxPool(2, 2))
    if adaptive_pool:
        x = row("avgpool", x, AdaptiveAvgPool(7))
    x = row("fc6", x, Flatten(), Linear(4096), ReLU(), Dropout())
    x = row("fc7", x, Linear(4096), ReLU(), Dropout())
    return row("fc8", x, Linear(classes))


COLUMN = {11: "A", 13: "B", 16: "D", 19: "E"}
INPUT = (3, 224, 224)

FAMILIES = (
    Family(
        title="Very Deep Convolutional Networks for Large-Scale Image Recognition",
        authors="Simonyan & Zisserman",
        year=2014,
        source="arXiv:1409.1556",
        documents=("000", "001", "003", "004"),
        build=vgg,
        hyperparameters={
            "depth": Choice(tuple(TABLE), "weight layers"),
            "batch_norm": Switch("batch normalisation after every convolution"),
            "adaptive_pool": Switch("torchvision's adaptive 7x7 pool before the fully connected layers"),
            "lrn": Switch("local response normalisation after the first convolution, as in column A-LRN"),
            "third_1x1": Switch("the third convolution of a group is 1x1, as in column C"),
            "classes": CLASSES,
        },
        variants={
            **{f"vgg{n}": Variant(f"column {COLUMN[n]}", INPUT, {"depth": n}) for n in TABLE},
            "vgg11_lrn": Variant("column A-LRN", INPUT, {"depth": 11, "lrn": True}),
            "vgg16_c": Variant("column C, 1x1 layers", INPUT, {"depth": 16, "third_1x1": True}),
            **{
                f"vgg{n}_bn": Variant(f"column {COLUMN[n]}, batch norm", INPUT, {"depth": n, "batch_norm": True})
                for n in TABLE
            },
            **{
                f"vgg{n}_torchvision": Variant(
                    f"column {COLUMN[n]}, adaptive pool", INPUT, {"depth": n, "adaptive_pool": True}
                )
                for n in TABLE
            },
        },
        references={
            **{f"vgg{n}": Reference("torchvision", f"vgg{n}") for n in TABLE},
            **{name: Reference("account", name) for name in ("vgg11_lrn", "vgg16_c")},
            **{f"vgg{n}_bn": Reference("torchvision", f"vgg{n}_bn") for n in TABLE},
            **{f"vgg{n}_torchvision": Reference("torchvision", f"vgg{n}", size=(3, 256, 331)) for n in TABLE},
        },
    ),
)
