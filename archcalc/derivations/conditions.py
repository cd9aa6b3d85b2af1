"""Conditions of rules: on an op's fields and letters, in the words of `archcalc.graph.rules`."""

from __future__ import annotations

from functools import cache

from archcalc.algebra.expressions import Expression, parse
from archcalc.derivations.letters import OpReading, axis_names, value_of


def holds(when: str, reading: OpReading, axis: int) -> bool:
    """Return True if all conditions of a rule hold; they are separated by commas.

    Letters of an axis (N, k, `p_before`) are those of the given axis.
    """
    return all([_holds(each, reading, axis) for each in when.split(", ") if each])


def _holds(condition: str, reading: OpReading, axis: int) -> bool:
    left, equal, right = condition.partition(" == ")
    if equal:
        one, other = (_value(_parsed(side), reading, axis) for side in (left, right))
        return one is not None and one == other
    name = condition.removeprefix("no ")
    if name == "map":
        given = len(reading.shapes[0]) > 1
    elif name in reading.op.fields:
        given = bool(getattr(reading.op, name))
    else:
        given = _value(_parsed(name), reading, axis) is not None
    return given == (name == condition)


def _value(expression: Expression, reading: OpReading, axis: int) -> object:
    """The value of an expression; None if one of its letters has no value."""
    symbols = expression.symbols()
    names = axis_names(reading, symbols, axis)
    values = {symbol: value_of(reading, names.get(symbol, symbol)) for symbol in symbols}
    return None if None in values.values() else expression.evaluate(values)


@cache
def _parsed(text: str) -> Expression:
    return parse(text)
