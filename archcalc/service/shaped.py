"""What some calls have beyond their question: pages, views, several networks in one request."""

from __future__ import annotations

import base64
import binascii
import os
import zlib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from archcalc.analysis.results import Analysis, ReceptiveField, Totals
from archcalc.analysis.stages import stage_fields as fields_of
from archcalc.analysis.table import analyze, comparison
from archcalc.base.errors import ArchcalcError
from archcalc.base.questions import question
from archcalc.service.faults import Refused
from archcalc.v1 import archcalc_pb2 as contract

Arguments = dict[str, Any]


def _nothing(*_: Any) -> None:
    """Nothing to do."""


class Shape(NamedTuple):
    """How a call departs from its question."""

    ask: Callable[[Any, Arguments], None] = _nothing
    """In the server: changes the arguments by what else the request says."""
    finish: Callable[[Any, Any, Any], None] = _nothing
    """In the server: completes the response to a request, given the result."""
    fill: Callable[[Any, Arguments], None] = _nothing
    """In the client: says in the request what it has no field for, and takes that out of the arguments."""


PLAIN = Shape()

# --- Pages.

PAGE, LARGEST_PAGE = 50, 100


def _ask_page(request: Any, arguments: Arguments) -> None:
    if not 0 <= request.page_size <= LARGEST_PAGE:
        raise Refused(f"page_size is from 0 to {LARGEST_PAGE}, not {request.page_size}", about="page_size")
    arguments |= {"first": _position(request), "size": request.page_size or PAGE}


def _position(request: Any) -> int:
    """Where a page begins: its token holds that, and a mark of the request that it continues."""
    if not request.page_token:
        return 0
    try:
        mark, first = base64.urlsafe_b64decode(request.page_token).decode("ascii").split(".")
        if mark == _mark(request) and first.isdigit() and len(first) <= 9:
            return int(first)
    except (binascii.Error, UnicodeError, ValueError):
        pass
    raise Refused("page_token is not from a response to this request", about="page_token")


def _mark(request: Any) -> str:
    return f"{zlib.crc32(request.pattern.encode()):08x}"


def _token(request: Any, first: int) -> str:
    return base64.urlsafe_b64encode(f"{_mark(request)}.{first}".encode()).decode()


def _finish_page(request: Any, result: Any, response: Any) -> None:
    following = _position(request) + len(result.entries)
    if following < result.total_size:
        response.next_page_token = _token(request, following)


def _fill_page(request: Any, arguments: Arguments) -> None:
    first = arguments.pop("first", 0)
    request.page_size = min(arguments.pop("size", PAGE), LARGEST_PAGE)
    if first:
        request.page_token = _token(request, first)


PAGED = Shape(_ask_page, _finish_page, _fill_page)

# --- Views.


def _ask_view(request: Any, arguments: Arguments) -> None:
    if request.view not in contract.TableView.values():
        raise Refused(f"view: TableView has no value {request.view}", about="view")
    arguments["detail"] = request.view == contract.TABLE_VIEW_OPERATIONS


def _finish_view(request: Any, _result: Any, response: Any) -> None:
    if request.view == contract.TABLE_VIEW_TOTALS:
        response.analysis.ClearField("layers")


def _fill_view(request: Any, arguments: Arguments) -> None:
    if arguments.pop("detail", False):
        request.view = contract.TABLE_VIEW_OPERATIONS


VIEWED = Shape(_ask_view, _finish_view, _fill_view)

# --- Processes.


def _ask_jobs(_request: Any, arguments: Arguments) -> None:
    if "jobs" in arguments:
        arguments["jobs"] = min(arguments["jobs"], os.cpu_count() or 1)


JOBS = Shape(_ask_jobs)

# --- Several networks at once.


class Network(NamedTuple):
    """A network as a request names it."""

    name: str
    input: tuple[int, int, int] | None
    hyperparameters: Mapping[str, Any]


class StageField(NamedTuple):
    """The receptive field of one network after one stage; None: it has no such stage."""

    field: ReceptiveField | None


class StageFields(NamedTuple):
    """The receptive fields of several networks after one stage."""

    stage: str
    fields: tuple[StageField, ...]


class Matrix(NamedTuple):
    """The receptive fields of several networks after each stage."""

    architectures: tuple[str, ...]
    stages: tuple[StageFields, ...]


class Ratios(NamedTuple):
    """Totals divided by another network's; None where that is 0."""

    params: float | None
    buffers: float | None
    mult_adds: float | None
    activation_sum: float | None
    parameter_bytes: float | None
    peak_inference_bytes: float | None
    training_saved_bytes: float | None
    weight_layers: float | None


class Compared(NamedTuple):
    """Totals of one network beside the first one's."""

    architecture: str
    input: tuple[int, ...]
    batch: int
    dtype: str
    convention: str
    totals: Totals
    ratios: Ratios


@question
def stage_fields(networks: tuple[Network, ...]) -> Matrix:
    """The receptive fields of several networks after each stage. Raises ArchcalcError as `analyze` does."""
    analyses = _analyses(networks)
    stages = tuple(StageFields(stage, tuple(map(StageField, sights))) for stage, sights in fields_of(analyses).items())
    return Matrix(tuple(analysis.architecture for analysis in analyses), stages)


@question
def compare(networks: tuple[Network, ...], batch: int = 1, dtype: str = "float32") -> tuple[Compared, ...]:
    """Totals of several networks, and their ratios to the first. Raises ArchcalcError as `analyze` does."""
    analyses = _analyses(networks, batch=batch, dtype=dtype)
    lines = comparison(analyses)
    return tuple(
        Compared(
            **{key: getattr(analysis, key) for key in Compared._fields if key != "ratios"},
            ratios=Ratios(*[line[f"{key}_ratio"] for key in Ratios._fields]),
        )
        for analysis, line in zip(analyses, lines, strict=True)
    )


def _analyses(networks: tuple[Network, ...], **others: Any) -> list[Analysis]:
    return [_analysis(index, network, others) for index, network in enumerate(networks)]


def _analysis(index: int, network: Network, others: dict[str, Any]) -> Analysis:
    try:
        return analyze(network.name, input=network.input, **others, **network.hyperparameters)  # pyright: ignore[reportArgumentType]
    except ArchcalcError as error:
        field = error.about.partition(".")[0]
        if field not in others:
            error.about = f"networks[{index}]" + (f".{field}" if field else "")
        raise
