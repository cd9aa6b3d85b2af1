"""The page of imports: operators that are known, and public models whose counts were compared with PyTorch's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from archcalc.importers.onnx_files.operators import makers
from archcalc.importers.operators import TOPICS

Record = Mapping[str, Any]
"""What is known of one model: its counts by PyTorch and by archcalc, times, and what failed."""


def page(records: Sequence[Record], versions: str) -> str:
    """The page in Markdown: the comparison first, then the operators by topic."""
    return "\n\n".join(["# Imported models", *_comparison(records, versions), *_operators()]) + "\n"


def verdict(record: Record) -> str:
    """The outcome of one model in a word or two.

    >>> verdict({"params": 5, "our_params": 5, "mult_adds": 9, "our_mult_adds": 9})
    'equal'
    """
    if "failed" in record:
        return "failed"
    if record["our_params"] + record.get("unused", 0) != record["params"]:
        return "params differ"
    if "mult_adds" not in record:
        return "not counted by PyTorch"
    return "equal" if record["our_mult_adds"] == record["mult_adds"] else "mult-adds differ"


def _comparison(records: Sequence[Record], versions: str) -> Iterable[str]:
    imported = [record for record in records if "failed" not in record]
    equal = [record for record in imported if verdict(record) == "equal"]
    symbolic = [record for record in imported if record["symbolic"]]
    others = [other for record in imported for other in record.get("others", ())]
    same = [each for each in others if each.get("our_mult_adds") == each.get("mult_adds") and "our_mult_adds" in each]
    refused = [each for each in others if "refused" in each]
    yield (
        f"{len(records)} public models without weights, {versions}: each was exported by `torch.export` and imported. "
        "Parameters are compared with the module's, mult-adds with half of PyTorch's `FlopCounterMode` on the meta "
        "device, attention by its math backend."
    )
    yield (
        f"Imported: {len(imported)}. Equal in parameters and mult-adds: {len(equal)}. Height and width are symbols in "
        f"{len(symbolic)}. At {len(others)} other sizes of these the prediction is equal at {len(same)}, refused at "
        f"{len(refused)}, and differs at {len(others) - len(same) - len(refused)}."
    )
    rest = [record for record in records if verdict(record) != "equal" or record.get("unknown")]
    if rest:
        lines = [
            f"| {record['library']}:{record['name']} | {verdict(record)} | {record.get('failed') or _why(record)} |"
            for record in rest
        ]
        yield "\n".join(["| model | outcome | why |", "| :--- | :--- | :--- |", *lines])
    yield (
        "All models are in [models.csv](models.csv), each with the commit of archcalc that imported it; "
        "`python tests/benchmarks/importing.py` adds to it."
    )


def _why(record: Record) -> str:
    if record.get("unknown"):
        return f"not counted: {', '.join(record['unknown'])}"
    if "mult_adds" not in record:
        return str(record.get("counter", ""))
    return f"{record['our_params']} and {record['our_mult_adds']}; PyTorch: {record['params']}, {record['mult_adds']}"


def _operators() -> Iterable[str]:
    names = {topic: sorted({*topic.OPERATORS}) for topic in TOPICS}
    yield "## Operators"
    yield (
        f"{sum(map(len, names.values()))} operators of PyTorch are known, by their names without overload; an in-place "
        "operator is that of the same name. A call of any other is listed with its module and is in no total."
    )
    for topic, every in names.items():
        title = str(topic.__doc__).partition(":")[0]
        yield f"**{title}**: {', '.join([f'`{name}`' for name in every])}."
    known = sorted(makers())
    yield f"{len(known)} operators of ONNX: {', '.join([f'`{name}`' for name in known])}."
