"""Functions along axes: means, sums, largest values, softmax, sorting."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from archcalc.graph import Value
from archcalc.importers.call_site import CallSite, Handler
from archcalc.importers.program import listed
from archcalc.importers.tensors import Tensor
from archcalc.ops.pointwise import Softmax
from archcalc.ops.pool import GlobalAvgPool
from archcalc.ops.reduce import Along, Reduce
from archcalc.ops.views import Narrow


def _axes(site: CallSite, x: Tensor) -> tuple[int, ...]:
    given: Any = site.given("dim")
    if given is None or given == []:
        return tuple(range(len(x.value.shape)))
    return tuple(sorted([x.axis(axis) for axis in listed(given)]))


def _reduce(name: str) -> Callable[[CallSite], list[Value]]:
    def reduce(site: CallSite) -> list[Value]:
        x = site.tensor("self", "input")
        axes, keep = _axes(site, x), bool(site.given("keepdim"))
        if name == "mean" and len(x.value.shape) == 3 and axes == (1, 2):
            pooled = site.apply(GlobalAvgPool(), x)
            return [pooled if keep else site.view(Tensor(pooled, (1, *pooled.shape)), pooled.shape[:1])]
        value = site.apply(Reduce(name, axes, keep), x)
        return [value, value]

    return reduce


def _extreme(of_two: str, name: str) -> Handler:
    """`max` and `min`: of two tensors, of all values, or along an axis with the places."""

    def extreme(site: CallSite) -> list[Value]:
        from archcalc.ops.elementwise import Combine

        if site.name("other"):
            return [site.apply(Combine(of_two), site.tensor("self"), site.tensor("other"))]
        return _reduce(name)(site)

    return extreme


def _both(site: CallSite) -> list[Value | None]:
    """The variance, and the mean that it is computed from."""
    x = site.tensor("self")
    axes, keep = _axes(site, x), bool(site.given("keepdim"))
    names = ("variance", "mean")
    return [site.apply(Reduce(name, axes, keep), x) if site.wanted(place) else None for place, name in enumerate(names)]


def _softmax(site: CallSite) -> Value:
    x = site.tensor("self", "input")
    return site.apply(Softmax(x.axis(site.given("dim", default=-1))), x)


def _along(name: str) -> Handler:
    def along(site: CallSite) -> list[Value]:
        x = site.tensor("self")
        value = site.apply(Along(name, x.axis(site.given("dim", default=-1))), x)
        return [value, value]

    return along


def _topk(site: CallSite) -> list[Value]:
    x = site.tensor("self")
    axis = x.axis(site.given("dim", default=-1))
    value = site.apply(Narrow(axis, 0, site.dim("k")), site.apply(Along("sort", axis), x))
    return [value, value]


def _norm(site: CallSite) -> Value:
    x = site.tensor("self")
    return site.apply(Reduce("norm", _axes(site, x), bool(site.given("keepdim"))), x)


OPERATORS: Mapping[str, Handler] = {
    "mean": _reduce("mean"),
    "sum": _reduce("sum"),
    "amax": _reduce("max"),
    "amin": _reduce("min"),
    "max": _extreme("maximum", "max"),
    "min": _extreme("minimum", "min"),
    "argmax": _reduce("argmax"),
    "argmin": _reduce("argmax"),
    "prod": _reduce("product"),
    "var": _reduce("variance"),
    "std": _reduce("std"),
    "var_mean": _both,
    "all": _reduce("any"),
    "any": _reduce("any"),
    "logsumexp": _reduce("log_sum_exp"),
    "norm": _norm,
    "linalg_vector_norm": _norm,
    "softmax": _softmax,
    "_softmax": _softmax,
    "log_softmax": _along("log_softmax"),
    "cumsum": _along("cumulative_sum"),
    "sort": _along("sort"),
    "argsort": _along("sort"),
    "topk": _topk,
}
