"""The engine of the explorer: one function, which the worker of a page calls with a question.

Text in, text out, both JSON: `{"question": "why", "given": {"name": "vgg16", "layer": "conv1_1"}}` is answered by
`{"result": ...}`, or by `{"error": {"message", "about", "row", "kind"}}` with the sentence that the command line
prints. `given` has the keys of a request (see `archcalc.site.requested`) and the arguments of the question (see
`archcalc.site.answers`); with `form` (csv, tsv, markdown, latex, html, text) and `exact`, a table or a derivation is
answered as text, for copying.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from archcalc.base.errors import ArchcalcError
from archcalc.base.limits import limited
from archcalc.base.questions import checked
from archcalc.base.spelling import cut, unknown
from archcalc.site import answers
from archcalc.site.lessons import lesson
from archcalc.site.requested import KEYS, request_of

OF_A_NETWORK: Mapping[str, Callable[..., Any]] = {
    "network": answers.network,
    "table": answers.table,
    "rf": answers.rf,
    "why": answers.why,
    "formulas": answers.formulas,
    "forms": answers.forms,
    "reconcile": answers.reconcile,
    "steps": answers.steps,
    "memory": answers.memory,
    "latency": answers.latency,
    "energy": answers.energy,
    "graph": answers.graph,
    "picture": answers.picture,
    "volume": answers.volume,
    "export": answers.export,
}
"""The questions about one network."""
QUESTIONS: Mapping[str, Callable[..., Any]] = {
    **OF_A_NETWORK,
    "compare": answers.compare,
    "diff": answers.diff,
    "align": answers.align,
    "explain": answers.explain,
    "conventions": answers.conventions,
    "devices": answers.devices,
    "names": answers.names,
    "lesson": lesson,
}
"""The function of every question."""
MOST_OPERATIONS = 20_000
"""The most operations of a network, five times those of the catalogue's largest: a browser takes minutes for more."""
LARGEST_EXACT = 2**53 - 1
"""The largest whole number that JavaScript's numbers hold exactly; larger ones are texts of their digits."""


def answer(text: str) -> str:
    """The answer to a question, both in JSON. Never raises an Exception: an error is an answer.

    >>> print(answer('{"question": "names", "given": {"pattern": "alexnet_o"}}'))
    {"result":["alexnet_owt"]}
    >>> json.loads(answer('{"question": "table", "given": {"name": "vgg16", "size": 7}}'))["error"]["row"]
    'pool3'
    """
    try:
        with limited(nodes=MOST_OPERATIONS):
            return _json({"result": _answered(text)})
    except ArchcalcError as error:
        return _failed(error, str(error), error.about, error.row)
    except OSError as error:
        return _failed(error, f"{error.filename or 'a file'}: {error.strerror or error}")
    except Exception as error:  # noqa: BLE001 - a worker that raises would leave its page without an answer
        return _failed(error, f"unexpected {type(error).__name__}: {error}")


def _failed(error: Exception, message: str, about: str = "", row: str = "") -> str:
    """The answer for an error, whose message is one line as the command line prints it."""
    said = " ".join(message.split())
    return _json({"error": {"message": said, "about": about, "row": row, "kind": type(error).__name__}})


def _answered(text: str) -> Any:
    """The result of a question. Raises ArchcalcError for what is not one."""
    try:
        asked = json.loads(text)
    except ValueError as error:
        raise ArchcalcError(f"a question is JSON: {error}") from None
    if not isinstance(asked, Mapping) or not isinstance(asked.get("given", {}), Mapping):  # pyright: ignore[reportUnknownMemberType]
        raise ArchcalcError(f'a question is {{"question": name, "given": {{...}}}}, not {cut(text)}')
    question: Any = asked.get("question")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    given: dict[str, Any] = dict(asked.get("given", {}))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
    name = question if isinstance(question, str) else str(question)  # pyright: ignore[reportUnknownArgumentType]
    if name not in QUESTIONS:
        raise unknown("question", name, list(QUESTIONS), f"there are {', '.join(QUESTIONS)}", about="question")
    form, exact = given.pop("form", "json"), bool(given.pop("exact", False))
    function = checked(QUESTIONS[name])
    if name not in OF_A_NETWORK:
        return answers.written(function(**given), form, exact=exact)
    request = request_of({key: given.pop(key) for key in KEYS if key in given})
    return answers.written(function(request, **given), form, exact=exact)


def _json(value: Any) -> str:
    return json.dumps(exact_numbers(value), separators=(",", ":"), allow_nan=False)


def exact_numbers(value: Any) -> Any:
    """The same data, where whole numbers that JavaScript does not hold exactly are texts of their digits.

    >>> exact_numbers({"bytes": [2**53, 7]})
    {'bytes': ['9007199254740992', 7]}
    """
    kind: Any = type(value)  # pyright: ignore[reportUnknownVariableType]
    if kind is int:
        return value if -LARGEST_EXACT <= value <= LARGEST_EXACT else str(value)
    if issubclass(kind, Mapping):
        return {key: exact_numbers(each) for key, each in value.items()}
    return [exact_numbers(each) for each in value] if kind in (tuple, list) or hasattr(value, "_asdict") else value
