"""MobileNet v1: Howard et al., "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications",
arXiv:1704.04861.

Table 1, row by row. `width` is the paper's multiplier alpha, the input size its resolution multiplier rho: a name
such as `mobilenet_v1_0.75_192` gives both. Channels are rounded down, but not below 8 (the authors' TensorFlow code).

`_dogs120` are the networks of Table 10, with 120 outputs for Stanford Dogs. The mult-adds printed there are those with
1000 outputs, 0.9M more (0.7M with alpha 0.75).

Deviations: Table 1 prints stride 2 for the last depthwise convolution although its input and output are both 7x7:
stride 1. Padding is 1 on all sides, as in the PyTorch ports; TensorFlow's "SAME" puts it at the bottom and the right
where the stride is 2, which shifts the receptive field by one position and changes no size or count.
"""

from archcalc.algebra.dims import Dim, floor, maximum
from archcalc.graph import Real, Value, row
from archcalc.ops.conv import Conv
from archcalc.ops.layout import Flatten
from archcalc.ops.linear import Linear
from archcalc.ops.norm import BatchNorm
from archcalc.ops.pointwise import ReLU, Softmax
from archcalc.ops.pool import GlobalAvgPool
from archcalc.zoo import CLASSES, Family, Reference, Variant

# channels and stride of each depthwise separable convolution
TABLE = (
    (64, 1),
    (128, 2),
    (128, 1),
    (256, 2),
    (256, 1),
    (512, 2),
    *[(512, 1)] * 5,
    (1024, 2),
    (1024, 1),
)


def mobilenet_v1(x: Value, width: float = 1.0, classes: int = 1000) -> Value:
    def scaled(channels: int) -> Dim:
        return maximum(8, floor(channels * width))

    x = row("conv1", x, Conv(scaled(32), 3, 2, 1, bias=False), BatchNorm(), ReLU())
    for number, (channels, stride) in enumerate(TABLE, 2):
        depthwise = Conv(x.channels, 3, stride, 1, groups=x.channels, bias=False)
        x = row(f"conv{number}_dw", x, depthwise, BatchNorm(), ReLU())
        x = row(f"conv{number}_pw", x, Conv(scaled(channels), 1, bias=False), BatchNorm(), ReLU())
    x = row("avgpool", x, GlobalAvgPool())
    x = row("fc", x, Flatten(), Linear(classes))
    return row("softmax", x, Softmax())


PYTORCHCV = {1.0: "mobilenet_w1", 0.75: "mobilenet_w3d4", 0.5: "mobilenet_wd2", 0.25: "mobilenet_wd4"}
BY_NAME = {"input": "the size is in the name, and pytorchcv has one model for all sizes"}
SUMMARY = "alpha {}, {} px"
DOGS = tuple((width, size) for width in (1.0, 0.75) for size in (224, 192))

FAMILIES = (
    Family(
        title="MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications",
        authors="Howard et al.",
        year=2017,
        source="arXiv:1704.04861",
        documents=("000", "002"),
        build=mobilenet_v1,
        hyperparameters={"width": Real(0.01, 16, "multiplier alpha of all channels"), "classes": CLASSES},
        variants={
            **{
                f"mobilenet_v1_{width}_{size}": Variant(SUMMARY.format(width, size), (3, size, size), {"width": width})
                for width in (1.0, 0.75, 0.5, 0.25)
                for size in (224, 192, 160, 128)
            },
            **{
                f"mobilenet_v1_{width}_{size}_dogs120": Variant(
                    "Stanford Dogs", (3, size, size), {"width": width, "classes": 120}
                )
                for width, size in DOGS
            },
        },
        patterns={
            "mobilenet_v1_{width}_{size}": Variant("alpha and size by name", (3, 224, 224)),
            "mobilenet_v1_{width}": Variant("alpha by name", (3, 224, 224)),
            "mobilenet_v1_{width}_{size}_dogs120": Variant("Stanford Dogs", (3, 224, 224), {"classes": 120}),
        },
        aliases={"mobilenet_v1": "mobilenet_v1_1.0_224", "mobilenet": "mobilenet_v1_1.0_224"},
        references={
            **{
                f"mobilenet_v1_{width}_{size}": Reference("pytorchcv", model, differs={} if size == 224 else BY_NAME)
                for width, model in PYTORCHCV.items()
                for size in (224, 192, 160, 128)
            },
            **{
                f"mobilenet_v1_{width}_{size}_dogs120": Reference(
                    "pytorchcv", PYTORCHCV[width], {"num_classes": 120}, differs={} if size == 224 else BY_NAME
                )
                for width, size in DOGS
            },
        },
    ),
)
