"""Sizes and conditions as text, as an exported program writes them, evaluated on any kind of dimension.

Sizes are calls in SymPy's notation, `Add(FloorDiv(Symbol('s0', integer=True), Integer(2)), Integer(1))`; conditions are
comparisons in Python's, `(L['x'].size()[2] // 2) == 112`. The text is parsed by a grammar of its own, and never run.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

from archcalc.algebra.dims import Dim, below, ceil_div, equal, is_int, maximum, minimum
from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import cut

LONGEST = 20_000
"""Characters of one expression, at most."""

LARGEST = 10**100
"""The largest number in the course of an evaluation: a power of a power may be of any length."""

Sizes = Mapping[str, Any]
"""The value of each symbol of a program."""


class Unreadable(ArchcalcError):
    """An expression that is not of the grammar."""


def evaluate(text: str, sizes: Sizes) -> Any:
    """The value of a size.

    Raises Unreadable for what is no size.

    >>> evaluate("Add(FloorDiv(Symbol('s0', integer=True), Integer(2)), Integer(1))", {"s0": 224})
    113
    """
    try:
        return _settled(_value(parsed(text), sizes))
    except ArithmeticError as error:
        raise Unreadable(f"{cut(text)} has no value: {error}") from None


def symbols(text: str) -> set[str]:
    """The names of the symbols of a size, and of the inputs' sizes of a condition."""
    found: set[str] = set()
    for node in ast.walk(parsed(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Symbol":
            found.add(str(_constant(node.args[0])))
        elif isinstance(node, ast.Subscript) and (place := _place(node)) is not None:
            found.add(place)
    return found


def holds(text: str, sizes: Sizes) -> bool:
    """Return True if a condition holds; polynomials note the condition that they decide.

    Raises Unreadable for what is no condition.

    >>> holds("(L['x'].size()[2] % 7) == 0", {"x.2": 224})
    True
    """
    try:
        return _holds(parsed(text), sizes)
    except ArithmeticError as error:
        raise Unreadable(f"{cut(text)} has no value: {error}") from None


@lru_cache(maxsize=4096)
def parsed(text: str) -> ast.expr:
    """The syntax tree of an expression. Raises Unreadable."""
    if len(text) > LONGEST:
        raise Unreadable(f"an expression of {len(text)} characters is longer than {LONGEST}")
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise Unreadable(f"{cut(text)} is no expression of sizes") from None


def _holds(node: ast.expr, sizes: Sizes) -> bool:  # noqa: PLR0911 - one for each kind of condition
    match node:
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _compare(op, left, right, sizes)
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            pairs = zip([left, *comparators], ops, comparators, strict=False)
            return all([_holds(ast.Compare(a, [op], [b]), sizes) for a, op, b in pairs])
        case ast.BoolOp(op=ast.And(), values=values):
            return all([_holds(value, sizes) for value in values])
        case ast.BoolOp(op=ast.Or(), values=values):
            return any(_holds(value, sizes) for value in values)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not _holds(operand, sizes)
        case ast.Constant(value=bool(value)):
            return value
        case ast.Call(func=ast.Name(id=name), args=arguments) if name in _CONDITIONS:
            return _CONDITIONS[name](arguments, sizes)
        case _:
            raise Unreadable(f"{cut(ast.unparse(node))} is no condition on sizes")


def _compare(op: ast.cmpop, left: ast.expr, right: ast.expr, sizes: Sizes) -> bool:
    """Compare two terms; a quotient is compared by products, as what sizes are divided by is positive."""
    (a, by), (b, over) = _quotient(left, sizes), _quotient(right, sizes)
    (a, factor), (b, other) = _parts(_times(a, over)), _parts(_times(b, by))
    a, b = a * (factor.numerator * other.denominator), b * (other.numerator * factor.denominator)
    if isinstance(op, (ast.Eq, ast.NotEq)):
        return equal(a, b) == isinstance(op, ast.Eq)
    if isinstance(op, (ast.Lt, ast.GtE)):
        return below(a, b) == isinstance(op, ast.Lt)
    if isinstance(op, (ast.Gt, ast.LtE)):
        return below(b, a) == isinstance(op, ast.Gt)
    raise Unreadable(f"{ast.unparse(op)} compares no sizes")


def _quotient(node: ast.expr, sizes: Sizes) -> tuple[Any, Any]:
    """A term as a numerator and what it is divided by."""
    match node:
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return _value(left, sizes), _value(right, sizes)
        case ast.Call(func=ast.Name(id="IntTrueDiv" | "FloatTrueDiv"), args=[left, right]):
            return _value(left, sizes), _value(right, sizes)
        case _:
            return _value(node, sizes), 1


def _comparison(op: ast.cmpop) -> Callable[[Sequence[ast.expr], Sizes], bool]:
    def compare(arguments: Sequence[ast.expr], sizes: Sizes) -> bool:
        left, right = arguments
        return _compare(op, left, right, sizes)

    return compare


_CONDITIONS: Mapping[str, Callable[[Sequence[ast.expr], Sizes], bool]] = {
    "Equality": _comparison(ast.Eq()),
    "Eq": _comparison(ast.Eq()),
    "Unequality": _comparison(ast.NotEq()),
    "Ne": _comparison(ast.NotEq()),
    "StrictLessThan": _comparison(ast.Lt()),
    "StrictGreaterThan": _comparison(ast.Gt()),
    "LessThan": _comparison(ast.LtE()),
    "GreaterThan": _comparison(ast.GtE()),
    "Not": lambda arguments, sizes: not _holds(arguments[0], sizes),
    "And": lambda arguments, sizes: all([_holds(each, sizes) for each in arguments]),
    "Or": lambda arguments, sizes: any(_holds(each, sizes) for each in arguments),
}


def _value(node: ast.expr, sizes: Sizes) -> Any:  # noqa: PLR0911 - one for each kind of term
    match node:
        case ast.Constant(value=int(value)) if not isinstance(value, bool):
            return value
        case ast.Constant(value=float(value)):
            return Fraction(str(value))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _times(-1, _value(operand, sizes))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_value(left, sizes), _value(right, sizes))
        case ast.Call(func=ast.Name(id="Symbol"), args=[name, *_]):
            return _symbol(str(_constant(name)), sizes)
        case ast.Call(func=ast.Name(id="Integer" | "Float" | "NegativeInfinity" | "Infinity"), args=[number, *_]):
            return Fraction(str(_signed(number))) if not is_int(_signed(number)) else _signed(number)
        case ast.Call(func=ast.Name(id="Rational"), args=[a, b]):
            return Fraction(int(_signed(a)), int(_signed(b)))
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=arguments) if name in _FUNCTIONS:
            return _FUNCTIONS[name](*[_value(each, sizes) for each in arguments])
        case ast.Subscript() if (place := _place(node)) is not None:
            return _symbol(place, sizes)
        case _:
            raise Unreadable(f"{cut(ast.unparse(node))} is no size")


def _symbol(name: str, sizes: Sizes) -> Any:
    if name not in sizes and re.fullmatch(r"u\d+", name):
        raise Unreadable("it depends on the values of the input")
    if name not in sizes:
        raise Unreadable(f"the size {cut(name)} is that of no input")
    return sizes[name]


def _constant(node: ast.expr) -> Any:
    if isinstance(node, ast.Constant):
        return node.value
    raise Unreadable(f"{cut(ast.unparse(node))} is no constant")


def _signed(node: ast.expr) -> Any:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_constant(node.operand)
    value = _constant(node)
    return float(value) if isinstance(value, str) else value


def _place(node: ast.Subscript) -> str | None:
    """The size of an input that `L['x'].size()[2]` stands for, as `x.2`; also of one in a list, `L['x'][0]`."""
    match node:
        case ast.Subscript(
            value=ast.Call(func=ast.Attribute(value=tensor, attr="size"), args=[]), slice=ast.Constant(value=int(axis))
        ):
            path: list[str] = []
            while isinstance(tensor, ast.Subscript):
                path.insert(0, str(_constant(tensor.slice)))
                tensor = tensor.value
            return f"{'_'.join(path)}.{axis}" if isinstance(tensor, ast.Name) else None
        case _:
            return None


# ---- arithmetic: dimensions, and dimensions times a fraction until they are rounded


class Scaled:
    """A dimension times a fraction, before it is rounded."""

    def __init__(self, dim: Any, factor: Fraction) -> None:
        self.dim = dim
        self.factor = factor


def _parts(value: Any) -> tuple[Any, Fraction]:
    if isinstance(value, Scaled):
        return value.dim, value.factor
    return (1, value) if isinstance(value, Fraction) else (value, Fraction(1))


def _scaled(dim: Any, factor: Fraction) -> Any:
    if factor.denominator == 1:
        return dim * factor.numerator
    return factor * dim if is_int(dim) else Scaled(dim, factor)


def _settled(value: Any) -> Any:
    """A whole number. Raises Unreadable for one that is not."""
    dim, factor = _parts(value)
    if factor.denominator == 1:
        return dim * factor.numerator
    raise Unreadable("a size is no whole number")


def _times(*values: Any) -> Any:
    dim: Any = 1
    factor = Fraction(1)
    for value in values:
        other, by = _parts(value)
        dim, factor = dim * other, factor * by
        if max([abs(each) for each in (dim, factor.numerator, factor.denominator) if is_int(each)]) > LARGEST:
            raise Unreadable("a size is beyond any network")
    return _scaled(dim, factor)


def _plus(*values: Any) -> Any:
    total: Any = 0
    common = Fraction(1)
    for value in values:
        common = Fraction(1, max(common.denominator, 1) * _parts(value)[1].denominator)
    for value in values:
        dim, factor = _parts(value)
        total = total + dim * int(factor / common)
    return _scaled(total, common)


def _floor(value: Any) -> Any:
    dim, factor = _parts(value)
    return dim * factor.numerator // factor.denominator


def _ceil(value: Any) -> Any:
    dim, factor = _parts(value)
    return ceil_div(dim * factor.numerator, factor.denominator)


def _floor_div(a: Any, b: Any) -> Any:
    (dim, factor), (by, divisor) = _parts(a), _parts(b)
    ratio = factor / divisor
    return dim * ratio.numerator // (by * ratio.denominator)


def _true_div(a: Any, b: Any) -> Any:
    dim, factor = _parts(a)
    by, divisor = _parts(b)
    if not is_int(by):
        raise Unreadable("a size is divided by another without rounding")
    return _scaled(dim, factor / divisor / by)


def _modulo(a: Any, b: Any) -> Any:
    a, b = _settled(a), _settled(b)
    return a - a // b * b


def _power(a: Any, b: Any) -> Any:
    exponent = _settled(b)
    if not is_int(exponent) or abs(exponent) > 64:
        raise Unreadable("a size has a power that is no small whole number")
    if exponent >= 0:
        return _times(*[a] * exponent)
    dim, factor = _parts(a)
    if not is_int(dim):
        raise Unreadable("a size divides a number without rounding")
    return 1 / (factor * dim) ** -exponent


def _modular(a: Any, by: Any, modulus: Any) -> Any:
    return _modulo(_floor_div(a, by), modulus)


def _ceil_quotient(a: Any, b: Any) -> Any:
    return ceil_div(_settled(a), _settled(b))


def _round(a: Any) -> Any:
    return _floor(_plus(a, Fraction(1, 2)))


def _minus(a: Any, b: Any) -> Any:
    return _plus(a, _times(-1, b))


def _same(value: Any) -> Any:
    return value


def _extreme(choose: Callable[..., Dim]) -> Callable[..., Any]:
    def extreme(*values: Any) -> Any:
        return choose(*[_settled(value) for value in values])

    return extreme


_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "Add": _plus,
    "Mul": _times,
    "Pow": _power,
    "PowByNatural": _power,
    "FloorDiv": _floor_div,
    "CleanDiv": _floor_div,
    "PythonMod": _modulo,
    "Mod": _modulo,
    "ModularIndexing": _modular,
    "CeilDiv": _ceil_quotient,
    "IntTrueDiv": _true_div,
    "FloatTrueDiv": _true_div,
    "ToFloat": _same,
    "sym_float": _same,
    "Identity": _same,
    "TruncToInt": _floor,
    "FloorToInt": _floor,
    "floor": _floor,
    "trunc": _floor,
    "CeilToInt": _ceil,
    "ceil": _ceil,
    "ceiling": _ceil,
    "RoundToInt": _round,
    "Max": _extreme(maximum),
    "sym_max": _extreme(maximum),
    "sym_min": _extreme(minimum),
    "Min": _extreme(minimum),
    "max": _extreme(maximum),
    "min": _extreme(minimum),
}
_OPERATORS: Mapping[type, Callable[..., Any]] = {
    ast.Add: _plus,
    ast.Sub: _minus,
    ast.Mult: _times,
    ast.FloorDiv: _floor_div,
    ast.Mod: _modulo,
    ast.Div: _true_div,
    ast.Pow: _power,
}
ARITHMETIC: Mapping[str, Callable[..., Any]] = _FUNCTIONS
"""The functions of sizes by name, for sizes that do not come as text."""
