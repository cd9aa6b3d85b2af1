"""The largest of several counts whose order depends on the symbols."""

from __future__ import annotations

from typing import Any


class Envelope:
    """The largest of several counts, each of which may be the largest somewhere; none is negative."""

    __slots__ = ("members",)

    def __init__(self, members: tuple[Any, ...]) -> None:
        self.members = members

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Envelope) and set(self.members) == set(other.members)

    def __hash__(self) -> int:
        return hash(frozenset(self.members))

    def __mul__(self, other: Any) -> Envelope:
        return Envelope(tuple([member * other for member in self.members]))

    __rmul__ = __mul__

    def __repr__(self) -> str:
        return f"max({', '.join(map(repr, self.members))})"
