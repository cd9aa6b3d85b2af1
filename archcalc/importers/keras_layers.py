"""Keras' layers as ops: for the configuration of a layer the rows that it is.

Keras holds an image as (height, width, channels) unless a layer says `channels_first`; here every map is (channels,
height, width). Sources: the layers' documentation, https://keras.io/api/layers/.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from archcalc.base.spelling import nearest, shown
from archcalc.importers.described import LARGEST_SIDE, GivenFields, list_of, one_side
from archcalc.importers.keras_pointwise import POINTWISE
from archcalc.importers.keras_site import KerasSite, LayerReader, Rows, activation
from archcalc.ops.combine import Add, Concat, Multiply
from archcalc.ops.conv import Conv, ConvTranspose
from archcalc.ops.elementwise import Combine
from archcalc.ops.layout import ChannelsFirst, ChannelsLast, Crop, Flatten, ZeroPad
from archcalc.ops.linear import Linear
from archcalc.ops.pointwise import Scale
from archcalc.ops.pool import AdaptiveMaxPool, AvgPool, GlobalAvgPool, MaxPool
from archcalc.ops.resize import Resize


def _conv(axes: int) -> LayerReader:
    def rows(site: KerasSite) -> Rows:
        given = site.fields
        conv = Conv(
            given.whole("filters"),
            *_window(site, axes),
            groups=given.whole("groups", 1),
            bias=given.flag("use_bias", default=True),
        )
        return (("", (conv, *activation(site))),)

    return rows


def _window(site: KerasSite, axes: int) -> tuple[Any, ...]:
    """Kernel, stride, padding and dilation."""
    site.check_axes(axes)
    kernel = site.fields.several("kernel_size", axes)
    dilation = site.fields.several("dilation_rate", axes, 1)
    strides = site.fields.several("strides", axes, 1)
    padding = site.fields.word("padding", ("valid", "same", "causal"), "valid")
    if padding == "causal" and axes != 1:
        raise site.fields.wrong("only convolutions of sequences have causal padding")
    pads: Any = {"valid": 0, "same": "same", "causal": ((dilation[0] * (kernel[0] - 1), 0),)}[padding]
    return one_side(kernel), one_side(strides), pads, one_side(dilation)


def _depthwise(axes: int) -> LayerReader:
    def rows(site: KerasSite) -> Rows:
        window = _window(site, axes)
        channels = site.shapes[0][0]
        out = channels * site.fields.whole("depth_multiplier", 1)
        bias = site.fields.flag("use_bias", default=True)
        return (("", (Conv(out, *window, groups=channels, bias=bias), *activation(site))),)

    return rows


def _separable(axes: int) -> LayerReader:
    def rows(site: KerasSite) -> Rows:
        window = _window(site, axes)
        channels = site.shapes[0][0]
        depthwise = Conv(channels * site.fields.whole("depth_multiplier", 1), *window, groups=channels, bias=False)
        pointwise = Conv(site.fields.whole("filters"), 1, bias=site.fields.flag("use_bias", default=True))
        return ((".depthwise", (depthwise,)), (".pointwise", (pointwise, *activation(site))))

    return rows


def _transposed(axes: int) -> LayerReader:
    def rows(site: KerasSite) -> Rows:
        kernel, stride, padding, dilation = _window(site, axes)
        given = site.fields
        if given.get("output_padding") is not None:
            raise given.wrong("output_padding is not read")
        spread = [
            _spread(*each, same=padding == "same")
            for each in zip(
                given.several("kernel_size", axes),
                given.several("strides", axes, 1),
                given.several("dilation_rate", axes, 1),
                strict=True,
            )
        ]
        more = tuple([extra for _, extra in spread])
        bias = given.flag("use_bias", default=True)
        groups = given.whole("groups", 1)
        conv = ConvTranspose(given.whole("filters"), kernel, stride, 0, one_side(more), dilation, groups, bias)
        cut = _margins([pair for pair, _ in spread])
        crop = (Crop(**cut),) if any(cut.values()) else ()
        return (("", (conv, *crop, *activation(site))),)

    return rows


def _spread(kernel: int, stride: int, dilation: int, *, same: bool) -> tuple[tuple[int, int], int]:
    """Positions of a transposed convolution to cut off, and to add, on one axis.

    All (n - 1) s + k are kept under `valid`, and s more for a kernel below the stride; under `same` n s of them are.
    """
    extent = (kernel - 1) * dilation + 1
    over = extent - stride
    if over < 0:
        return (0, 0), -over
    return ((over // 2, over - over // 2) if same else (0, 0)), 0


def _pool(op: type[MaxPool | AvgPool], axes: int) -> LayerReader:
    def rows(site: KerasSite) -> Rows:
        site.check_axes(axes)
        size = site.fields.several("pool_size", axes, 2)
        strides = site.fields.several("strides", axes) if site.fields.get("strides") is not None else size
        same = site.fields.word("padding", ("valid", "same"), "valid") == "same"
        more = {"count_include_pad": False} if same and op is AvgPool else {}
        return (("", (op(one_side(size), one_side(strides), "same" if same else 0, **more),)),)

    return rows


def _global_average(axes: int) -> LayerReader:
    def rows(site: KerasSite) -> Rows:
        site.check_axes(axes)
        flat = () if site.fields.flag("keepdims", default=False) else (Flatten(),)
        return (("", (GlobalAvgPool(), *flat)),)

    return rows


def _global_max(axes: int) -> LayerReader:
    def rows(site: KerasSite) -> Rows:
        site.check_axes(axes)
        flat = () if site.fields.flag("keepdims", default=False) else (Flatten(),)
        return (("", (AdaptiveMaxPool(1), *flat)),)

    return rows


MODES: Mapping[str, Literal["nearest", "linear", "cubic"]] = {
    "nearest": "nearest",
    "bilinear": "linear",
    "bicubic": "cubic",
}


def _upsampling(axes: int) -> LayerReader:
    def rows(site: KerasSite) -> Rows:
        site.check_axes(axes)
        factors = site.fields.several("size", axes, 2)
        mode = MODES[site.fields.word("interpolation", tuple(MODES), "nearest")]
        sizes = [size * factor for size, factor in zip(site.shapes[0][1:], factors, strict=True)]
        return (("", (Resize(tuple(sizes), mode),)),)

    return rows


def _resizing(site: KerasSite) -> Rows:
    site.check_axes(2)
    if site.fields.flag("crop_to_aspect_ratio", default=False) or site.fields.flag(
        "pad_to_aspect_ratio", default=False
    ):
        raise site.fields.wrong("a resizing that keeps the aspect ratio is not read")
    sizes = tuple([site.fields.whole(key, most=LARGEST_SIDE) for key in ("height", "width")])
    return (("", (Resize(sizes, MODES[site.fields.word("interpolation", tuple(MODES), "bilinear")]),)),)


def _combination(name: str) -> LayerReader:
    return lambda _: (("", (Combine(name),)),)


def _dense(site: KerasSite) -> Rows:
    linear = Linear(site.fields.whole("units"), site.fields.flag("use_bias", default=True))
    if site.axes == 0:
        return (("", (linear, *activation(site))),)
    if site.channels_first:
        raise site.fields.wrong("it works on the last axis, which is not that of the channels")
    return (("", (ChannelsLast(), linear, ChannelsFirst(), *activation(site))),)


def _flatten(site: KerasSite) -> Rows:
    return (("", (Flatten(),)),) if site.axes else ()


def _merge(op: type[Add | Multiply]) -> LayerReader:
    def rows(site: KerasSite) -> Rows:
        several = len(site.shapes) > 2 and op is Multiply
        return (("", (Combine("multiply") if several else op(),)),)

    return rows


def _concatenate(site: KerasSite) -> Rows:
    site.check_channels()
    return (("", (Concat(),)),)


def _average(site: KerasSite) -> Rows:
    return (("", (Add(), Scale(1 / len(site.shapes)))),)


def _margin(op: type[ZeroPad | Crop], axes: int) -> LayerReader:
    def rows(site: KerasSite) -> Rows:
        site.check_axes(axes)
        key = "padding" if op is ZeroPad else "cropping"
        given = site.fields.get(key, 1)
        each = [given] if axes == 1 else list_of(given) or [given] * axes
        if len(each) != axes:
            raise site.fields.wrong(f"{key} is a number, or one or a pair for each of the {axes} axes")
        pairs = [GivenFields({key: one}, site.fields.place).several(key, 2, least=0) for one in each]
        return (("", (op(**_margins(pairs)),)),)

    return rows


def _margins(pairs: Sequence[tuple[int, ...]]) -> dict[str, int]:
    """Positions before and after on each axis, by the names of the sides."""
    names = ("front", "back", "top", "bottom", "left", "right")[-2 * len(pairs) :]
    return {name: size for name, size in zip(names, [size for pair in pairs for size in pair], strict=True) if size}


def _identity(_: KerasSite) -> Rows:
    return ()


def _by_axes(pattern: str, reader: Callable[[int], LayerReader]) -> dict[str, LayerReader]:
    """A class for sequences, images and volumes."""
    return {pattern.format(axes): reader(axes) for axes in (1, 2, 3)}


READERS: Mapping[str, LayerReader] = {
    **_by_axes("Conv{}D", _conv),
    **_by_axes("Conv{}DTranspose", _transposed),
    **_by_axes("DepthwiseConv{}D", _depthwise),
    **_by_axes("SeparableConv{}D", _separable),
    **_by_axes("MaxPooling{}D", lambda axes: _pool(MaxPool, axes)),
    **_by_axes("AveragePooling{}D", lambda axes: _pool(AvgPool, axes)),
    **_by_axes("GlobalAveragePooling{}D", _global_average),
    **_by_axes("ZeroPadding{}D", lambda axes: _margin(ZeroPad, axes)),
    **_by_axes("Cropping{}D", lambda axes: _margin(Crop, axes)),
    **_by_axes("SpatialDropout{}D", lambda _: _identity),
    **_by_axes("UpSampling{}D", _upsampling),
    **_by_axes("GlobalMaxPooling{}D", _global_max),
    **POINTWISE,
    "Dense": _dense,
    "Resizing": _resizing,
    "Flatten": _flatten,
    "Add": _merge(Add),
    "Multiply": _merge(Multiply),
    "Average": _average,
    "Subtract": _combination("subtract"),
    "Maximum": _combination("maximum"),
    "Minimum": _combination("minimum"),
    "Concatenate": _concatenate,
    **dict.fromkeys(
        ("GaussianNoise", "GaussianDropout", "AlphaDropout", "ActivityRegularization", "StochasticDepth"), _identity
    ),
    **dict.fromkeys(
        ("RandomFlip", "RandomRotation", "RandomZoom", "RandomTranslation", "RandomContrast", "RandomBrightness"),
        _identity,
    ),
}
"""The layers that are read, by class; those that only act while training give their input."""
MERGES = frozenset({"Add", "Multiply", "Average", "Concatenate", "Subtract", "Maximum", "Minimum"})
RESHAPE = "Reshape"


def rows_of(kind: str, site: KerasSite) -> Rows:
    """The rows of a layer. Raises ArchcalcError, with the nearest class, for one that is not read."""
    reader = READERS.get(kind)
    if reader is None:
        near = nearest(kind, [*READERS, RESHAPE])
        hint = f"; nearest of those that are read: {', '.join(near)}" if near else ""
        raise site.fields.wrong(f"layers of class {shown(kind)} are not read{hint}")
    several = len(site.shapes) > 1
    if several != (kind in MERGES):
        raise site.fields.wrong(
            f"it takes {'several tensors' if not several else 'one tensor'}, not {len(site.shapes)}"
        )
    return reader(site)
