"""Quantized operators: layers on whole numbers, and the steps between those and real numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

from archcalc.importers.onnx_files.items import Item, StoredTensor
from archcalc.importers.onnx_files.operators.functions import two
from archcalc.importers.onnx_files.operators.layers import convolution
from archcalc.importers.onnx_files.operators.pools import MAKERS as POOLS
from archcalc.importers.onnx_files.operators.products import product_of
from archcalc.importers.onnx_files.operators.reductions import MAKERS as REDUCTIONS
from archcalc.importers.onnx_files.site import Maker, OnnxSite
from archcalc.importers.tensors import Made, Tensor, Unsupported
from archcalc.ops.elementwise import Elementwise
from archcalc.ops.pointwise import Sigmoid


def _quantize(site: OnnxSite) -> Tensor:
    """Divided by the scale, and rounded."""
    return site.pointwise(Elementwise("divide"))


def _dynamic(site: OnnxSite) -> list[Item | None]:
    x = site.tensor()
    return [site.pointwise(Elementwise("divide"), x), Made(()), Made(())]


def _dequantize(site: OnnxSite) -> Tensor:
    return site.pointwise(Elementwise("multiply"))


def _only(site: OnnxSite, places: Sequence[int]) -> OnnxSite:
    """The node with some of its inputs; whole numbers that are stored stand for real ones."""
    site.items = [_real(site.item(place)) for place in places]
    site.node = site.node._replace(inputs=tuple([str(place) for place in places]))
    return site


def _real(item: Item | None) -> Item | None:
    if isinstance(item, StoredTensor) and not item.floating:
        return item._replace(floating=True, learnt=prod(item.dims) > 1, values=None)
    return item


def _convolution(site: OnnxSite) -> Tensor:
    return convolution(site, (0, 3, 8))


def _integer_convolution(site: OnnxSite) -> Tensor:
    return convolution(site, (0, 1, 9))


def _pair(build: Maker, places: Sequence[int]) -> Maker:
    def pair(site: OnnxSite) -> Item | Sequence[Item | None]:
        if any([site.item(place) is None for place in places]):
            raise Unsupported("an input is missing")
        return build(_only(site, places))

    return pair


def _joined(site: OnnxSite) -> Item | Sequence[Item | None]:
    from archcalc.importers.onnx_files.operators.parts import MAKERS as PARTS

    return PARTS["Concat"](_only(site, range(2, len(site.items), 3)))


def _gemm(site: OnnxSite) -> Item | Sequence[Item | None]:
    from archcalc.importers.onnx_files.operators.layers import MAKERS as LAYERS

    return LAYERS["Gemm"](_only(site, (0, 3, 6)))


MAKERS: Mapping[str, Maker] = {
    "QuantizeLinear": _quantize,
    "DequantizeLinear": _dequantize,
    "DynamicQuantizeLinear": _dynamic,
    "QLinearConv": _convolution,
    "ConvInteger": _integer_convolution,
    "QLinearMatMul": lambda site: product_of(site, 0, 3),
    "MatMulInteger": lambda site: product_of(site, 0, 1),
    "com.microsoft.QuantizeLinear": _quantize,
    "com.microsoft.DequantizeLinear": _dequantize,
    "com.microsoft.QLinearAdd": _pair(two("add"), (0, 3)),
    "com.microsoft.QLinearMul": _pair(two("multiply"), (0, 3)),
    "com.microsoft.QLinearConcat": _joined,
    "com.microsoft.QGemm": _gemm,
    "com.microsoft.QLinearSoftmax": REDUCTIONS["Softmax"],
    "com.microsoft.QLinearSigmoid": lambda site: site.pointwise(Sigmoid()),
    "com.microsoft.QLinearLeakyRelu": lambda site: site.pointwise(Elementwise("leaky_relu")),
    "com.microsoft.QLinearGlobalAveragePool": _pair(POOLS["GlobalAveragePool"], (0,)),
    "com.microsoft.QLinearAveragePool": _pair(POOLS["AveragePool"], (0,)),
}
