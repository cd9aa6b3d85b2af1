"""Guards of exported programs: which of them a count may depend on, and how a sentence has them.

PyTorch notes every question that was asked about a size while a model was traced. Many are its own: whether a size is
1, so that values are repeated along it, or whether values lie one after another in memory. Their answers change no
count.
"""

from __future__ import annotations

import ast

from archcalc.importers.sizes import parsed, symbols


def matters(guard: str) -> bool:
    """Return True if a count may depend on a guard: it is no question of PyTorch's own about sizes of 1.

    >>> matters("(L['x'].size()[2] % 7) == 0"), matters("(L['x'].size()[2] // 4) != 1")
    (True, False)
    """
    if "max(1," in guard:
        return False
    match parsed(guard):
        case ast.Compare(left=left, ops=[ast.NotEq()], comparators=[right]):
            return _differ(left, right)
        case ast.Compare(left=ast.Constant(value=0 | 1), ops=[ast.Lt()]):
            return False
        case _:
            return True


def _differ(left: ast.expr, right: ast.expr) -> bool:
    """Return True if a model may ask by itself whether two sizes differ.

    `n % k` with a number k is a question of its own, and so is a size beside a number above 1. That one product has
    the factors of another says that the remaining factor is not 1.
    """
    if isinstance(left, ast.BinOp) and isinstance(left.op, ast.Mod):
        return isinstance(left.right, ast.Constant)
    if isinstance(right, ast.Constant):
        return right.value not in (0, 1)
    ours, others = _factors(left), _factors(right)
    return not (set(ours) <= set(others) or set(others) <= set(ours))


def _factors(node: ast.expr) -> list[str]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return [*_factors(node.left), *_factors(node.right)]
    return [ast.unparse(node)]


def readable(guard: str) -> str:
    """A condition as a sentence has it: the sizes of the input by their letters.

    >>> readable("(L['x'].size()[2] // 2) % 7 == 0")
    'H // 2 % 7 == 0'
    """

    class Letters(ast.NodeTransformer):
        def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
            found = symbols(ast.unparse(node))
            if len(found) != 1:
                return node
            tensor, _, axis = found.pop().rpartition(".")
            return ast.Name({"2": "H", "3": "W"}.get(axis, f"{tensor}[{axis}]"))

    return ast.unparse(Letters().visit(ast.parse(ast.unparse(parsed(guard)), mode="eval").body))
