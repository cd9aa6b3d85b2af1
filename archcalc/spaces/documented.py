"""The design spaces whose sizes the documents print, counted, beside the printed size; and all that have a name."""

from __future__ import annotations

from functools import cache
from math import factorial
from typing import NamedTuple

from archcalc import zoo
from archcalc.base.errors import UnknownName
from archcalc.base.questions import question
from archcalc.base.spelling import shown
from archcalc.catalogue.descriptions import Citation, Description, cite, describe_network, describe_own, notes_of
from archcalc.graph import Network
from archcalc.spaces.named import GROUPS, anynet, named_space
from archcalc.spaces.sizes import count
from archcalc.zoo import _design_spaces as printed

REGNET = ("depth", "w_0", "w_a", "w_m", "bottleneck ratio", "group width")
"""The degrees of freedom of RegNet. The first four are not counted: document 003 prints about 64 choices of each."""
ABOUT = 64


class SpaceDescription(NamedTuple):
    """A design space: a set of networks, with its size."""

    name: str
    title: str
    authors: str
    year: int
    source: str
    citation: Citation
    documents: tuple[str, ...]
    restriction: str
    """The restriction that it adds to the space before."""
    restrictions: tuple[str, ...]
    """All restrictions that hold in it."""
    dimensions: int
    """Degrees of freedom."""
    formula: str
    """The formula of the size as the document prints it."""
    size: int
    """The exact value of the formula, which is an approximation where it divides by 4!."""
    points: int | None
    """The number of networks in it, counted exactly; None for RegNet, whose parameters are real numbers."""
    printed: str
    """The size as the document prints it, rounded."""
    notes: tuple[str, ...]


class NamedSpaceSize(NamedTuple):
    """A design space that a sweep takes by its name, with the exact number of its points."""

    name: str
    title: str
    source: str
    network: str
    """What is built."""
    dimensions: int
    """The number of its axes."""
    points: int


@question
def describe(name: str | Network) -> Description | SpaceDescription:
    """The metadata of a network: citation, hyperparameters, names, confirmation and notes; or those of a design space.

    Of one's own network there are its input and its hyperparameters.

    Raises UnknownName with the nearest known names.

    >>> describe("VGG-16").source
    'arXiv:1409.1556'
    """
    if isinstance(name, Network):
        return describe_own(name) if name.family is None else describe_network(name.name)
    space = zoo.design_space(name)
    return describe_network(name) if space is None else describe_space(space)


@question
def spaces() -> list[SpaceDescription]:
    """The design spaces whose sizes the documents print."""
    return [describe_space(name) for name in printed.DESIGN_SPACES]


def named_spaces() -> list[NamedSpaceSize]:
    """All design spaces by name, with their exact sizes.

    >>> [each.points for each in named_spaces() if each.name in ("mobilenet_v1", "regnetx")]
    [339728256, 16]
    """
    made = [named_space(name) for name in GROUPS]
    return [
        NamedSpaceSize(each.name, each.title, each.source, each.resolved.name, len(each.axes), each.size())
        for each in made
    ]


def describe_space(name: str) -> SpaceDescription:
    """The metadata of a design space, by its canonical name."""
    paper = (printed.AUTHORS, printed.TITLE, printed.YEAR, printed.SOURCE)
    space = printed.DESIGN_SPACES[name]
    return SpaceDescription(
        name=name,
        title=printed.TITLE,
        authors=printed.AUTHORS,
        year=printed.YEAR,
        source=printed.SOURCE,
        citation=cite(*paper),
        documents=printed.DOCUMENTS,
        restriction=space.restriction,
        restrictions=printed.restrictions(name),
        dimensions=dimensions(name),
        formula=space.formula,
        size=approximation(name),
        points=points(name),
        printed=space.size,
        notes=notes_of("archcalc.zoo._design_spaces"),
    )


def dimensions(name: str) -> int:
    """The degrees of freedom of a documented space. Raises UnknownName."""
    return len(REGNET if _known(name) == "regnet" else anynet.axes(name[-1]))


@cache
def points(name: str) -> int | None:
    """The number of networks in a documented space, counted; None for RegNet. Raises UnknownName.

    >>> points("anynet_d")
    13821510942720
    """
    if _known(name) == "regnet":
        return None
    return count(anynet.axes(name[-1]), anynet.constraints(name[-1]))


def approximation(name: str) -> int:
    """The size of a documented space by the formula of document 003. Raises UnknownName.

    It takes 1 of 4! orders for each condition that four values do not fall, though values may be equal.

    >>> approximation("anynet_d")
    13194139533312
    """
    if _known(name) == "regnet":
        return ABOUT**4 * len(anynet.RATIOS) * len(anynet.GROUP_WIDTHS)
    axes, orders = anynet.axes(name[-1]), anynet.constraints(name[-1])
    return count(axes, ()) // factorial(len(anynet.STAGES)) ** len(orders)


def _known(name: str) -> str:
    if name not in printed.DESIGN_SPACES:
        said = f"no design space is called {shown(name)}; there are {', '.join(printed.DESIGN_SPACES)}"
        raise UnknownName(said, (), "name", "design space", name)
    return name
