"""Keras' normalisations, activations and other layers that work on each value or vector by itself."""

from __future__ import annotations

from collections.abc import Mapping

from archcalc.importers.described import list_of
from archcalc.importers.keras_site import KerasSite, LayerReader, Rows, activation
from archcalc.ops.elementwise import Elementwise
from archcalc.ops.norm import BatchNorm, ChannelScale, GroupNorm, LayerNorm
from archcalc.ops.pointwise import Dropout, PReLU, ReLU, ReLU6, Scale, Softmax


def _batch_norm(site: KerasSite) -> Rows:
    site.check_channels()
    scale, center = site.fields.flag("scale", default=True), site.fields.flag("center", default=True)
    if center and not scale:
        raise site.fields.wrong("a batch normalisation with a shift but no scale is not read")
    if scale and not center:
        return (("", (BatchNorm(affine=False), ChannelScale(channels_first=site.axes > 0))),)
    return (("", (BatchNorm(affine=scale),)),)


def _layer_norm(site: KerasSite) -> Rows:
    site.check_channels()
    fields = site.fields
    scale, center = fields.flag("scale", default=True), fields.flag("center", default=True)
    if fields.flag("rms_scaling", default=False) or (center and not scale):
        raise fields.wrong("a layer normalisation with a shift but no scale, or by the root mean square, is not read")
    return (("", (LayerNorm(channels_first=site.axes > 0, affine=scale, bias=center),)),)


def _group_norm(site: KerasSite) -> Rows:
    site.check_channels()
    fields = site.fields
    both = fields.flag("scale", default=True), fields.flag("center", default=True)
    if len(set(both)) > 1:
        raise fields.wrong("a group normalisation with only a scale or only a shift is not read")
    groups = fields.whole("groups", 32, least=-1)
    return (("", (GroupNorm(site.shapes[0][0] if groups == -1 else groups, affine=both[0]),)),)


def _normalization(site: KerasSite) -> Rows:
    """A given mean and variance of each channel. Keras counts one number more, of the examples seen."""
    site.check_channels()
    return (("", (BatchNorm(affine=False),)),)


def _rescaling(site: KerasSite) -> Rows:
    factor = site.fields.real("scale", 1.0)
    shift = (Elementwise("add"),) if site.fields.real("offset", 0.0) else ()
    return (("", (Scale(factor), *shift)),)


def _layer_scale(site: KerasSite) -> Rows:
    if site.channels_first:
        raise site.fields.wrong("it works on the last axis, which is not that of the channels")
    return (("", (ChannelScale(channels_first=site.axes > 0),)),)


def _relu(site: KerasSite) -> Rows:
    most = site.fields.get("max_value")
    slope = site.fields.real("negative_slope", 0.0)
    if site.fields.real("threshold", 0.0) or most not in (None, 6, 6.0) or (slope and most is not None):
        raise site.fields.wrong("a ReLU with a threshold, or a largest value other than 6, is not read")
    plain = Elementwise("leaky_relu") if slope else ReLU()
    return (("", (plain if most is None else ReLU6(),)),)


def _prelu(site: KerasSite) -> Rows:
    """A slope for each channel, or one for all; one for every value of a map is refused."""
    spatial = [*range(1, site.axes + 1)]
    shared = list_of(site.fields.get("shared_axes", []))
    channels = site.axes + 1
    if site.channels_first or shared not in (spatial, [*spatial, channels]):
        raise site.fields.wrong(
            "a slope for each value of a map is not read; shared_axes are those beside the channels"
        )
    return (("", (PReLU(shared=channels in shared),)),)


def _function(name: str) -> LayerReader:
    return lambda _: (("", (Elementwise(name),)),)


def _softmax(site: KerasSite) -> Rows:
    site.check_channels()
    return (("", (Softmax(),)),)


def _dropout(site: KerasSite) -> Rows:
    """Nothing for a dropout of whole channels or examples (`noise_shape`): no mask of every value is kept."""
    rate = site.fields.real("rate", 0.5)
    return () if site.fields.get("noise_shape") is not None else (("", (Dropout(rate),)),)


POINTWISE: Mapping[str, LayerReader] = {
    "BatchNormalization": _batch_norm,
    "SyncBatchNormalization": _batch_norm,
    "LayerNormalization": _layer_norm,
    "GroupNormalization": _group_norm,
    "Normalization": _normalization,
    "Rescaling": _rescaling,
    "LayerScale": _layer_scale,
    "Activation": lambda site: (("", ops),) if (ops := activation(site)) else (),
    "ReLU": _relu,
    "PReLU": _prelu,
    "LeakyReLU": _function("leaky_relu"),
    "ELU": _function("elu"),
    "Softmax": _softmax,
    "Dropout": _dropout,
}
"""The layers of this file, by class."""
