"""Latency where the sizes of a network are polynomials: its kernels once, and their times at arrays of the symbols.

A network is built once on symbols (`archcalc.algebra.polynomial`); each kernel's FLOPs and bytes are then polynomials.
Kernels that are alike are kept once, with how often they run. At arrays of the symbols' values the same roofline as for
one network gives an array of seconds.

Times are those of `archcalc.latency` on the networks built one by one to within rounding, a relative 1e-12, where the
conditions hold that the polynomials' space has noted (`at_least`, `zero`, `nonzero`, `whole`): the caller checks them.
Among them are those on the groups of a convolution, which decide the kind of its kernel: one group, as many as
channels, or neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from archcalc.algebra.dims import Dim, is_int
from archcalc.algebra.polynomial import Monomial, Polynomial, Space
from archcalc.algebra.unsettled import NeedsPeriod, Unsettled
from archcalc.analysis.latency.kernels import KernelForm
from archcalc.analysis.latency.roofline import kernel_seconds
from archcalc.analysis.latency.setups import Setup, check_known
from archcalc.base.errors import ArchcalcError
from archcalc.base.extras import installed, missing
from archcalc.base.spelling import cut
from archcalc.graph import Graph
from archcalc.training import DEFAULT_TRAINING, Training

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class LatencyForm:
    """The time of a network on a device as a function of the symbols that its sizes are written in."""

    setup: Setup
    kernels: tuple[tuple[KernelForm, Dim], ...]
    """The kernels that differ, in the order in which each first runs, with how often it runs. Their `node` is 0."""

    def seconds(self, values: Mapping[str, Any]) -> NDArray[Any]:
        """The seconds of the batch at some values of the symbols: numbers, or arrays that broadcast, of any length.

        A float64 array of the broadcast shape. FLOPs and bytes are computed in float64, exactly below 2**53, so that
        none overflows. Values for which a condition of the space does not hold give numbers without a meaning.

        Raises ArchcalcError for a symbol without a value.
        """
        import numpy

        at = _Values(values)
        total = numpy.zeros(at.shape)
        for form, times in self.kernels:
            kernel = form.at(at.value, lambda value: numpy.maximum(value, 1.0), lambda a, b: numpy.floor(a / b))
            total += kernel_seconds(kernel, self.setup.on).total * at.value(times)
        return total

    def symbols(self) -> tuple[str, ...]:
        """The symbols that the time depends on, in the order of their space."""
        every = [part for form, times in self.kernels for part in (*form[2:], times)]
        found = [part for part in every if isinstance(part, Polynomial)]
        names = dict.fromkeys([name for part in found for name in part.space.names])
        return tuple([name for name in names if any([part.degree(name) for part in found if name in part.space.names])])


def latency_form(graph: Graph, setup: Setup, batch: Dim = 1, training: Training = DEFAULT_TRAINING) -> LatencyForm:
    """The time of a graph whose sizes, or whose batch, are polynomials or numbers; run as `setup_of` has it.

    Conditions under which the kernels are these are noted in the polynomials' space. Raises ArchcalcError for sizes of
    another kind (arrays, sympy's expressions), for an operation that is unknown, and if numpy is not installed;
    NeedsPeriod where a size is no polynomial on the symbols' residue classes.

    VGG-11 with three numbers of classes at once, in milliseconds:

    >>> from archcalc import latency, zoo
    >>> from archcalc.analysis.latency.setups import setup_of
    >>> from archcalc.training import PRECISIONS
    >>> space = Space(("classes",))
    >>> graph = zoo.network("vgg11").graph(None, {"classes": space.symbol("classes")})
    >>> form = latency_form(graph, setup_of("rtx-4090", PRECISIONS["float32"]), batch=64)
    >>> form.symbols(), (1000 * form.seconds({"classes": [10, 1000, 21841]})).round(2).tolist()
    (('classes',), [24.92, 24.93, 25.34])
    """
    if not installed("numpy"):
        raise missing("numpy", "a latency at arrays")
    check_known(graph)
    for size in [batch, *[size for node in graph.nodes for size in node.shape]]:
        _check_kind(graph, size)
    counted: dict[KernelForm, int] = {}
    for every in setup.forms(graph, batch, training).values():
        for form in every:
            alike = form._replace(node=0)
            for part in alike[2:]:
                if isinstance(part, Unsettled):
                    raise NeedsPeriod(part.factors)
            counted[alike] = counted.get(alike, 0) + 1
    return LatencyForm(setup, tuple(counted.items()))


def _check_kind(graph: Graph, size: Any) -> None:
    if isinstance(size, Unsettled):
        raise NeedsPeriod(size.factors)
    if not is_int(size) and not isinstance(size, Polynomial):
        said = f"{graph.name}: time is stated for sizes that are numbers or polynomials, not {cut(repr(size))}"
        raise ArchcalcError(said)


class _Values:
    """The values of polynomials at arrays of the symbols, each polynomial and each power computed once."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        import numpy

        self.given = {name: numpy.asarray(value, dtype=numpy.float64) for name, value in values.items()}
        self.shape = numpy.broadcast_shapes(*[each.shape for each in self.given.values()])
        self.known: dict[Polynomial, Any] = {}
        self.products: dict[tuple[Space, Monomial], Any] = {}

    def value(self, number: Any) -> Any:
        """The value of a number or a polynomial, in float64."""
        if not isinstance(number, Polynomial):
            return float(number)
        if number not in self.known:
            self.known[number] = self._evaluated(number)
        return self.known[number]

    def _evaluated(self, number: Polynomial) -> Any:
        total: Any = 0.0
        whole = True
        for monomial, coefficient in number.terms.items():
            if not isinstance(coefficient, (int, Fraction)):
                raise ArchcalcError("a latency is evaluated on one residue class, not on all at once")
            whole = whole and isinstance(coefficient, int)
            total = total + float(coefficient) * self._product(number.space, monomial)
        if whole and not any(number.space.real):
            return total
        import numpy

        return numpy.rint(total)  # counts are whole numbers where the space's conditions hold

    def _product(self, space: Space, monomial: Monomial) -> Any:
        """The product of the symbols' powers."""
        if (space, monomial) not in self.products:
            product: Any = 1.0
            for name, exponent in zip(space.names, monomial, strict=True):
                if exponent:
                    product = product * self._power(name, exponent)
            self.products[space, monomial] = product
        return self.products[space, monomial]

    def _power(self, name: str, exponent: int) -> Any:
        if name not in self.given:
            raise ArchcalcError(f"a latency in {name} needs its values")
        return self.given[name] ** exponent
