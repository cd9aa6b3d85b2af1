"""SE-ResNeXt: Hu, Shen, Albanie, Sun & Wu, "Squeeze-and-Excitation Networks", arXiv:1709.01507.

Table 1, right column: ResNeXt whose blocks weigh their channels before the sum, as SE-ResNet does. The stride is in
the 3x3 convolution, as in the authors' Caffe models. Their max pool pads nothing and rounds up; here it pads by 1 and
rounds down, as in timm: the same sizes at 224.

Through the gates every output depends on the whole input; the local field leaves the gates out.
"""

from typing import Any

from archcalc.graph import Value
from archcalc.zoo import CLASSES, Family, Reference, Variant, resnet, resnext, seresnet


def seresnext(
    x: Value,
    depth: int = 50,
    cardinality: int = 32,
    width: int = 4,
    reduction: int = 16,
    stem: str = "7x7",
    blocks: Any = None,
    output_stride: int = 32,
    classes: int = 1000,
) -> Value:
    gate = seresnet.excitation(reduction)

    def unit(x: Value, channels: int, stride: int, dilations: resnet.Dilations) -> Value:
        return resnext.aggregated(x, channels, stride, cardinality, width, gate, dilation=dilations[0])

    return resnet.network(x, seresnet.TABLE[depth], unit, stem, blocks, output_stride, classes)


INPUT = (3, 224, 224)

FAMILIES = (
    Family(
        title=seresnet.TITLE,
        authors=seresnet.AUTHORS,
        year=2017,
        source=seresnet.SOURCE,
        documents=("003",),
        build=seresnext,
        hyperparameters={
            "depth": seresnet.DEPTH,
            "cardinality": resnext.CARDINALITY,
            "width": resnext.WIDTH,
            "reduction": seresnet.REDUCTION,
            **resnet.BACKBONE,
            "classes": CLASSES,
        },
        variants={
            f"seresnext{n}_32x4d": Variant("32 groups of 4, gates", INPUT, {"depth": n, "cardinality": 32, "width": 4})
            for n in (50, 101)
        },
        patterns={"seresnext{depth}_{cardinality}x{width}d": Variant("groups by name", INPUT)},
        aliases={f"seresnext{depth}": f"seresnext{depth}_32x4d" for depth in (50, 101)},
        references={f"seresnext{n}_32x4d": Reference("timm", f"seresnext{n}_32x4d") for n in (50, 101)},
    ),
)
