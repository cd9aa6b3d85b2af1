"""SE-ResNet: Hu, Shen, Albanie, Sun & Wu, "Squeeze-and-Excitation Networks", arXiv:1709.01507.

Table 1: ResNet whose blocks weigh their channels (Figure 3) before the sum: a global mean, two layers that first reduce
the channels `reduction` times, a sigmoid. The two layers are 1x1 convolutions with biases, as in the authors' Caffe
models; codes that use linear layers have the same counts.

A bare name (`seresnet50`) has the stride of a group in the 3x3 convolution, as timm's `seresnet50`; `_v1` has it in
the first 1x1, as the authors' models. The max pool pads by 1 and rounds down, where the authors' pads nothing and
rounds up: the same sizes at 224.

Through the gates every output depends on the whole input; the local field leaves the gates out.
"""

from archcalc.graph import Choice, Switch, Value, Whole
from archcalc.zoo import CLASSES, Family, Reference, Variant, resnet
from archcalc.zoo._blocks import squeeze_excite

#            blocks in layer1 to layer4
TABLE = {depth: resnet.TABLE[depth] for depth in (50, 101, 152)}


def excitation(reduction: int) -> resnet.Gate:
    """The gate before the sum of a block."""
    return lambda x: squeeze_excite(x, x.shape[0] // reduction)


def seresnet(x: Value, depth: int = 50, stride_first: bool = False, reduction: int = 16, classes: int = 1000) -> Value:
    def unit(x: Value, width: int, stride: int) -> Value:
        return resnet.bottleneck(x, width, stride, stride_first=stride_first, gate=excitation(reduction))

    return resnet.classifier(resnet.stages(resnet.stem(x), TABLE[depth], unit), classes)


TITLE, AUTHORS, SOURCE = "Squeeze-and-Excitation Networks", "Hu et al.", "arXiv:1709.01507"
DEPTH = Choice(tuple(TABLE), "weight layers, gates not counted")
REDUCTION = Whole(1, 256, "how many times fewer channels inside a gate")
INPUT = (3, 224, 224)

FAMILIES = (
    Family(
        title=TITLE,
        authors=AUTHORS,
        year=2017,
        source=SOURCE,
        documents=("003",),
        build=seresnet,
        hyperparameters={
            "depth": DEPTH,
            "stride_first": Switch("stride in the first 1x1 convolution of a bottleneck, not in the 3x3"),
            "reduction": REDUCTION,
            "classes": CLASSES,
        },
        variants={
            **{f"seresnet{n}": Variant("stride in 3x3", INPUT, {"depth": n}) for n in TABLE},
            **{
                f"seresnet{n}_v1": Variant("stride in 1x1 (authors)", INPUT, {"depth": n, "stride_first": True})
                for n in TABLE
            },
        },
        references={
            **{f"seresnet{n}": Reference("timm", f"seresnet{n}") for n in TABLE},
            **{f"seresnet{n}_v1": Reference("pytorchcv", f"seresnet{n}") for n in TABLE},
        },
    ),
)
