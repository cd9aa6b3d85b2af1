"""Ratios of the costs of two networks, in symbols: the quotients of their closed forms, reduced.

No ratio is written by hand: both networks are built on symbols. A hyperparameter with a few whole-number options (the
side of a kernel) becomes a symbol by exact interpolation, which is checked at the remaining options.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from archcalc.algebra.curves import through
from archcalc.algebra.polynomial import Polynomial, Space
from archcalc.algebra.quotients import Ratio, Terms, cancelled, limit_of
from archcalc.analysis.table import analyze
from archcalc.base.errors import ArchcalcError
from archcalc.base.questions import question
from archcalc.forms.closed import closed_form
from archcalc.forms.results import ClosedForm
from archcalc.graph import Choice, Network, Real, Whole
from archcalc.request import NetworkLike, Request

COMPARED = ("params", "mult_adds", "activation_sum")
LEFT_OUT = ("classes", "in_channels", "dropout", "stride")
MOST_SYMBOLS = 4
CHECKS = 2
"""The number of options of a choice at which an interpolated polynomial is checked."""


@dataclass(frozen=True)
class RatioLaws:
    """Ratios of the costs of two networks, by quantity."""

    architecture: str
    other: str
    symbols: Mapping[str, str]
    """The meaning of each symbol."""
    ratios: tuple[Ratio, ...]
    left_out: Mapping[str, str]
    """Quantities for which there is no ratio in symbols, with the reason."""
    how: str

    def to_dict(self) -> dict[str, Any]:
        """Plain lists and dictionaries, as `--format json` prints them."""
        return {
            "architecture": self.architecture,
            "other": self.other,
            "symbols": dict(self.symbols),
            "ratios": self.records(),
            "left_out": dict(self.left_out),
            "how": self.how,
        }

    def records(self) -> list[dict[str, Any]]:
        """One flat dictionary for each quantity, as in `--format csv`."""
        return [
            {
                "architecture": self.architecture,
                "other": self.other,
                "quantity": ratio.quantity,
                "ratio": ratio.text(),
                "latex": ratio.text("latex"),
                "limit": "" if ratio.limit is None else ratio.limit.text(),
                "at_present": float(ratio.at_present),
            }
            for ratio in self.ratios
        ]


@question
def compare_laws(
    network: NetworkLike,
    other: NetworkLike,
    *,
    symbols: Sequence[str] | None = None,
    **given: Any,
) -> RatioLaws:
    """Ratios of the parameters, mult-adds and activations of a network to those of another one, in symbols.

    Both are taken at the input size of the first. `symbols` are `S` (the side of a square input), `K` (classes), `C`
    (channels of the input) and hyperparameters that both networks have; by default all in which both have closed
    forms. `given` are the settings of a request: `input`, `batch`, `dtype` and hyperparameters.

    Raises ArchcalcError where the networks have no such symbol in common, or one of them lacks a requested symbol.

    >>> laws = compare_laws("depthwise_separable_example", "depthwise_separable_example_standard")
    >>> [ratio.text() for ratio in laws.ratios if ratio.quantity == "mult_adds"]
    ['1/channels + 1/kernel^2']
    """
    request = Request.of(network, **given)
    pair = (request.resolved, Request.of(other).resolved)
    size, hyperparameters = request.shape[1:], dict(request.settings)
    wanted = list(dict.fromkeys(symbols)) if symbols else _shared(pair, size, hyperparameters)
    if not wanted:
        raise ArchcalcError(
            f"{pair[0].name} and {pair[1].name} have no closed forms in the same symbol", about="symbols"
        )
    choices = [each for each in wanted if isinstance(pair[0].hyperparameters.get(each), Choice)]
    plain = tuple([each for each in wanted if each not in choices])
    sides: list[dict[str, Any]] = []
    explained: list[str] = []
    meanings: dict[str, str] = {}
    for one in pair:
        terms, how, meant = _in_symbols(one, plain, choices, size, hyperparameters)
        sides.append(terms)
        explained += [each for each in how if each not in explained]
        meanings |= meant
    names = (*plain, *choices)
    ratios: list[Ratio] = []
    left_out: dict[str, str] = {}
    for quantity in COMPARED:
        above, below = sides[0].get(quantity), sides[1].get(quantity)
        if not above or not below:
            left_out[quantity] = "it is 0, or no single polynomial, in one of them"
            continue
        present = _present(pair, quantity, size, hyperparameters)
        ratio = cancelled(quantity, above, below, names, present)
        ratios.append(ratio._replace(limit=limit_of(ratio)))
    return RatioLaws(pair[0].name, pair[1].name, meanings, tuple(ratios), left_out, "; ".join(explained))


def _shared(pair: Sequence[Network], size: tuple[Any, ...], settings: Mapping[str, Any]) -> list[str]:
    """The symbols in which both networks have closed forms: the size and hyperparameters."""
    kinds = [each.hyperparameters for each in pair]
    result: list[str] = []
    for symbol in ["S", *[key for key in kinds[0] if key in kinds[1] and key not in (*LEFT_OUT, *settings)]]:
        kind = kinds[0].get(symbol)
        if isinstance(kind, Choice):
            usable = all(isinstance(each, int) for each in kind.options) and len(kind.options) > CHECKS + 1
        else:
            usable = symbol == "S" or isinstance(kind, (Whole, Real))
        if usable and len(result) < MOST_SYMBOLS:
            plain, choices = ([], [symbol]) if isinstance(kind, Choice) else ([symbol], [])
            try:
                for each in pair:
                    _in_symbols(each, plain, choices, size, settings)
            except ArchcalcError:
                continue
            result.append(symbol)
    return result


def _input(network: Network, size: tuple[Any, ...], settings: Mapping[str, Any]) -> tuple[Any, ...]:
    return (network.settled(settings).get("in_channels", network.input[0]), *size)


def _present(pair: Sequence[Network], quantity: str, size: tuple[Any, ...], settings: Mapping[str, Any]) -> Fraction:
    above, below = [
        getattr(analyze(each, input=_input(each, size, settings), **settings).totals, quantity) for each in pair
    ]
    return Fraction(above, below)


def _in_symbols(
    network: Network,
    plain: Sequence[str],
    choices: Sequence[str],
    size: tuple[Any, ...],
    settings: Mapping[str, Any],
) -> tuple[dict[str, Terms], list[str], dict[str, str]]:
    """The quantities of a network as polynomials in symbols, the method as text, and the meanings of the symbols."""
    if not choices:
        form = closed_form(network, plain, input=_input(network, size, settings), **settings)
        each = {key: _terms(form, form.quantities[key].value) for key in COMPARED}
        terms = {key: value for key, value in each.items() if value is not None}
        meanings = {symbol.name: symbol.meaning for symbol in form.symbols}
        domain = [
            f"{symbol.name} = {symbol.period}n + {symbol.residue}" for symbol in form.symbols if symbol.period > 1
        ]
        return terms, [each.replace(" + 0", "") for each in domain], meanings
    *rest, choice = choices
    kind = network.hyperparameters[choice]
    assert isinstance(kind, Choice)  # noqa: S101  for the type checker
    options = sorted(kind.options)
    sides = [_in_symbols(network, plain, rest, size, {**settings, choice: option}) for option in options]
    result: dict[str, Terms] = {}
    needed = 0
    for quantity in COMPARED:
        if all(quantity in terms for terms, _, _ in sides):
            merged, degree = _through(options, [terms[quantity] for terms, _, _ in sides], network.name, choice)
            result[quantity] = merged
            needed = max(needed, degree + 1)
    through, checked = options[:needed], options[needed:]
    how = f"{choice} interpolated at {_listed(through)} and checked at {_listed(checked)}"
    return result, [*sides[0][1], how], {**sides[0][2], choice: kind.meaning}


def _listed(values: Sequence[int]) -> str:
    return ", ".join(map(str, values))


def _through(options: Sequence[int], each: Sequence[Terms], name: str, choice: str) -> tuple[Terms, int]:
    """Terms whose coefficients are polynomials in a further symbol. Raises ArchcalcError if they are no polynomials."""
    result: Terms = {}
    highest = 0
    for powers in dict.fromkeys(powers for terms in each for powers in terms):
        part = through(options, [terms.get(powers, Fraction(0)) for terms in each])
        if len(options) < len(part) + CHECKS:
            raise ArchcalcError(
                f"{name}: the cost is no polynomial in {choice} of so low a degree that it can be checked"
            )
        highest = max(highest, len(part) - 1)
        result |= {(*powers, power): Fraction(value) for power, value in enumerate(part) if value}
    return result, highest


def _terms(form: ClosedForm, value: Any) -> Terms | None:
    """A count in the symbols themselves: with (S - r)/p for the letter s if S = ps + r. None for a maximum."""
    names = [symbol.name for symbol in form.symbols]
    if isinstance(value, int):
        return {(0,) * len(names): Fraction(value)} if value else {}
    if not isinstance(value, Polynomial):
        return None
    space = Space(names, names)
    letters = {
        symbol.letter: (space.symbol(symbol.name) - symbol.residue) * Fraction(1, symbol.period)
        for symbol in form.symbols
    }
    moved = value.value(letters)
    if not isinstance(moved, Polynomial):
        return {(0,) * len(names): Fraction(moved)}
    return {powers: Fraction(each) for powers, each in moved.terms.items()}
