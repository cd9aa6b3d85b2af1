"""The explanation of a printed number: the readings that give it within its printed digits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from heapq import nsmallest
from typing import Any, NamedTuple

from archcalc import zoo
from archcalc.algebra.amounts import Printed, Unit, read_printed
from archcalc.algebra.expressions import parse_claim
from archcalc.base.errors import ArchcalcError
from archcalc.base.questions import question
from archcalc.base.spelling import shown
from archcalc.evidence.alternatives import Scope
from archcalc.evidence.readings import Reading, near, readings
from archcalc.evidence.subjects import named
from archcalc.graph import Network
from archcalc.request import NetworkLike, Request


class PrintedQuantity(NamedTuple):
    """A quantity that a printed number may count."""

    name: str
    facts: tuple[str, ...]
    """Claims in the language of `archcalc.algebra.expressions`, with `{}` for the network."""
    units: frozenset[Unit]
    """The units in which it may be printed."""
    accepts: str
    """Examples of such numbers, for messages."""


QUANTITIES: dict[str, PrintedQuantity] = {
    each.name: each
    for each in (
        PrintedQuantity("params", ("params({})",), frozenset({"", "params"}), "25.6M or 138,357,544"),
        PrintedQuantity(
            "mult_adds",
            ("mult_adds({})",),
            frozenset({"", "FLOPs", "mult-adds"}),
            "3.8G, 569M mult-adds or 4.1 GFLOPs",
        ),
        PrintedQuantity("activations", ("activations({})",), frozenset({""}), "11.1M"),
        PrintedQuantity(
            "layers", ("depth({})", "convs({})", "linears({})"), frozenset({"", "layers"}), "22 or 22 layers"
        ),
        PrintedQuantity("parameter_bytes", ("4 * params({})",), frozenset({"bytes"}), "98 MB or 97.5 MiB"),
        PrintedQuantity("activation_bytes", ("4 * activations({})",), frozenset({"bytes"}), "61 MB"),
        PrintedQuantity("peak_inference_bytes", ("peak_inference_bytes({})",), frozenset({"bytes"}), "25.7 MB"),
        PrintedQuantity("training_saved_bytes", ("training_saved_bytes({})",), frozenset({"bytes"}), "73 MB"),
    )
}
MOST_LAYERS = 10_000
"""The largest number that is tried as a number of layers."""
_LESS_LIKELY = {"activations": 0.5, "peak_inference_bytes": 0.5, "training_saved_bytes": 0.6, "activation_bytes": 0.2}
NEAREST = 3


class Explained(NamedTuple):
    """A reading that gives a number or comes near it, with the quantity and the fact."""

    quantity: str
    fact: str
    """The fact that is counted: `layers` may be depth, convs or linears."""
    reading: Reading

    @property
    def rank(self) -> tuple[Any, ...]:
        weight, *rest = self.reading.rank
        return round(weight + _LESS_LIKELY.get(self.quantity, 0), 3), *rest, self.quantity


class Explanation(NamedTuple):
    """The readings of a printed number, the likeliest first."""

    printed: Printed
    architecture: str
    """The network of the request; empty for the whole catalogue."""
    quantities: tuple[str, ...]
    readings: tuple[Explained, ...]
    nearest: tuple[Explained, ...]
    """The nearest readings, if none gives the number."""
    networks: int
    """The number of networks tried, variants not counted."""


@question
def explain(
    number: str,
    *,
    architecture: NetworkLike | None = None,
    quantity: str | None = None,
    changes: int | None = None,
    advance: Callable[[int], None] | None = None,
) -> Explanation:
    """The readings of a printed number (`3.8G`) that give it within its digits, the likeliest first.

    `architecture` is the network that the number is printed for, with its variants; without it the whole catalogue is
    searched. `quantity` is one of `QUANTITIES`, by default all that may be printed with that unit. A reading differs
    from the obvious one in at most `changes` assumptions (2 for one network, 1 for the catalogue). `advance(1)` is
    called after each network.

    Raises ArchcalcError for a number that cannot be read or that cannot count the quantity.

    >>> best = explain("3.8G", architecture="resnet50").readings[0].reading
    >>> best.networks, best.value
    (('resnet50_v1',), 3857973248)
    """
    printed = read_printed(number)
    chosen = tuple(_quantities(printed, quantity))
    if architecture is not None:
        network = Request.of(architecture).resolved
        with named(network):
            return _searched(printed, chosen, (network.name,), changes, network, advance)
    return _searched(printed, chosen, zoo.names(), changes, None, advance)


def _searched(
    printed: Printed,
    chosen: tuple[PrintedQuantity, ...],
    names: tuple[str, ...],
    changes: int | None,
    architecture: Network | None,
    advance: Callable[[int], None] | None,
) -> Explanation:
    most = changes if changes is not None else 1 if architecture is None else 2
    if not 0 <= most <= 4:
        raise ArchcalcError(f"changes are from 0 to 4, not {most}")
    scope = Scope(most_changes=most, variants=architecture is not None)
    explained: list[Explained] = []
    nearest: list[Explained] = []
    for name in names:
        explained += _plainest(_best(_explained(name, chosen, printed, scope, readings)))
        if not explained:
            others = _best(_explained(name, chosen, printed, scope, near))
            nearest = nsmallest(NEAREST, [*nearest, *others], key=lambda each: each.reading.distance)
        if advance is not None:
            advance(1)
    return Explanation(
        printed=printed,
        architecture="" if architecture is None else names[0],
        quantities=tuple(each.name for each in chosen),
        readings=tuple(sorted(explained, key=lambda each: each.rank)),
        nearest=() if explained else tuple(nearest),
        networks=len(names),
    )


def size_of_search(architecture: NetworkLike | None) -> int:
    """The number of times that `explain` will call `advance`."""
    return len(zoo.names()) if architecture is None else 1


def _quantities(printed: Printed, quantity: str | None) -> Iterator[PrintedQuantity]:
    if printed.unit in ("%", "x"):
        kind = "a share" if printed.unit == "%" else "a ratio"
        raise ArchcalcError(f"{printed.text!r} is {kind} of an unknown whole; give a count such as 25.6M or 3.8G")
    if quantity is None:
        small = printed.power == 0 and printed.value < MOST_LAYERS
        yield from [q for q in QUANTITIES.values() if printed.unit in q.units and (small or q.name != "layers")]
        return
    wanted = quantity.strip().lower().replace("-", "_")
    if wanted not in QUANTITIES:
        raise ArchcalcError(f"no quantity is called {shown(quantity)}; there are {', '.join(QUANTITIES)}")
    if printed.unit not in QUANTITIES[wanted].units:
        raise ArchcalcError(
            f"{printed.text!r} is a number of {printed.unit or 'things without a unit'}; "
            f"{wanted} is printed as {QUANTITIES[wanted].accepts}"
        )
    yield QUANTITIES[wanted]


def _explained(
    name: str,
    chosen: Iterable[PrintedQuantity],
    printed: Printed,
    scope: Scope,
    search: Callable[..., Iterator[Reading]],
) -> Iterator[Explained]:
    for quantity in chosen:
        for fact in quantity.facts:
            for reading in search(parse_claim(fact.format(name)), printed, scope):
                yield Explained(quantity.name, fact.partition("({})")[0].split()[-1], reading)


def _best(explained: Iterable[Explained]) -> list[Explained]:
    """The likeliest of the readings that give the same number of the same quantity."""
    best: dict[Any, Explained] = {}
    for each in explained:
        key = (each.fact, each.quantity, each.reading.value, any(c.kind == "base" for c in each.reading.changes))
        if key not in best or each.rank < best[key].rank:
            best[key] = each
    return list(best.values())


def _plainest(explained: list[Explained]) -> list[Explained]:
    """The readings, without those for which fewer of the same changes are enough."""
    sets = [(each, frozenset(change.words for change in each.reading.changes)) for each in explained]
    return [
        each
        for each, changes in sets
        if len(changes) < 2 or not any(less < changes and each.fact == other.fact for other, less in sets)
    ]
