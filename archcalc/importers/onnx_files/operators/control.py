"""Sub-graphs: branches that are chosen before the network runs, and loops whose rounds are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import cut
from archcalc.importers.onnx_files.items import Item, StoredTensor, dims_of
from archcalc.importers.onnx_files.known import Numbers
from archcalc.importers.onnx_files.model import OnnxGraph
from archcalc.importers.onnx_files.operators.movement import reshaped
from archcalc.importers.onnx_files.operators.parts import joined
from archcalc.importers.onnx_files.site import Maker, OnnxSite

MOST_ROUNDS = 1000
"""Rounds of a loop, at most."""


def _refuse(site: OnnxSite, reason: str) -> ArchcalcError:
    node = f"{site.operator} {cut(site.node.name)}".strip()
    return ArchcalcError(f"{site.walk.graph.name}: {node} cannot be built: {reason}", about="name")


def _graph(site: OnnxSite, name: str) -> OnnxGraph:
    found = site.given(name)
    if not isinstance(found, OnnxGraph):
        raise _refuse(site, f"it has no graph {name}")
    return found


def _values(item: Item | None) -> Numbers | None:
    found = item.numbers if isinstance(item, StoredTensor) else item
    return found if isinstance(found, Numbers) and found.values else None


def _branch(site: OnnxSite) -> Sequence[Item | None]:
    known = _values(site.item(0))
    if known is None:
        raise _refuse(site, "which branch it takes depends on values that only the run has")
    chosen = _graph(site, "then_branch" if known.values[0] else "else_branch")
    return site.walk.inner(chosen, site.scope, site.path)


def _loop(site: OnnxSite) -> Sequence[Item | None]:
    """A loop of a known number of rounds, built once for each: weights are shared, work is counted each time."""
    body = _graph(site, "body")
    rounds, going = _values(site.item(0)), _values(site.item(1))
    if rounds is None or (site.item(1) is not None and going is None):
        raise _refuse(site, "its number of rounds depends on values that only the run has")
    count = rounds.whole[0]
    if type(count) is not int or count > MOST_ROUNDS:
        raise _refuse(site, f"it has {count} rounds, and at most {MOST_ROUNDS} are built")
    state: list[Item | None] = list(site.items[2:])
    rows: list[list[Item]] = []
    condition: Item = going or Numbers((True,), ())
    for place in range(count):
        if not (_values(condition) or Numbers((True,), ())).values[0]:
            break
        given = [Numbers((place,), ()), condition, *[item for item in state if item is not None]]
        condition, *found = site.walk.inner(body, site.scope, site.path, given)
        if _values(condition) is None:
            raise _refuse(site, "when it ends depends on values that only the run has")
        state = list(found[: len(state)])
        rows.append(found[len(state) :])
    stacked = [_stacked(site, [each[place] for each in rows]) for place in range(len(rows[0]) if rows else 0)]
    return [*state, *stacked]


def _stacked(site: OnnxSite, items: Sequence[Item]) -> Item:
    tensors = [site.walk.value(item) for item in items]
    added = [reshaped(site, each, (1, *dims_of(each))) for each in tensors]
    return joined(site, added, 0)


def _scan(site: OnnxSite) -> Sequence[Item | None]:
    raise _refuse(site, "scans are not known")


MAKERS: Mapping[str, Maker] = {"If": _branch, "Loop": _loop, "Scan": _scan}
