"""Which calls torch.compile joins: elementwise operations, norms and reductions that follow one another.

Two calls are joined if equally many products stand before both, so that no product can stand between them. Joined calls
whose results only one other group reads are computed in that group. Source: the scheduler of TorchInductor
(torch/_inductor/scheduler.py) joins nodes in this way; it also weighs memory and sizes, which is not followed here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

NO_GROUP = -1


class JoinedCalls(NamedTuple):
    """Groups of calls that are one kernel each."""

    groups: list[list[int]]
    """The calls of each group, in order; every call that can be joined is in one."""
    sources: list[int]
    """For each call, the call whose storage it gives: itself, but for views."""
    readers: list[set[int]]
    """For each call, the calls that read its storage."""


def join(inputs: Sequence[Sequence[int]], is_view: Sequence[bool], can_join: Sequence[bool]) -> JoinedCalls:
    """Join the calls that can be joined, given the inputs of each call by the indices of earlier calls.

    A convolution (0), its norm (1) and activation (2), and the next convolution (3):

    >>> join([[], [0], [1], [2]], [False] * 4, [False, True, True, False]).groups
    [[1, 2]]
    """
    work = _Joining(inputs, is_view, can_join)
    for index in range(len(inputs)):
        work.place(index)
    for own in sorted(work.members, key=lambda each: -work.members[each][-1]):
        work.sink(own)
    return JoinedCalls([*work.members.values()], work.sources, work.readers)


class _Joining:
    def __init__(self, inputs: Sequence[Sequence[int]], is_view: Sequence[bool], can_join: Sequence[bool]) -> None:
        self.inputs, self.is_view, self.can_join = inputs, is_view, can_join
        self.sources = list(range(len(inputs)))
        self.readers: list[set[int]] = [set() for _ in inputs]
        self.level: list[int] = []
        """For each call, how many products stand before what it gives."""
        self.group: list[int] = []
        self.members: dict[int, list[int]] = {}

    def place(self, index: int) -> None:
        """Put the next call into a group of its inputs, or into a new one."""
        inputs = [self.sources[each] for each in self.inputs[index]]
        if self.is_view[index]:
            self.sources[index] = inputs[0]
            self.level.append(self.level[inputs[0]])
            self.group.append(self.group[inputs[0]])
            return
        for each in inputs:
            self.readers[each].add(index)
        deepest = max([self.level[each] for each in inputs], default=0)
        if not self.can_join[index]:
            self.level.append(deepest + 1)
            self.group.append(NO_GROUP)
            return
        near = {self.group[each] for each in inputs if self.level[each] == deepest} - {NO_GROUP}
        own = min(near, default=index)
        self.level.append(deepest)
        self.group.append(own)
        self.members.setdefault(own, []).append(index)
        for other in near - {own}:
            self.merge(other, own)

    def sink(self, own: int) -> None:
        """Compute a group in the only group that reads its results, if no other call does and none is a result."""
        every = self.members[own]
        later = {self.group[reader] for index in every for reader in self.readers[index]} - {own}
        if len(later) == 1 and NO_GROUP not in later and all([self.readers[index] for index in every]):
            self.merge(own, *later)

    def merge(self, gone: int, kept: int) -> None:
        """Move the calls of one group to another."""
        moved = self.members.pop(gone)
        self.members[kept] = sorted(self.members[kept] + moved)
        for index in moved:
            self.group[index] = kept
