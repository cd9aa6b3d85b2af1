"""Looks of networks in a plot: a colour and a marker for each family, and lines through networks of one design."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Protocol, TypeVar

from archcalc import zoo
from archcalc.figures import style


class Member(Protocol):
    """A network as one of its family."""

    @property
    def name(self) -> str: ...
    @property
    def family(self) -> str: ...
    @property
    def year(self) -> int: ...


SomeMember = TypeVar("SomeMember", bound=Member)

SIZES = ("tiny", "small", "base", "large", "xlarge", "t", "s", "b", "l", "xl", "mobile")
"""Words and letters for sizes in names, such as that of `swin_t`."""
_OPEN = re.compile(rf"\d+(?:\.\d+)?(?:gf|mf)?|(?<=_)(?:{'|'.join(SIZES)})(?=_|$)")


def families(chosen: Sequence[Member]) -> dict[str, tuple[str, str]]:
    """A colour and a marker for every family, in the order of their first papers.

    The ninth family has the first colour and the second marker; no two of the first 64 look the same.

    >>> class Fake:
    ...     def __init__(self, name): self.name = self.family = name; self.year = 2000
    >>> looks = families([Fake(f"family {number:02}") for number in range(64)])
    >>> len(set(looks.values()))
    64
    """
    names = sorted(
        {each.family for each in chosen}, key=lambda name: (min(p.year for p in chosen if p.family == name), name)
    )
    size = len(style.COLOURS)
    return {
        name: (style.COLOURS[i % size], style.MARKERS[(i + i // size) % len(style.MARKERS)])
        for i, name in enumerate(names)
    }


def alike(chosen: Sequence[SomeMember], apart: Callable[[SomeMember], str] = lambda _: "") -> list[list[SomeMember]]:
    """Groups of networks of one family and one design whose names differ in one number or size, the largest first.

    `apart` is equal in a group. Basic and bottleneck residual blocks are two designs, and so are convolutions of other
    kernels: a line through such networks would show a trend where two things change.
    """
    left = list(chosen)
    lines: list[list[SomeMember]] = []
    while True:
        groups: dict[tuple[str, str, str], list[SomeMember]] = {}
        for each in left:
            for key in _with_one_part_open(each.name):
                groups.setdefault((each.family, key, apart(each)), []).append(each)
        largest = max([[], *[same for group in groups.values() for same in _of_one_design(group)]], key=len)
        if len(largest) < 2:
            return lines
        lines.append(largest)
        left = [each for each in left if each not in largest]


def _of_one_design(group: Sequence[SomeMember]) -> list[list[SomeMember]]:
    """A group split by design; a group of one is not looked into."""
    if len(group) < 2:
        return [list(group)]
    designs: dict[object, list[SomeMember]] = {}
    for each in group:
        designs.setdefault(design(each.name), []).append(each)
    return list(designs.values())


def _with_one_part_open(name: str) -> list[str]:
    """The name with one of its numbers or sizes replaced by a star, for each: resnet* for `resnet50`."""
    return [name[: match.start()] + "*" + name[match.end() :] for match in _OPEN.finditer(name)]


@cache
def design(name: str) -> frozenset[object]:
    """The design of a network: its kinds of blocks, each by the kernels and groups of its convolutions.

    >>> design("resnet50") == design("resnet152")
    True
    >>> design("preresnet110_cifar") == design("preresnet164_cifar")  # basic blocks, and bottlenecks
    False
    """
    network = zoo.network(name)
    blocks: dict[str, list[object]] = {}
    for node in network.graph(None, network.settings).nodes:
        if node.op.role == "conv":
            given: dict[str, Any] = node.op.attributes()
            kind = (str(given.get("kernel", 1)), given.get("groups", 1) != 1)
            blocks.setdefault(node.row.rpartition(".")[0], []).append(kind)
    return frozenset([_kinds(kinds, block) for block, kinds in blocks.items()])


def _kinds(kinds: Sequence[object], block: str) -> frozenset[object]:
    """The convolutions of a block, with their numbers; without them outside of blocks, where they are the depth."""
    return frozenset(Counter(kinds).items()) if block else frozenset(kinds)
