"""The calls of the service: each is a question of the door, with the field of its response that holds the result.

How a request becomes arguments and a result a response follows from the names (`requests`, `convert`). What a call has
beyond its question - pages, views - is in `shaped`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, get_args, get_origin

from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass

from archcalc import request as networks
from archcalc.analysis import structure
from archcalc.analysis import table as costs
from archcalc.base.cancellation import check_cancelled
from archcalc.catalogue import listing as catalogue
from archcalc.conventions import counting as conventions
from archcalc.conventions import reconciling
from archcalc.derivations import derive as derivations
from archcalc.evidence import accuracy, accuracy_check, explain
from archcalc.evidence import audit as claims
from archcalc.forms import closed as formulas
from archcalc.forms import formulas as formula_sheets
from archcalc.reports import rendering
from archcalc.search import ratios, scaling, solving
from archcalc.search import sweep as evaluation
from archcalc.service import convert, requests, shaped
from archcalc.service.faults import Refused
from archcalc.v1 import archcalc_pb2 as contract
from archcalc.validation import runner

SERVICE = contract.DESCRIPTOR.services_by_name["ArchcalcService"]
PIECE = 2**16
"""Bytes of one message of a file."""
TOGETHER = 100
"""Items of one message of a list that is streamed."""


class Call(NamedTuple):
    """One call of the service."""

    method: str
    asked: Callable[..., Any]
    """The question that it answers."""
    field: str
    """The field of the response that holds the result, or the oneof; empty: the response is the result."""
    heavy: bool = False
    """Whether it may work for more than a moment, and is answered in a process of its own."""
    kept: bool = True
    """Whether an answer is kept for who asks the same again."""
    shape: shaped.Shape = shaped.PLAIN
    unsent: tuple[str, ...] = ()
    """Arguments that say how a question is worked on where it is asked, and change nothing in the answer."""
    limits: Mapping[str, tuple[int, int]] = {}
    """For a number the smallest and the largest, for a list the fewest and the most."""

    @property
    def descriptor(self) -> Any:
        """What the contract says of it."""
        return SERVICE.methods_by_name[self.method]

    @property
    def path(self) -> str:
        """The name of the call on the wire."""
        return f"/{SERVICE.full_name}/{self.method}"

    @property
    def streams(self) -> bool:
        """Whether it has any number of responses."""
        return self.descriptor.server_streaming

    def new_request(self) -> Any:
        return GetMessageClass(self.descriptor.input_type)()

    def new_response(self) -> Any:
        return GetMessageClass(self.descriptor.output_type)()

    # --- In the server.

    def read(self, raw: bytes) -> Message:
        """The request. Raises Refused if it is none."""
        request = self.new_request()
        try:
            request.ParseFromString(raw)
        except DecodeError:
            raise Refused(f"the bytes are no {self.descriptor.input_type.name}") from None
        return request

    def arguments(self, request: Message) -> tuple[dict[str, Any], dict[str, str]]:
        """The arguments of the question, and in which field each stands. Raises Refused."""
        found, places = requests.arguments(request, self.asked)
        for name, (least, most) in self.limits.items():
            given = found.get(name, least)
            size = given if isinstance(given, int) else len(given)
            if not least <= size <= most:
                what = "is" if isinstance(given, int) else "has"
                raise Refused(f"{places[name]} {what} from {least} to {most}, not {size}", about=places[name])
        self.shape.ask(request, found)
        return found, places

    def responses(self, request: Message, result: Any) -> Iterator[Message]:
        """The messages that hold a result."""
        if isinstance(result, bytes):
            for first in range(0, len(result), PIECE):
                yield self._response(result[first : first + PIECE])
        elif self.streams:
            repeated = self._result_field().is_repeated
            for items in _batches(result, TOGETHER if repeated else 1):
                yield self._response(items if repeated else items[0])
        else:
            response = self._response(result)
            self.shape.finish(request, result, response)
            yield response

    def reader(self) -> Callable[[bytes], Any]:
        """What reads a response."""
        kind: Any = GetMessageClass(self.descriptor.output_type)
        return kind.FromString

    def _response(self, result: Any) -> Message:
        response = self.new_response()
        if not self.field:
            for name in result._fields:
                convert.write_field(response, name, getattr(result, name))
        elif self.field in self.descriptor.output_type.oneofs_by_name:
            convert.write_field(response, self._choice(result), result)
        else:
            convert.write_field(response, self.field, result)
        return response

    def _result_field(self) -> Any:
        return self.descriptor.output_type.fields_by_name[self.field]

    def _choice(self, result: Any) -> str:
        """The field of the oneof whose message stands for results of this kind."""
        choices = self.descriptor.output_type.oneofs_by_name[self.field].fields
        return next(each.name for each in choices if each.message_type.name == type(result).__name__)

    # --- In the client.

    def request(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Message:
        """The request for a question with these arguments. Raises Unsendable where the contract has no place."""
        request = self.new_request()
        rest = requests.fill(request, self.asked, args, kwargs)
        self.shape.fill(request, rest)
        rest = [name for name in rest if name not in self.unsent]
        if rest:
            raise convert.Unsendable(f"{', '.join(rest)} cannot be sent")
        return request

    def result(self, response: Any) -> Any:
        """The result that the only response holds."""
        hint = requests.hints(self.asked)["return"]
        if not self.field:
            return convert.read(response, hint)
        if self.field in self.descriptor.output_type.oneofs_by_name:
            chosen = response.WhichOneof(self.field)
            kind = response.DESCRIPTOR.fields_by_name[chosen].message_type.name
            hint = next(each for each in get_args(hint) if each.__name__ == kind)
            return convert.read(getattr(response, chosen), hint)
        return convert.read_field(response, self._result_field(), hint)

    @property
    def whole(self) -> bool:
        """Whether what is streamed is one result in pieces, and not many results."""
        return get_origin(requests.hints(self.asked)["return"]) is None

    def items(self, response: Any) -> list[Any]:
        """The results, or the piece of one, that one message of a stream holds."""
        field, hint = self._result_field(), requests.hints(self.asked)["return"]
        if self.whole:
            return [getattr(response, self.field)]
        item = get_args(hint)[0]
        if field.is_repeated:
            return [convert.read(each, item) for each in getattr(response, self.field)]
        return [convert.read_field(response, field, item)]


def _batches(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Lists of so many items, the first one alone: whoever asked sees at once that work has begun."""
    batch: list[Any] = []
    most = 1
    for item in items:
        check_cancelled()
        batch.append(item)
        if len(batch) >= most:
            yield batch
            batch, most = [], size
    if batch:
        yield batch


JOBS = {"jobs": (1, 64), "names": (1, 1000)}
MANY = {"networks": (1, 64)}
DRAWN = {"count": (1, 10_000_000), "seed": (0, 2**62)}

CALLS: Mapping[str, Call] = {
    call.method: call
    for call in (
        Call("ListNames", networks.names, "names"),
        Call("ListArchitectures", catalogue.page, "", shape=shaped.PAGED),
        Call("Describe", catalogue.describe, "subject"),
        Call("ListDesignSpaces", catalogue.spaces, "spaces"),
        Call("Resolve", networks.resolve, "resolved"),
        Call("GetTable", costs.analyze, "analysis", shape=shaped.VIEWED),
        Call("GetStageFields", shaped.stage_fields, "", limits=MANY),
        Call("Compare", shaped.compare, "networks", limits=MANY),
        Call("GetStructure", structure.structure, "structure"),
        Call("ListSymbols", formulas.symbols_of, "symbols", heavy=True),
        Call("GetFormulas", formula_sheets.formulas, "sheet", heavy=True),
        Call("GetExactFormulas", formula_sheets.exact_formulas, "sheet", heavy=True),
        Call("EvaluateFormulas", formula_sheets.evaluate, "values", heavy=True),
        Call("CompareFormula", formula_sheets.compare_formula, "comparison", heavy=True),
        Call("Derive", derivations.derive, "derivation"),
        Call("Solve", solving.solve, "solution", heavy=True),
        Call("GetScaling", scaling.scaling, "scaling", heavy=True),
        Call("CompareScaling", ratios.compare_laws, "comparison", heavy=True),
        Call("ListConventions", conventions.conventions, "conventions"),
        Call("Count", conventions.count, "count"),
        Call("Reconcile", reconciling.reconcile, "reconciliation", heavy=True),
        Call("Audit", claims.audit, "audit", heavy=True),
        Call("GetAuditCase", claims.case, "case", heavy=True),
        Call("Explain", explain.explain, "explanation", heavy=True, unsent=("advance",)),
        Call("ListAccuracies", accuracy.located, "accuracies", heavy=True),
        Call("CheckAccuracies", accuracy_check.check_points, "check", heavy=True),
        Call("Evaluate", evaluation.sweep, "evaluations", heavy=True, kept=False, limits={"points": (1, 100_000)}),
        Call("RenderGraph", rendering.graph_picture, "chunk", heavy=True),
        Call("RenderPlot", rendering.plot, "chunk", heavy=True),
        Call("RenderScaling", rendering.scaling_figure, "chunk", heavy=True),
        Call("RenderReport", rendering.report, "chunk", heavy=True, kept=False, unsent=("jobs", "progress")),
        Call("GetValidationConditions", runner.conditions, "conditions", heavy=True, kept=False),
        Call("Validate", runner.verdicts, "verdict", heavy=True, kept=False, shape=shaped.JOBS, limits=JOBS),
        Call("ValidateRandomNetworks", runner.random_verdicts, "drawn", heavy=True, kept=False, limits=DRAWN),
    )
}
"""Every call of the contract by its name."""

BY_QUESTION: Mapping[Any, Call] = {requests.unwrap(call.asked): call for call in CALLS.values()}
"""The call that answers a question."""
