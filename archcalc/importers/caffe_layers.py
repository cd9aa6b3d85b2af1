"""Caffe's layers as ops: for the fields of a layer the ops that it is.

Source: the layers' code and src/caffe/proto/caffe.proto of https://github.com/BVLC/caffe.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

from archcalc.algebra.dims import Shape, is_int, product
from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import nearest, shown
from archcalc.graph import Op
from archcalc.importers.caffe_net import CaffeLayer
from archcalc.importers.described import LARGEST, LARGEST_SIDE, GivenFields, list_of, one_side, table_of
from archcalc.ops.combine import Add, Concat, Multiply
from archcalc.ops.conv import Conv, ConvTranspose
from archcalc.ops.elementwise import Combine, Elementwise
from archcalc.ops.layout import ChannelShuffle, Crop, Flatten
from archcalc.ops.linear import Linear
from archcalc.ops.norm import BatchNorm, ChannelScale, LocalResponseNorm
from archcalc.ops.pointwise import Dropout, PReLU, ReLU, ReLU6, Scale, Sigmoid, SiLU, Softmax, Tanh
from archcalc.ops.pool import AdaptiveMaxPool, AvgPool, GlobalAvgPool, MaxPool
from archcalc.ops.views import Reshape

Ops: TypeAlias = tuple[Op, ...]


class CaffeSite(NamedTuple):
    """A layer where it stands: its fields and the shapes of its inputs."""

    layer: CaffeLayer
    shapes: tuple[Shape, ...]

    @property
    def axes(self) -> int:
        """The axes of the first input beside its channels."""
        return len(self.shapes[0]) - 1

    def param(self, *keys: str) -> GivenFields:
        """The fields of a message of the layer; those of an old file stand in `..._param` too."""
        return self.layer.fields(*keys)

    def wrong(self, said: str) -> ArchcalcError:
        """An error about this layer."""
        return ArchcalcError(f"{self.layer.place}: {said}")

    def check_axis(self, given: GivenFields, key: str = "axis", wanted: int = 1) -> None:
        """Raise ArchcalcError unless the layer works along an axis, that of the channels unless another is wanted."""
        axis = given.get(key, wanted)
        if axis not in (wanted, wanted - self.axes - 2):
            raise self.wrong(f"{key} {shown(axis)} is not {wanted}, the only one that is read")


Sides: TypeAlias = tuple[int, ...]


_Reader: TypeAlias = Callable[[CaffeSite], Ops]


def _sides(site: CaffeSite, given: GivenFields, names: tuple[str, str, str], default: int | None, least: int) -> Sides:
    """A number for each axis, which two fields may give: kernel_h and kernel_w."""
    both, high, wide = names
    if given.get(high) is not None or given.get(wide) is not None:
        if site.axes != 2:
            raise site.wrong(f"{high} and {wide} are of images")
        return tuple([given.whole(key, default, least, LARGEST_SIDE) for key in (high, wide)])
    return given.several(both, site.axes, default, least)


KERNEL = ("kernel_size", "kernel_h", "kernel_w")
STRIDE = ("stride", "stride_h", "stride_w")
PAD = ("pad", "pad_h", "pad_w")


def _window(site: CaffeSite, given: GivenFields) -> tuple[Sides, Sides, Sides]:
    """Kernel, stride and padding."""
    if not 1 <= site.axes <= 3:
        raise site.wrong("its input is no map")
    kernel = _sides(site, given, KERNEL, None, 1)
    return kernel, _sides(site, given, STRIDE, 1, 1), _sides(site, given, PAD, 0, 0)


def _conv(site: CaffeSite) -> Ops:
    given = site.param("convolution_param", "convolution3d_param")
    site.check_axis(given)
    kernel, stride, pad = map(one_side, _window(site, given))
    dilation = one_side(given.several("dilation", site.axes, 1))
    out = given.whole("num_output")
    depthwise = site.layer.type in ("ConvolutionDepthwise", "DepthwiseConvolution")
    groups = out if depthwise else given.whole("group", 1)
    bias = given.flag("bias_term", default=True)
    if site.layer.type == "Deconvolution":
        return (ConvTranspose(out, kernel, stride, pad, 0, dilation, groups, bias),)
    return (Conv(out, kernel, stride, pad, dilation, groups, bias),)


def _pool(site: CaffeSite) -> Ops:
    """A pool that rounds up, as Caffe's do; one in which a window begins outside the input is refused."""
    given = site.param("pooling_param")
    kind = given.word("pool", ("MAX", "AVE"), "MAX")
    if given.flag("global_pooling", default=False):
        return (AdaptiveMaxPool(1) if kind == "MAX" else GlobalAvgPool(),)
    kernel, stride, pad = _window(site, given)
    up = given.word("round_mode", ("CEIL", "FLOOR"), "CEIL") == "CEIL" and given.flag("ceil_mode", default=True)
    if up and any([step > side for side, step in zip(kernel, stride, strict=True)]):
        raise site.wrong("a stride above the kernel makes Caffe count a window that begins outside the input")
    return ((MaxPool if kind == "MAX" else AvgPool)(*map(one_side, (kernel, stride, pad)), ceil=up),)


def _inner_product(site: CaffeSite) -> Ops:
    given = site.param("inner_product_param")
    site.check_axis(given)
    linear = Linear(given.whole("num_output"), given.flag("bias_term", default=True))
    return (Flatten(), linear) if site.axes else (linear,)


def _relu(site: CaffeSite) -> Ops:
    return (Elementwise("leaky_relu") if site.param("relu_param").real("negative_slope", 0.0) else ReLU(),)


def _prelu(site: CaffeSite) -> Ops:
    return (PReLU(shared=site.param("prelu_param").flag("channel_shared", default=False)),)


def _function(name: str) -> _Reader:
    return lambda _: (Elementwise(name),)


def _lrn(site: CaffeSite) -> Ops:
    given = site.param("lrn_param")
    given.word("norm_region", ("ACROSS_CHANNELS",), "ACROSS_CHANNELS")
    return (LocalResponseNorm(given.whole("local_size", 5)),)


def _scale(site: CaffeSite) -> Ops:
    """Learnt factors; with a second input that, as a gate. A batch norm before has taken in what has a bias."""
    given = site.param("scale_param")
    if len(site.shapes) == 2:
        return (Multiply(),)
    site.check_axis(given)
    if given.whole("num_axes", 1, least=-1) != 1 or given.flag("bias_term", default=False):
        raise site.wrong("a scale with a bias is read only after a batch normalisation whose only use it is")
    return (ChannelScale(channels_first=site.axes > 0),)


def _power(site: CaffeSite) -> Ops:
    given = site.param("power_param")
    scale, shift, power = (given.real(key, usual) for key, usual in (("scale", 1.0), ("shift", 0.0), ("power", 1.0)))
    added = [Elementwise("add")] if shift else []
    raised = [Elementwise("power")] if power != 1 else []
    return (*([Scale(scale)] if scale != 1 else []), *added, *raised)


def _softmax(site: CaffeSite) -> Ops:
    site.check_axis(site.param("softmax_param"))
    return (Softmax(),)


def _eltwise(site: CaffeSite) -> Ops:
    given = site.param("eltwise_param")
    kind = given.word("operation", ("SUM", "PROD", "MAX"), "SUM")
    coefficients = given.get("coeff", 1)
    each = list_of(coefficients) or [coefficients]
    if kind == "SUM" and each == [1, -1] and len(site.shapes) == 2:
        return (Combine("subtract"),)
    if kind == "SUM" and any([one != 1 for one in each]):
        raise site.wrong("a sum with coefficients other than 1, or 1 and -1, is not read")
    if kind == "MAX" or len(site.shapes) > 2:
        return (Add() if kind == "SUM" else Combine("maximum" if kind == "MAX" else "multiply"),)
    return (Add(),) if kind == "SUM" else (Multiply(),)


def _concat(site: CaffeSite) -> Ops:
    given = site.param("concat_param")
    site.check_axis(given, "concat_dim" if given.get("concat_dim") is not None else "axis")
    return (Concat(),) if len(site.shapes) > 1 else ()


def _flatten(site: CaffeSite) -> Ops:
    given = site.param("flatten_param")
    site.check_axis(given)
    site.check_axis(given, "end_axis", site.axes + 1)
    return (Flatten(),) if site.axes else ()


def _reshape(site: CaffeSite) -> Ops:
    given = table_of(site.param("reshape_param").get("shape")) or {}
    sizes = list_of(given.get("dim")) or []
    own = (None, *site.shapes[0])
    if sizes == [0, 0] and all([is_int(size) and size == 1 for size in site.shapes[0][1:]]):
        return ()  # a map of one position stays one: fully connected layers flatten it, gates multiply by it
    if len(sizes) == 2 and sizes[0] in (0, 1) and sizes[1] == -1:
        return (Flatten(),) if site.axes else ()
    if len(sizes) == len(own) and all([size in (0, one) for size, one in zip(sizes[1:], own[1:], strict=True)]):
        return ()
    return _shaped(site, sizes, own)


def _shaped(site: CaffeSite, sizes: list[Any], own: tuple[Any, ...]) -> Ops:
    """The values in another shape: 0 keeps a size, -1 is what remains."""
    param = site.param("reshape_param")
    whole = param.get("axis", 0) == 0 and param.get("num_axes", -1) == -1 and sizes[:1] == [0] and len(sizes) > 1
    if not whole or not all([type(size) is int and -1 <= size <= LARGEST for size in sizes]) or sizes.count(-1) > 1:
        raise site.wrong(f"a blob of the shape {shown(sizes)} is not read; it keeps the batch, 0, before other sizes")
    if any([size == 0 and place >= len(own) for place, size in enumerate(sizes)]):
        raise site.wrong(f"its input has no size for each 0 of {shown(sizes)}")
    kept = [own[place] if size == 0 else size for place, size in enumerate(sizes)][1:]
    known = product(tuple([size for size in kept if size != -1]))
    return (Reshape(tuple([size if size != -1 else product(site.shapes[0]) // known for size in kept])),)


def _crop(site: CaffeSite) -> Ops:
    """The first blob cut to the size of the second, from `offset` on."""
    given = site.param("crop_param")
    site.check_axis(given, wanted=2)
    if site.axes != 2 or len(site.shapes[1]) != 3:
        raise site.wrong("only images are cropped")
    top, left = given.several("offset", 2, 0, 0)
    (_, height, width), (_, high, wide) = site.shapes
    return (Crop(top, height - high - top, left, width - wide - left),)


def _shuffle(site: CaffeSite) -> Ops:
    return (ChannelShuffle(site.param("shuffle_channel_param").whole("group", 1)),)


READERS: Mapping[str, tuple[int, _Reader]] = {
    **dict.fromkeys(("Convolution", "Convolution3D", "Deconvolution"), (1, _conv)),
    **dict.fromkeys(("ConvolutionDepthwise", "DepthwiseConvolution"), (1, _conv)),
    "Pooling": (1, _pool),
    "InnerProduct": (1, _inner_product),
    "ReLU": (1, _relu),
    "PReLU": (1, _prelu),
    "ELU": (1, _function("elu")),
    "AbsVal": (1, _function("abs")),
    "Exp": (1, _function("exp")),
    "Log": (1, _function("log")),
    "BNLL": (1, _function("softplus")),
    "ReLU6": (1, lambda _: (ReLU6(),)),
    "Sigmoid": (1, lambda _: (Sigmoid(),)),
    "TanH": (1, lambda _: (Tanh(),)),
    "Swish": (1, lambda _: (SiLU(),)),
    "LRN": (1, _lrn),
    "BatchNorm": (1, lambda _: (BatchNorm(affine=False),)),
    "Scale": (0, _scale),
    "Power": (1, _power),
    "Softmax": (1, _softmax),
    "Dropout": (1, lambda site: (Dropout(site.param("dropout_param").real("dropout_ratio", 0.5)),)),
    "Eltwise": (0, _eltwise),
    "Concat": (0, _concat),
    "Flatten": (1, _flatten),
    "Reshape": (1, _reshape),
    "Crop": (2, _crop),
    "ShuffleChannel": (1, _shuffle),
    "Split": (1, lambda _: ()),
}
"""The layers that are read: the number of their inputs, 0 for any, and the function that reads one."""
ELSEWHERE = ("Slice", "Axpy")
"""Layers of several rows, which `archcalc.importers.prototxt` makes."""


def ops_of(site: CaffeSite) -> Ops:
    """The ops of a layer. Raises ArchcalcError, with the nearest type, for one that is not read."""
    kind = site.layer.type
    if kind not in READERS:
        near = nearest(kind, [*READERS, *ELSEWHERE])
        hint = f"; nearest of those that are read: {', '.join(near)}" if near else ""
        raise site.wrong(f"layers of type {shown(kind)} are not read{hint}")
    inputs, reader = READERS[kind]
    if not site.shapes or inputs not in (0, len(site.shapes)):
        raise site.wrong(f"it takes {inputs or 'some'} bottoms, not {len(site.shapes)}")
    return reader(site)
