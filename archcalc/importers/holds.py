"""The values of a program that Python code holds longer than it uses them, found from a run of the module.

The calls that the run saw are found again in the program by their operators: both are in the order in which the code
makes them, but a trace leaves out calls that nothing uses, and adds some of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archcalc.importers.call_site import tensors_in
from archcalc.importers.in_place import is_in_place
from archcalc.importers.observing import NEVER, NO_TENSOR, WEIGHTS, Observation
from archcalc.importers.program import OperatorCall, Program

END = ""
"""What stands for a call after the last one."""
FARTHEST = 60
"""Calls that only one of the two sequences has, in a row, at most."""
ALIKE = 3
"""Calls in a row that must agree after such calls."""
SHARE = 0.9
"""The part of a program's calls that must be found in a run, at least."""


def holds(program: Program, observation: Observation) -> dict[str, str] | None:
    """By the name of a tensor, the first output of the last call during which the code holds its storage.

    `END` stands for a storage that is held when the outputs are returned. Only storages that are held after their last
    use are named, each by the tensor that is made last of those that share it and are used. None if the run is not one
    of this program, whose calls are as its file has them, changes in place included.
    """
    calls = [call for call in program.calls if any(call.outputs)]
    seen = [(call.operator, call.axes) for call in observation.calls]
    pairs = dict(_pairs([_key(program, call) for call in calls], seen))
    if not pairs or len(pairs) < SHARE * sum([not _is_alias(call) for call in calls]):
        return None
    storages = _Storages()
    for place, call in enumerate(calls):
        storages.add(place, call, observation.calls[pairs[place]].storages if place in pairs else ())
    returned = {storages.of_tensor.get(name) for name in program.outputs}
    found: dict[str, str] = {}
    for number, name in storages.names.items():
        place = _last(pairs, observation.until[number], len(calls))
        if place > storages.last_use.get(number, -1) and number not in returned:
            found[name] = END if place == len(calls) else next(each for each in calls[place].outputs if each)
    return found


class _Storages:
    """The storages of a program's tensors, as far as the run shows them."""

    def __init__(self) -> None:
        self.of_tensor: dict[str, int] = {}
        self.last_use: dict[int, int] = {}
        """By storage, the place of the last call that is given it."""
        self.names: dict[int, str] = {}
        """By storage, the tensor made last that is used, or that is a change in place of it."""
        self._made: dict[str, int] = {}

    def add(self, place: int, call: OperatorCall, numbers: Sequence[int]) -> None:
        """Add a call, and the storages of its outputs."""
        given = list(tensors_in(call.arguments.values()))
        for name in given:
            if name in self.of_tensor:
                self.last_use[self.of_tensor[name]] = place
                self._name(name)
        if not numbers and _is_alias(call) and given:
            numbers = [self.of_tensor.get(given[0], WEIGHTS)]
        for name, number in zip(call.outputs, numbers, strict=False):
            if name and number != WEIGHTS:
                self.of_tensor[name] = number
                self._made[name] = len(self._made)
                if is_in_place(call):
                    self._name(name)

    def _name(self, name: str) -> None:
        number = self.of_tensor[name]
        if self._made[name] >= self._made[self.names.setdefault(number, name)]:
            self.names[number] = name


def _last(pairs: dict[int, int], until: int, end: int) -> int:
    """The place of the last call of a program that ran while a storage was held; `end` if it is held after all."""
    return end if until == NEVER else max([place for place, seen in pairs.items() if seen <= until], default=-1)


def _key(program: Program, call: OperatorCall) -> tuple[str, tuple[int, ...]]:
    """A call as a run sees it."""
    operator = f"{call.operator}.{call.overload}" if call.overload else call.operator
    return operator, tuple([len(program.tensors[name].sizes) if name else NO_TENSOR for name in call.outputs])


def _is_alias(call: OperatorCall) -> bool:
    """Return True for a call whose output has the storage of its first tensor, and which a run may not see: the name
    that an output of a sub-graph has outside, or a slice that leaves nothing out.
    """
    return call.operator in ("aten.alias", "aten.slice")


_Key = tuple[str, tuple[int, ...]]


def _pairs(program: Sequence[_Key], seen: Sequence[_Key]) -> Iterator[tuple[int, int]]:
    """The places of calls that are the same, in both sequences."""
    one = other = 0
    while one < len(program) and other < len(seen):
        if _agree(program[one], seen[other]):
            yield one, other
            one, other = one + 1, other + 1
            continue
        step = _next(program, seen, one, other)
        if step is None:
            return
        one, other = step


def _next(program: Sequence[_Key], seen: Sequence[_Key], one: int, other: int) -> tuple[int, int] | None:
    """The nearest places from which on the sequences agree again."""
    for total in range(1, FARTHEST + 1):
        for skipped in range(total + 1):
            ours, theirs = one + skipped, other + total - skipped
            length = min(ALIKE, len(program) - ours, len(seen) - theirs)
            if length > 0 and all([_agree(program[ours + each], seen[theirs + each]) for each in range(length)]):
                return ours, theirs
    return None


def _agree(call: _Key, other: _Key) -> bool:
    """Return True for calls of one operator, with outputs of as many axes where the program uses them."""
    axes = zip(call[1], other[1], strict=False)
    return call[0] == other[0] and all([ours in (NO_TENSOR, theirs) for ours, theirs in axes])
