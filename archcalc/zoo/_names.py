"""Names of networks that do not begin with the name of their file: those of papers, documents and libraries."""

from __future__ import annotations

from collections.abc import Mapping

from archcalc.base.spelling import matched

NAMES: Mapping[str, str] = {
    "inception_v1": "googlenet",
    "mobilenet": "mobilenet_v1_1.0_224",
    "network_in_network": "nin_imagenet",
}
"""Other names of networks."""

BEGINNINGS: Mapping[str, str] = {
    "wide_resnet": "wrn",
    "preact_resnet": "preresnet",
    "swin_tiny": "swin_t",
    "swin_small": "swin_s",
    "swin_base": "swin_b",
    "swin_large": "swin_l",
}
"""Other names of families: what a name may begin with, and with what the catalogue's does."""


def otherwise(name: str) -> str | None:
    """The name that the catalogue may have for a network of another name; None if none is known.

    >>> otherwise("Inception-v1"), otherwise("wide_resnet_28_10"), otherwise("resnet50")
    ('googlenet', 'wrn_28_10', None)
    """
    wanted = matched(name)
    for other, own in NAMES.items():
        if matched(other) == wanted:
            return own
    for other, own in BEGINNINGS.items():
        if wanted.startswith(matched(other)):
            return own + name[_length(name, matched(other)) :]
    return None


def _length(name: str, begun: str) -> int:
    """The number of characters of a name whose compared form is what it begins with."""
    return next(end for end in range(len(name) + 1) if matched(name[:end]) == begun)
