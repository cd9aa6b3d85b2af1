"""The design spaces of documents by name: one file for each group, imported when one of its spaces is asked for.

A file has a function `space(name)` that makes the space of a canonical name.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from importlib import import_module

from archcalc.base.errors import UnknownName
from archcalc.base.spelling import matched, unknown
from archcalc.spaces.space import DesignSpace, is_size

GROUPS: Mapping[str, str] = {
    "anynet_a": "anynet",
    "anynet_b": "anynet",
    "anynet_c": "anynet",
    "anynet_d": "anynet",
    "anynet_e": "anynet",
    "regnetx": "regnet",
    "regnety": "regnet",
    "mobilenet_v1": "scaled",
    "efficientnet": "scaled",
    "efficientnet_dimensions": "scaled",
    "wrn": "scaled",
    "nasnet_a": "cells",
    "darts": "cells",
    "enas_micro": "cells",
    "enas_macro": "cells",
}
"""The file of every space."""


def find_space(name: str) -> DesignSpace | None:
    """The space of a name, which is matched without case, `-`, `_` and `.`; None if there is none.

    >>> find_space("AnyNet-C").size()
    316659348799488
    """
    for known, group in GROUPS.items():
        if matched(known) == matched(name):
            space: DesignSpace = import_module(f"{__name__}.{group}").space(known)
            return space
    return None


def named_space(name: str) -> DesignSpace:
    """The space of a name. Raises UnknownName with the nearest known names."""
    found = find_space(name)
    if found is None:
        raise unknown("design space", name, list(GROUPS), f"there are {', '.join(GROUPS)}")
    return found


def space_meant(name: str, axes: Collection[str] = ()) -> DesignSpace | None:
    """The space that a name stands for where axes of these names are given; None: it is not the name of a space.

    A few names, such as mobilenet_v1, are those of a space and of a network. Without axes the space is meant; with axes
    that the network has (hyperparameters and sizes of its input) a space of the network, and this is None.

    >>> space_meant("mobilenet_v1").size(), space_meant("mobilenet_v1", ["width"])
    (16, None)
    >>> space_meant("regnetx", ["depth"]).name
    'regnetx'
    """
    found = find_space(name)
    if found is None or not axes:
        return found
    from archcalc import zoo

    try:
        network = zoo.network(name)
    except UnknownName:
        return found
    return None if any([each in network.hyperparameters or is_size(each, network) for each in axes]) else found
