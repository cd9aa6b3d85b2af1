"""SE-ResNet: Hu, Shen, Albanie, Sun & Wu, "Squeeze-and-Excitation Networks", arXiv:1709.01507.

Table 1: ResNet whose blocks weigh their channels (Figure 3) before the sum: a global mean, two layers that first reduce
the channels `reduction` times, a sigmoid. The two layers are 1x1 convolutions with biases, as in the authors' Caffe
models; codes that use linear layers have the same counts.

A bare name (`seresnet50`) has the stride of a group in the 3x3 convolution, as timm's `seresnet50`; `_v1` has it in
the first 1x1, as the authors' models. The max pool pads by 1 and rounds down, where the authors' pads nothing and
rounds up: the same sizes at 224. 18 and 34 layers, in basic blocks, are pytorchcv's; timm's have at least 8 channels
inside a gate.

CIFAR networks have the three groups of ResNet's, 6n + 2 layers in basic blocks or 9n + 2 in bottlenecks (164), and
projections where the shape changes, as in pytorchcv. The paper has results for 110 and 164 layers, and no model.

Through the gates every output depends on the whole input; the local field leaves the gates out.
"""

from typing import Any

from archcalc.graph import Choice, Switch, Value, Whole
from archcalc.zoo import CLASSES, Family, Reference, Variant, resnet
from archcalc.zoo._blocks import conv_norm, squeeze_excite

BASIC, BOTTLENECK = (18, 34), (50, 101, 152)
#            blocks in layer1 to layer4
TABLE = {depth: resnet.TABLE[depth] for depth in (*BASIC, *BOTTLENECK)}


def excitation(reduction: int) -> resnet.Gate:
    """The gate before the sum of a block."""
    return lambda x: squeeze_excite(x, x.shape[0] // reduction)


def seresnet(
    x: Value,
    depth: int = 50,
    stride_first: bool = False,
    reduction: int = 16,
    stem: str = "7x7",
    blocks: Any = None,
    output_stride: int = 32,
    classes: int = 1000,
) -> Value:
    gate = excitation(reduction)

    def unit(x: Value, width: int, stride: int, dilations: resnet.Dilations) -> Value:
        if depth in BASIC:
            return resnet.basic(x, width, stride, dilations=dilations, gate=gate)
        return resnet.bottleneck(x, width, stride, stride_first=stride_first, dilation=dilations[0], gate=gate)

    return resnet.network(x, TABLE[depth], unit, stem, blocks, output_stride, classes)


def seresnet_cifar(
    x: Value,
    blocks: int = 3,
    bottlenecks: bool = False,
    reduction: int = 16,
    shortcut: str = "projection",
    classes: int = 10,
) -> Value:
    def unit(x: Value, width: int, stride: int) -> Value:
        kind = resnet.bottleneck if bottlenecks else resnet.basic
        return kind(x, width, stride, shortcut, gate=excitation(reduction))

    x = conv_norm("conv1", x, 16, 3)
    return resnet.classifier(resnet.stages(x, [blocks] * 3, unit, 16), classes)


TITLE, AUTHORS, SOURCE = "Squeeze-and-Excitation Networks", "Hu et al.", "arXiv:1709.01507"
DEPTH = Choice(BOTTLENECK, "weight layers, gates not counted")
REDUCTION = Whole(1, 256, "how many times fewer channels inside a gate")
INPUT, CIFAR = (3, 224, 224), (3, 32, 32)
#              blocks in each of the three groups, bottlenecks or basic ones
CIFAR_TABLE = {20: (3, False), 56: (9, False), 110: (18, False), 164: (18, True)}

FAMILIES = (
    Family(
        title=TITLE,
        authors=AUTHORS,
        year=2017,
        source=SOURCE,
        documents=("003",),
        build=seresnet,
        hyperparameters={
            "depth": Choice(tuple(TABLE), "weight layers, gates not counted"),
            "stride_first": Switch("stride in the first 1x1 convolution of a bottleneck, not in the 3x3"),
            "reduction": REDUCTION,
            **resnet.BACKBONE,
            "classes": CLASSES,
        },
        variants={
            **{f"seresnet{n}": Variant("stride in 3x3", INPUT, {"depth": n}) for n in BOTTLENECK},
            **{
                f"seresnet{n}_v1": Variant("stride in 1x1 (authors)", INPUT, {"depth": n, "stride_first": True})
                for n in BOTTLENECK
            },
            **{f"seresnet{n}": Variant("basic blocks", INPUT, {"depth": n}) for n in BASIC},
        },
        references={
            **{f"seresnet{n}": Reference("pytorchcv", f"seresnet{n}") for n in BASIC},
            **{f"seresnet{n}": Reference("timm", f"seresnet{n}") for n in BOTTLENECK},
            **{f"seresnet{n}_v1": Reference("pytorchcv", f"seresnet{n}") for n in BOTTLENECK},
        },
    ),
    Family(
        title=TITLE,
        authors=AUTHORS,
        year=2017,
        source=SOURCE,
        documents=("003",),
        build=seresnet_cifar,
        hyperparameters={
            "blocks": Whole(1, 1000, "blocks in each of the three groups"),
            "bottlenecks": Switch("bottleneck blocks instead of basic ones"),
            "reduction": Whole(1, 16, "how many times fewer channels inside a gate"),
            "shortcut": resnet.JOINING,
            "classes": CLASSES,
        },
        variants={
            f"seresnet{n}_cifar": Variant(f"CIFAR, n = {count}, gates", CIFAR, {"blocks": count, "bottlenecks": narrow})
            for n, (count, narrow) in CIFAR_TABLE.items()
        },
        patterns={"seresnet{layers}_cifar": Variant("CIFAR, gates, layers by name", CIFAR)},
        layers=resnet.layers_cifar,
        aliases={
            f"seresnet{n}{ending}": f"seresnet{n}_cifar" for n in CIFAR_TABLE for ending in ("", "_cifar_projection")
        },
        references={
            **{f"seresnet{n}_cifar": Reference("pytorchcv", f"seresnet{n}_cifar10") for n in (20, 56, 110)},
            "seresnet164_cifar": Reference("pytorchcv", "seresnet164bn_cifar10"),
        },
    ),
)
