"""Storages that are alive, by kind, each as long as something holds it."""

from __future__ import annotations

from typing import NamedTuple

from archcalc.algebra.dims import Dim

KINDS = (
    "parameters",
    "buffers",
    "master_weights",
    "optimizer_state",
    "gradients",
    "data",
    "saved_activations",
    "activations",
    "activation_gradients",
    "weight_copies",
    "temporaries",
)
"""The kinds of storages, in the order of a statement."""
PLACE = {kind: place for place, kind in enumerate(KINDS)}


class Moment(NamedTuple):
    """The bytes that are alive at the end of a call."""

    phase: str
    """`forward`, `backward`, `optimizer`; `again` where a checkpointed part runs forward for the backward pass."""
    node: int
    """The node of the graph; -1 for the optimizer."""
    alive: tuple[Dim, ...]
    """By kind, in the order of `KINDS`."""
    total: Dim
    storages: int
    """The number of storages that are alive."""
    freed: bool
    """True if something was freed since the moment before."""


class Heap:
    """Storages with the number of their holders; a storage without holders is freed."""

    def __init__(self) -> None:
        self.alive: list[Dim] = [0] * len(KINDS)
        self.total: Dim = 0
        self.count = 0
        self.freed = False
        self.moments: list[Moment] = []
        self._storages: list[tuple[int, Dim]] = []
        self._holders: list[int] = []

    def new(self, kind: str, amount: Dim) -> int:
        """A storage with one holder."""
        self._storages.append((PLACE[kind], amount))
        self._holders.append(1)
        self.alive[PLACE[kind]] = self.alive[PLACE[kind]] + amount
        self.total = self.total + amount
        self.count += 1
        return len(self._storages) - 1

    def hold(self, storage: int) -> int:
        """Add a holder."""
        self._holders[storage] += 1
        return storage

    def release(self, storage: int) -> None:
        """Take a holder away."""
        self._holders[storage] -= 1
        if not self._holders[storage]:
            place, amount = self._storages[storage]
            self.alive[place] = self.alive[place] - amount
            self.total = self.total - amount
            self.count -= 1
            self.freed = True

    def holders(self, storage: int) -> int:
        """The number of holders."""
        return self._holders[storage]

    def becomes(self, storage: int, kind: str) -> None:
        """Count a storage as of another kind from now on."""
        place, amount = self._storages[storage]
        if place != PLACE[kind]:
            self.alive[place] = self.alive[place] - amount
            self.alive[PLACE[kind]] = self.alive[PLACE[kind]] + amount
            self._storages[storage] = (PLACE[kind], amount)

    def kind(self, storage: int) -> str:
        """The kind of a storage."""
        return KINDS[self._storages[storage][0]]

    def note(self, phase: str, node: int) -> None:
        """Note what is alive now."""
        self.moments.append(Moment(phase, node, tuple(self.alive), self.total, self.count, self.freed))
        self.freed = False
