"""Several networks side by side: their totals, and their receptive fields after each stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from archcalc.algebra.dims import Dim
from archcalc.analysis import stages
from archcalc.analysis.latency.statement import latency
from archcalc.analysis.quantities import ON, Totals
from archcalc.analysis.results import Analysis, ReceptiveField, labels
from archcalc.analysis.table import analyze
from archcalc.base.errors import ArchcalcError
from archcalc.base.questions import question
from archcalc.request import NetworkLike, Request


class Compared(NamedTuple):
    """Totals of one network beside the first one's."""

    architecture: str
    changed: Mapping[str, Any]
    """Its hyperparameters that the request gives."""
    input: tuple[Dim, ...]
    batch: Dim
    dtype: str
    convention: str
    totals: Totals
    ratios: Mapping[str, float]
    """Each total divided by that of the first network, by name; without totals that are 0 there."""


class StageFields(NamedTuple):
    """The receptive fields of several networks after one stage."""

    stage: str
    fields: tuple[ReceptiveField | None, ...]
    """A field for each network; None if it has no such stage."""


class FieldMatrix(NamedTuple):
    """The receptive fields of several networks after each stage."""

    architectures: tuple[str, ...]
    """Their names, with settings and inputs where these tell them apart."""
    stages: tuple[StageFields, ...]


@question
def compare(networks: Sequence[NetworkLike], **given: Any) -> tuple[Compared, ...]:
    """Totals of several networks, and their ratios to the first. Raises ArchcalcError as `analyze` does.

    >>> alexnet, vgg = compare(["alexnet", "vgg16"], batch=8)
    >>> round(vgg.ratios["mult_adds"], 1)
    21.4
    """
    found = _analyses(networks, given)
    first = found[0].totals
    return tuple([_compared(each, first) for each in found])


def _compared(each: Analysis, first: Totals) -> Compared:
    ratios = {key: value / first[key] for key, value in each.totals.items() if first[key]}
    return Compared(
        each.architecture, each.changed, each.input, each.batch, each.dtype, each.convention, each.totals, ratios
    )


@question
def stage_fields(networks: Sequence[NetworkLike], **given: Any) -> FieldMatrix:
    """The receptive fields of several networks after each stage, without stages in which all see the whole input.

    Raises ArchcalcError as `analyze` does.
    """
    found = _analyses(networks, given)
    rows = tuple([StageFields(stage, tuple(fields)) for stage, fields in stages.stage_fields(found).items()])
    return FieldMatrix(tuple(labels(found)), rows)


def with_latencies(analysis: Analysis, request: Request, keys: Sequence[str]) -> Analysis:
    """An analysis with latencies of its request among its totals, in seconds: keys such as `latency@rtx-4090`.

    Raises ArchcalcError as `latency` does.
    """
    if not keys:
        return analysis
    times = {key: latency(request, device=key.partition(ON)[2]).seconds for key in keys}
    return replace(analysis, totals=Totals({**analysis.totals.to_dict(), **times}))


def _analyses(networks: Sequence[NetworkLike], given: Mapping[str, Any]) -> list[Analysis]:
    if not networks:
        raise ArchcalcError("at least one network is compared", about="networks")
    return [_analysis(index, network, given) for index, network in enumerate(networks)]


def _analysis(index: int, network: NetworkLike, given: Mapping[str, Any]) -> Analysis:
    """The analysis of one network of several; an error says which it is about."""
    try:
        return analyze(Request.of(network, **given))
    except ArchcalcError as error:
        error.about = f"networks[{index}]" + (f".{error.about}" if error.about else "")
        raise
