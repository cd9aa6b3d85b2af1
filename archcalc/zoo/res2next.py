"""Res2NeXt: Gao, Cheng, Zhao, Zhang, Yang & Torr, "Res2Net: A New Multi-scale Backbone Architecture", TPAMI 2021,
arXiv:1904.01169.

Res2Net with grouped convolutions (section 3.3): `scale` parts, each of `cardinality` groups of `width` channels. The
authors' code and timm have 4 parts of 8 groups of 4 channels. The first block of every group of blocks is that of
Res2Net.
"""

from typing import Any

from archcalc.graph import Value
from archcalc.zoo import CLASSES, Family, Reference, Variant, res2net, resnet, resnext


def res2next(
    x: Value,
    depth: int = 50,
    cardinality: int = 8,
    width: int = 4,
    scale: int = 4,
    stem: str = "7x7",
    blocks: Any = None,
    output_stride: int = 32,
    classes: int = 1000,
) -> Value:
    def unit(x: Value, channels: int, stride: int, dilations: resnet.Dilations) -> Value:
        part = cardinality * (width * channels // 64)
        return res2net.bottle2neck(x, channels, stride, part, scale, cardinality, dilations[0])

    return resnet.network(x, resnet.TABLE[depth], unit, stem, blocks, output_stride, classes)


FAMILIES = (
    Family(
        title=res2net.TITLE,
        authors=res2net.AUTHORS,
        year=2019,
        source=res2net.SOURCE,
        documents=("002",),
        build=res2next,
        hyperparameters={
            "depth": res2net.DEPTH,
            "cardinality": resnext.CARDINALITY,
            "width": resnext.WIDTH,
            "scale": res2net.SCALE,
            **resnet.BACKBONE,
            "classes": CLASSES,
        },
        variants={"res2next50": Variant("4 parts of 8 groups", (3, 224, 224), {"depth": 50})},
        references={"res2next50": Reference("timm", "res2next50")},
    ),
)
