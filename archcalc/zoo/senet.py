"""SENet-154: Hu, Shen, Albanie, Sun & Wu, "Squeeze-and-Excitation Networks", arXiv:1709.01507.

The winner of ILSVRC 2017, after the authors' Caffe model: SE blocks in a modified ResNeXt-152 of 64 groups. The stem
has three 3x3 convolutions, the first 1x1 of a block has half the channels of its 3x3, projections that halve the size
are 3x3, and there is dropout before the classifier. The max pool rounds up and does not pad (pytorchcv's pads by 1:
the same sizes at 224). Deviations: none.

The other stems of ResNet have twice its channels here. With an output stride of 16 or 8 a 3x3 projection whose stride
is left out stays one, dilated as the first 3x3 of its block is (timm's `senet154`).

Through the gates every output depends on the whole input; the local field leaves the gates out.
"""

from typing import Any

from archcalc.algebra.dims import equal
from archcalc.graph import Choice, Value, row
from archcalc.ops.combine import Add
from archcalc.ops.layout import Flatten
from archcalc.ops.linear import Linear
from archcalc.ops.pointwise import Dropout, ReLU
from archcalc.ops.pool import GlobalAvgPool
from archcalc.zoo import CLASSES, Family, Reference, Variant, resnet, seresnet
from archcalc.zoo._blocks import conv_norm

# blocks in layer1 to layer4
TABLE = (3, 8, 36, 3)


def senet(
    x: Value,
    cardinality: int = 64,
    reduction: int = 16,
    stem: str = "deep",
    blocks: Any = None,
    output_stride: int = 32,
    classes: int = 1000,
) -> Value:
    def unit(x: Value, width: int, stride: int, dilations: resnet.Dilations) -> Value:
        dilation = dilations[0]
        y = conv_norm("conv1", x, 2 * width, 1)
        y = conv_norm("conv2", y, 4 * width, 3, stride, dilation, groups=cardinality, dilation=dilation)
        y = conv_norm("conv3", y, 4 * width, 1, activation=None)
        y = seresnet.excitation(reduction)(y)
        if stride != 1 or dilations[1] != dilation:
            x = conv_norm("downsample", x, 4 * width, 3, stride, dilation, dilation=dilation, activation=None)
        elif not equal(x.channels, 4 * width):
            x = conv_norm("downsample", x, 4 * width, 1, activation=None)
        return row("add", (y, x), Add(), ReLU())

    blocks = resnet.groups_of(x, TABLE, blocks)
    x = resnet.stem(x, stem, 128, ceil=True)
    x = resnet.backbone(x, blocks, unit, output_stride, resnet.reached_by(stem))
    x = row("avgpool", x, GlobalAvgPool())
    return row("fc", x, Flatten(), Dropout(0.2), Linear(classes))


FAMILIES = (
    Family(
        title=seresnet.TITLE,
        authors=seresnet.AUTHORS,
        year=2017,
        source=seresnet.SOURCE,
        documents=("003",),
        build=senet,
        hyperparameters={
            "cardinality": Choice((1, 2, 4, 8, 16, 32, 64, 128), "groups of the 3x3 convolutions"),
            "reduction": seresnet.REDUCTION,
            **resnet.BACKBONE,
            "classes": CLASSES,
        },
        variants={"senet154": Variant("64 groups, gates", (3, 224, 224))},
        references={"senet154": Reference("timm", "legacy_senet154")},
    ),
)
