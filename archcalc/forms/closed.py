"""Closed forms: a network is built on symbols instead of sizes, and its costs come out as polynomials in them.

Every symbol begins as itself. Where a division leaves a remainder, the network is built again on a coarser symbol
(`H = 2h + 1` instead of `H`), until every size is a polynomial: the period is computed, not assumed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from math import prod
from typing import Any, TypeVar

from archcalc.algebra.polynomial import (
    Envelope,
    NeedsPeriod,
    NotPolynomial,
    Polynomial,
    Space,
    Unsettled,
    counted_from,
    exceeds,
)
from archcalc.analysis.cost import Cost, costs
from archcalc.analysis.quantities import EXACT_FORMS, FORMS, Basis, totals
from archcalc.analysis.receptive_field import fields
from archcalc.analysis.results import Layer
from archcalc.analysis.table import by_row
from archcalc.base.errors import ArchcalcError
from archcalc.base.questions import checked, question
from archcalc.forms.exact import MOST_CLASSES, ExactForm
from archcalc.forms.results import ClosedForm, Formula, RowFormula, Symbol, unit_of
from archcalc.forms.symbols import (
    OTHERS,
    FreeSymbol,
    alone,
    axes_of,
    bounded,
    filled,
    letters_of,
    sizes_of,
    unknowns_of,
)
from archcalc.graph import Graph, Network, Real, Whole, show_shape
from archcalc.graph.axes import example, position
from archcalc.request import NetworkLike, Request

T = TypeVar("T")

LARGEST_PERIOD = 1 << 16


@checked
def closed_form(
    network: NetworkLike,
    symbols: Sequence[str] = (),
    **given: Any,
) -> ClosedForm:
    """The costs of a network as formulas in some symbols, on the residue classes of its own values.

    `symbols` are the sizes of the input, by default all of them (H and W of an image, L of a sequence, D, H and W of a
    volume, or S where they are equal), C (input channels), K (classes), N (batch) and names of hyperparameters in which
    the cost is polynomial. `given` sets everything else, as in `analyze`; `input` also selects the residue classes.

    Raises ArchcalcError for a symbol that the network does not have, or in which a cost is no polynomial.

    >>> import archcalc
    >>> archcalc.closed_form("resnet50").quantities["mult_adds"].text
    '83410944*h*w + 2048000'
    """
    return closed_form_of(Request.of(network, **given), symbols)


def closed_form_of(request: Request, symbols: Sequence[str] = (), quantities: Sequence[str] = FORMS) -> ClosedForm:
    """`closed_form` of some quantities only: those whose maximum has many members take most of the time."""
    found = request.resolved
    unknowns = unknowns_of(request, symbols or axes_of(found))

    def attempt(space: Space, values: Mapping[str, Any]) -> ClosedForm:
        shape, own = filled(request, values)
        graph = found.graph(shape, own)
        each = costs(graph)
        totals_found = _quantities(graph, each, values.get("N", request.batch), request, quantities)
        return _closed(found, graph, each, space, totals_found)

    form, symbols_found = _settled(found, unknowns, attempt)
    return _tidied(form, symbols_found)


def _channels(network: Network, graph: Graph) -> Any:
    """The size of the input's axis of channels; 1 for an input that has sizes only."""
    return next((size for place, size in enumerate(graph.nodes[0].shape) if place not in network.places), 1)


@question
def formula_symbols(network: NetworkLike, **given: Any) -> dict[str, str]:
    """The symbols in which a network has closed forms, with their meanings; each is tried."""
    request = Request.of(network, **given)
    found = request.resolved
    known = {**sizes_of(found), "C": "input channels", "K": "outputs of the classifier"}
    known["N"] = f"{example(found.inputs)}s at once"
    own = found.hyperparameters.items()
    known |= {key: kind.meaning for key, kind in own if isinstance(kind, (Whole, Real)) and key not in OTHERS.values()}
    result: dict[str, str] = {}
    for symbol, meaning in known.items():
        try:
            closed_form(request, (symbol,))
        except ArchcalcError:
            continue
        result[symbol] = meaning
    return result


@checked
def exact_form(
    network: NetworkLike,
    *,
    quantities: Sequence[str] = EXACT_FORMS,
    **given: Any,
) -> ExactForm:
    """The costs of a network as quasi-polynomials in the sizes of its input: every residue class at once.

    `quantities` are those that are wanted, by default all that have forms but the peaks of runs call
    by call, whose maxima have very many members. `given` are the settings of a request:
    `batch` and `dtype`, which matter for bytes only, and hyperparameters.

    The sizes are height and width of an image, the length of a sequence, depth, height and width of a volume. Raises
    ArchcalcError if the network cannot be built, if it has several inputs or one without sizes, or if there are too
    many residue classes.

    >>> exact_form("resnet50").evaluate("mult_adds", 225, 225)
    4626713792
    """
    request = Request.of(network, **given)
    found = request.resolved
    axes = axes_of(found)
    if not axes:
        why = "it has several inputs" if len(found.inputs) > 1 else f"its input {show_shape(found.input)} has none"
        raise ArchcalcError(f"{found.name}: an exact form is in the sizes of one input, and {why}")
    unknowns = unknowns_of(request, axes)

    def attempt(space: Space, values: Mapping[str, Any]) -> tuple[Graph, Space, dict[str, Any]]:
        shape, own = filled(request, values)
        graph = found.graph(shape, own)
        return graph, space, _quantities(graph, costs(graph), request.batch, request, quantities)

    _, classes = _settled(found, unknowns, attempt, everywhere=True)
    periods = tuple([symbol.period for symbol in classes])
    if prod(periods) > MOST_CLASSES:
        said = " x ".join(map(str, periods))
        raise ArchcalcError(
            f"{found.name}: an exact form would have {said} residue classes; closed forms have one each"
        )
    letters = tuple([axis.lower() for axis in axes])

    def spread(space: Space) -> dict[str, Any]:
        sizes = [
            space.symbol(letter) * period + space.spread(letter, range(period))
            for letter, period in zip(letters, periods, strict=True)
        ]
        for size in sizes:
            space.at_least[size - 1] = None
        return dict(zip(axes, sizes, strict=True))

    def built(*sizes: int) -> dict[str, Any]:
        """The counts of the network at a size for each axis."""
        return attempt(space, dict(zip(axes, sizes, strict=True)))[2]

    space = Space(letters)
    graph, _, found_quantities = attempt(space, spread(space))
    return ExactForm(
        architecture=found.name,
        citation=found.citation,
        channels=_channels(found, graph),
        periods=periods,
        quantities=found_quantities,
        space=space,
        built=built,
    )


def _settled(
    found: Network,
    unknowns: Sequence[FreeSymbol],
    attempt: Callable[[Space, Mapping[str, Any]], T],
    *,
    everywhere: bool = False,
) -> tuple[T, tuple[Symbol, ...]]:
    """The result of `attempt` on the coarsest symbols that it needs, and the symbols with their bounds.

    Conditions are decided as they hold at the network's own values, or, if it is for sizes `everywhere`, at large ones.
    """
    periods = [1] * len(unknowns)
    while max(periods, default=1) <= LARGEST_PERIOD:
        residues = [0 if each.real else each.present % period for each, period in zip(unknowns, periods, strict=True)]
        letters = letters_of(unknowns, periods)
        present = [
            each.present if each.real else each.present // period
            for each, period in zip(unknowns, periods, strict=True)
        ]
        space = Space(
            letters,
            [letter for letter, each in zip(letters, unknowns, strict=True) if each.real],
            None if everywhere else dict(zip(letters, present, strict=True)),
        )
        values = {
            each.name: space.symbol(letter) * period + residue
            for each, letter, period, residue in zip(unknowns, letters, periods, residues, strict=True)
        }
        try:
            result = attempt(space, values)
        except NeedsPeriod as needs:
            for place, factor in needs.factors.items():
                periods[place] *= factor
            continue
        except NotPolynomial as error:
            raise _refused(found, unknowns, str(error)) from None
        return result, bounded(space, unknowns, letters, periods, residues)
    raise _refused(found, unknowns, "no period settles it")


def _refused(found: Network, unknowns: Sequence[FreeSymbol], why: str) -> ArchcalcError:
    own = [each.name for each in unknowns if each.key not in ("", "batch", "classes", "in_channels")]
    which = ", ".join(own or [each.name for each in unknowns])
    why = "it shapes the network" if "shapes the network" in why else why
    return ArchcalcError(f"{found.name}: the cost is no polynomial in {which}: {why}")


def _quantities(
    graph: Graph, each: list[Cost], batch: Any, request: Request, keys: Sequence[str] = FORMS
) -> dict[str, Any]:
    found = dict(totals(Basis(graph, batch, request.dtype, request.training, each), keys))
    for value in found.values():
        if isinstance(value, Unsettled):
            raise NeedsPeriod(value.factors)
    return found


def _closed(found: Network, graph: Graph, each: list[Cost], space: Space, quantities: Mapping[str, Any]) -> ClosedForm:
    layers = by_row(graph, each, fields(graph))
    one = example([node.shape for node in graph.nodes if node.op.role == "input"])
    last = layers[-1].output_shape
    return ClosedForm(
        architecture=found.name,
        citation=found.citation,
        input=tuple([Formula(side) for side in graph.nodes[0].shape]),
        symbols=(),
        conditions=(),
        quantities={key: Formula(value, unit_of(key, one)) for key, value in quantities.items()},
        output_shape=tuple([Formula(side) for side in last]),
        receptive_field=_sight(layers, position(graph.nodes[0].shape)),
        rows=tuple([_row(layer) for layer in layers]),
        space=space,
    )


def _row(layer: Layer) -> RowFormula:
    return RowFormula(
        layer.name,
        layer.op,
        tuple([Formula(side) for side in layer.output_shape]),
        Formula(layer.activations, "elements"),
        Formula(layer.params, "learnable values"),
        Formula(layer.mult_adds, "multiply-accumulates"),
    )


def _sight(layers: Sequence[Layer], unit: str) -> str:
    """The field of the last layer that has a window, other branches set aside, and what comes after it."""
    local = [
        (layer, rf)
        for layer in layers
        if (rf := layer.receptive_field if layer.receptive_field.size else layer.receptive_field.local) is not None
    ]
    if not local:
        return "the output sees the whole input" if layers[-1].receptive_field.whole_input else "no layer has a window"
    layer, rf = local[-1]
    assert rf.size is not None  # noqa: S101  for the type checker
    size = " x ".join(dict.fromkeys(str(side) for side in rf.size))
    stride = " x ".join(dict.fromkeys(str(side) for side in rf.stride or ()))
    after = layers[-1].receptive_field
    whole = layer.receptive_field
    without = "that see the whole input" if whole.whole_input else "whose windows differ from unit to unit"
    gated = f", without the branches {without}" if whole.size is None else ""
    text = f"{size} {unit}s, stride {stride}, at {layer.name}{gated}"
    if layer is layers[-1]:
        return text
    return f"{text}; the output sees the whole input" if after.whole_input else f"{text}; no window after it"


def _tidied(form: ClosedForm, symbols: tuple[Symbol, ...]) -> ClosedForm:
    """The form with its symbols, the conditions that their bounds do not imply, and maxima decided where possible."""
    space = form.space
    bounds = {symbol.letter: symbol.least for symbol in symbols}
    letters = [symbol.letter for symbol in symbols]
    open_ones = {
        **{f"{each} = 0": True for each in space.zero},
        **{f"{each} >= 0": not _positive(each, bounds, 0) for each in space.at_least if not _any_alone(each, letters)},
        **{
            _unequal(each, form, letters): not _positive(each, bounds, 1) and not _positive(-each, bounds, 1)
            for each in space.nonzero
        },
        **{f"{each} is whole": True for each in space.whole if not _any_alone(each, letters)},
    }
    quantities = {
        key: Formula(_settled_maximum(formula.value, bounds), formula.unit) for key, formula in form.quantities.items()
    }
    noted = tuple([text for text, is_open in open_ones.items() if is_open])
    return replace(form, symbols=symbols, conditions=noted, quantities=quantities)


def _unequal(condition: Polynomial, form: ClosedForm, letters: Sequence[str]) -> str:
    """The condition that a count is not 0, as text; if it is linear in one letter, the value that is excluded."""
    for letter in letters:
        line = alone(condition, letter)
        if line is not None:
            root = Fraction(-line[1]) / line[0]
            itself = (form.space.near or {}).get(letter) == root
            own = f" ({form.architecture} itself has {letter} = {root}, and other layers there)" if itself else ""
            return f"{letter} != {root}{own}"
    return f"{condition} != 0"


def _any_alone(condition: Polynomial, letters: Sequence[str]) -> bool:
    return any([alone(condition, letter) is not None for letter in letters])


def _positive(value: Polynomial, bounds: Mapping[str, Any], least: int) -> bool:
    """Return True if the signs of a count show that it is at least `least` for all letters within their bounds."""
    return exceeds(counted_from(value, bounds), least)


def _settled_maximum(value: Any, bounds: Mapping[str, Any]) -> Any:
    """The largest of several counts, without those that another exceeds for all letters within their bounds."""
    if not isinstance(value, Envelope):
        return value
    kept: list[tuple[Any, Any]] = []
    for member in value.members:
        moved = counted_from(member, bounds)
        if not any([exceeds(other, moved) for _, other in kept]):
            kept = [(each, other) for each, other in kept if not exceeds(moved, other)]
            kept.append((member, moved))
    return kept[0][0] if len(kept) == 1 else Envelope(tuple([member for member, _ in kept]))
