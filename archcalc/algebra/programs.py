"""Programs: the arithmetic of a network, written down while it is done on numbers.

A `Recorded` number is a dimension that has a value and remembers how it was computed. A network that is built and
counted on such numbers leaves a `Tape`: its costs as steps on the sizes of the input, the batch or the classes. The
steps can be run for other sizes by a few lines in any language, without the network. Where a formula decides something
on a size (a window fits; two branches have one size; a map is padded), the tape has a guard: for sizes at which a guard
answers otherwise than it did, the tape says nothing, and the network has to be built again.

>>> tape = Tape()
>>> size = tape.variable("S", 224)
>>> halved = (size + 2 * 3 - 7) // 2 + 1
>>> halved.value
112
>>> tape.run({"S": 300}, [halved])
[150]
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Literal, NamedTuple, final

Sign = Literal["+", "-", "*", "/", "//", "max", "min"]


class TapePlace(NamedTuple):
    """The place of a number on its tape."""

    number: int


class TapeStep(NamedTuple):
    """One operation on two operands, constants or numbers of the tape.

    It has the places of these numbers and not themselves: a long chain of objects that hold one another cannot be
    freed in WebAssembly, whose stack is short.
    """

    sign: Sign
    left: TapePlace | int | Fraction
    right: TapePlace | int | Fraction


class Guard(NamedTuple):
    """A decision on a number: whether it was below 0 (`<`) or 0 (`=`)."""

    number: Recorded
    sign: Literal["<", "="]
    held: bool


SIGNS: Mapping[Sign, str] = {"+": "+", "-": "-", "*": "*", "/": ":", "//": "/", "max": ">", "min": "<"}
"""The character of each operation in a tape that is written."""


class WrittenTape(NamedTuple):
    """A tape as plain data: first come the places of the variables, then those of the constants and the steps."""

    variables: Mapping[str, int]
    constants: tuple[int, ...]
    signs: str
    """The character of each step's operation: `+ - *`, `/` rounded down, `>` for the larger and `<` the smaller."""
    operands: tuple[int, ...]
    """The places of the two operands of each step."""
    guards: tuple[tuple[int, str, bool], ...]
    """The place of a number, `<` or `=`, and True if the number was below 0, or 0."""
    places: Mapping[Recorded, int]
    """The place of every number that is a variable or a step."""


class Tape:
    """Variables, and steps in the order in which they were taken, each once; and the guards."""

    def __init__(self) -> None:
        self.variables: dict[str, Recorded] = {}
        self.steps: dict[TapeStep, Recorded] = {}
        self.guards: dict[Any, Guard] = {}
        self.numbers: list[Recorded] = []

    def variable(self, name: str, value: int) -> Recorded:
        """A number that may be another when the tape is run."""
        number = self._numbered(value, name)
        self.variables[name] = number
        return number

    def _numbered(self, value: Any, origin: TapeStep | str) -> Recorded:
        number = Recorded(self, len(self.numbers), value, origin)
        self.numbers.append(number)
        return number

    def step(self, sign: Sign, left: Any, right: Any) -> Any:
        """The result of an operation, found among earlier ones if it was done before."""
        step = TapeStep(sign, _placed(left), _placed(right))
        found = self.steps.get(step)
        if found is None:
            value = _COMPUTED[sign](_value(left), _value(right))
            found = self.steps[step] = self._numbered(value, step)
        return found

    def operand(self, operand: Any) -> Any:
        """The number or the constant that an operand of a step stands for."""
        return self.numbers[operand.number] if isinstance(operand, TapePlace) else operand

    def decide(self, number: Recorded, sign: Literal["<", "="]) -> bool:
        """Return True if a number is negative (`<`) or zero (`=`), and note the guard."""
        held = number.value < 0 if sign == "<" else number.value == 0
        self.guards[number.place, sign] = Guard(number, sign, held)
        return held

    def written(self, wanted: Sequence[Any]) -> WrittenTape:
        """The tape as plain data, with the steps that some numbers and the guards need.

        Raises TypeError if one of these is no whole number.
        """
        needed = self._needed(wanted)
        steps = [number for number in self.numbers if number in needed]
        places = {number: place for place, number in enumerate(self.variables.values())}
        constants: dict[Any, int] = {}
        for operand in [each for number in steps for each in _operands(number)]:
            if not isinstance(operand, Recorded) and operand not in constants:
                constants[_whole(operand)] = len(places) + len(constants)
        for number in steps:
            places[number] = len(places) + len(constants)
        at = {**places, **constants}
        return WrittenTape(
            {name: number.value for name, number in self.variables.items()},
            tuple(constants),
            "".join([SIGNS[number.origin.sign] for number in steps if isinstance(number.origin, TapeStep)]),
            tuple([at[operand] for number in steps for operand in _operands(number)]),
            tuple([(at[guard.number], guard.sign, guard.held) for guard in self.guards.values()]),
            places,
        )

    def _needed(self, wanted: Sequence[Any]) -> set[Recorded]:
        """The steps that lead to some numbers and to the guards."""
        found: set[Recorded] = set()
        ahead = [each for each in wanted if isinstance(each, Recorded)]
        ahead += [guard.number for guard in self.guards.values()]
        while ahead:
            number = ahead.pop()
            if isinstance(number.origin, TapeStep) and number not in found:
                found.add(number)
                ahead += [operand for operand in _operands(number) if isinstance(operand, Recorded)]
        return found

    def run(self, values: Mapping[str, int], wanted: Sequence[Any]) -> list[Any] | None:
        """Some numbers for other values of the variables; None if a guard answers otherwise there."""
        found: list[Any] = []

        def at(operand: Any) -> Any:
            if isinstance(operand, TapePlace):
                return found[operand.number]
            return found[operand.place] if isinstance(operand, Recorded) else operand

        for number in self.numbers:
            origin = number.origin
            if isinstance(origin, str):
                found.append(values.get(origin, number.value))
            else:
                found.append(_COMPUTED[origin.sign](at(origin.left), at(origin.right)))
        for number, sign, held in self.guards.values():
            if (at(number) < 0 if sign == "<" else at(number) == 0) != held:
                return None
        return [at(each) for each in wanted]


def _operands(number: Recorded) -> tuple[Any, ...]:
    origin = number.origin
    return tuple(map(number.tape.operand, origin[1:])) if isinstance(origin, TapeStep) else ()


def _whole(constant: Any) -> int:
    if type(constant) is not int:
        raise TypeError(f"a tape of whole numbers has no {constant!r}")
    return constant


def _placed(operand: Any) -> Any:
    return TapePlace(operand.place) if isinstance(operand, Recorded) else operand


def _value(operand: Any) -> Any:
    return operand.value if isinstance(operand, Recorded) else operand


def _divided(a: Any, b: Any) -> Any:
    return a / b if isinstance(a, float) or isinstance(b, float) else Fraction(a) / b


def _larger(a: Any, b: Any) -> Any:
    return max(a, b)


def _smaller(a: Any, b: Any) -> Any:
    return min(a, b)


_on: Any = operator  # typed loosely: the same functions take ints and Fractions
_COMPUTED: Mapping[Sign, Callable[[Any, Any], Any]] = {
    "+": _on.add,
    "-": _on.sub,
    "*": _on.mul,
    "/": _divided,
    "//": _on.floordiv,
    "max": _larger,
    "min": _smaller,
}


@final
class Recorded:
    """A number with its value and its origin. Comparisons are decided by the value, and the tape notes a guard."""

    __slots__ = ("origin", "place", "tape", "value")

    def __init__(self, tape: Tape, place: int, value: Any, origin: TapeStep | str) -> None:
        self.tape, self.place, self.value, self.origin = tape, place, value, origin

    def _with(self, sign: Sign) -> tuple[Recorded, int] | None:
        """The two operands if this is a step with that sign whose second one is a plain int."""
        origin = self.origin
        if isinstance(origin, TapeStep) and origin.sign == sign and type(origin.right) is int:
            return self.tape.operand(origin.left), origin.right
        return None

    def __add__(self, other: Any) -> Any:
        if type(other) is not int:
            return self.tape.step("+", self, other)
        base, before = self._with("+") or (self, 0)
        return base if before + other == 0 else self.tape.step("+", base, before + other)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        if other is self:
            return 0
        return self + -other if type(other) is int else self.tape.step("-", self, other)

    def __rsub__(self, other: Any) -> Any:
        return self.tape.step("-", other, self)

    def __neg__(self) -> Any:
        return self.tape.step("-", 0, self)

    def __mul__(self, other: Any) -> Any:
        if type(other) is not int:
            return self.tape.step("*", self, other)
        base, before = self._with("*") or (self, 1)
        product = before * other
        return 0 if product == 0 else base if product == 1 else self.tape.step("*", base, product)

    __rmul__ = __mul__

    def __floordiv__(self, other: Any) -> Any:
        if type(other) is int and other:
            base, factor = self._with("*") or (self, 1)
            if factor % other == 0:
                return base * (factor // other)
        return self.tape.step("//", self, other)

    def __rfloordiv__(self, other: Any) -> Any:
        return self.tape.step("//", other, self)

    def __truediv__(self, other: Any) -> Any:
        return self.tape.step("/", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return self.tape.step("/", other, self)

    def __mod__(self, other: Any) -> Any:
        return self - self // other * other

    def __rmod__(self, other: Any) -> Any:
        return other - other // self * self

    def __pow__(self, power: int) -> Any:
        result: Any = 1
        for _ in range(power):
            result = result * self
        return result

    def __lt__(self, other: Any) -> bool:
        return _below(self - other)

    def __ge__(self, other: Any) -> bool:
        return not self < other

    def __gt__(self, other: Any) -> bool:
        return _below(other - self)

    def __le__(self, other: Any) -> bool:
        return not self > other

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, (int, float, Fraction, Recorded)):
            return NotImplemented
        difference = self - other
        return difference == 0 if not isinstance(difference, Recorded) else difference.zero()

    def __hash__(self) -> int:
        return hash((Recorded, self.place))

    def __bool__(self) -> bool:
        return not self.zero()

    def settled(self) -> Any:
        """The value, as it is needed as a plain number or as text; the tape notes that it must stay so."""
        self.tape.decide(self - self.value, "=")
        return self.value

    def __int__(self) -> int:
        return int(self.settled())

    __index__ = __round__ = __int__

    def __float__(self) -> float:
        return float(self.settled())

    def __str__(self) -> str:
        return str(self.settled())

    def __format__(self, form: str) -> str:
        return format(self.settled(), form)

    def negative(self) -> bool:
        """Return True if it is negative; the tape notes the guard."""
        return self.tape.decide(self, "<")

    def zero(self) -> bool:
        """Return True if it is 0; the tape notes the guard."""
        return self.tape.decide(self, "=")

    def differs_from(self, other: Any) -> bool:
        """Return True if another dimension differs; the tape notes the guard."""
        return self != other

    def extreme(self, dims: Sequence[Any], largest: bool) -> Any:
        """The largest or smallest of some dimensions."""
        result = dims[0]
        for other in dims[1:]:
            if other is result:
                continue
            result = self.tape.step("max" if largest else "min", result, other)
        return result

    def envelope(self, dims: Sequence[Any]) -> Any:
        """The largest of some dimensions."""
        return self.extreme(dims, largest=True)

    def __repr__(self) -> str:
        return f"<{self.value}>"


def _below(difference: Any) -> bool:
    return difference.negative() if isinstance(difference, Recorded) else difference < 0
