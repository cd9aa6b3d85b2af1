"""Products of tensors without weights of their own: matrix products, attention, and sums over products by letters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, final

from archcalc.algebra.dims import Dim, Shape, known_to_differ, product
from archcalc.base.errors import RuleError
from archcalc.graph import KEEPS_INPUTS, NO_PARAMETERS, Memory, Op, Parameters, Reach, Work, show_shape
from archcalc.ops.elementwise import broadcast

__all__ = ["Attention", "Einsum", "MatMul"]

VASWANI = "Vaswani et al. 2017, arXiv:1706.03762"


@final
class MatMul(Op):
    """Matrix product of the last two axes: (..., n, k) and (..., k, m) to (..., n, m); axes before are repeated.

    No parameters. Mult-adds: n k m for each pair of matrices. Errors: inner sizes that differ. Source: PyTorch's
    `matmul`, without its vectors.

    >>> MatMul().shape((12, 197, 64), (12, 64, 197))
    (12, 197, 197)
    """

    role = "merge"
    kind = "matmul"
    channel_axis = "unknown"

    def shape(self, a: Shape, b: Shape) -> Shape:
        if len(a) < 2 or len(b) < 2:
            raise RuleError("it needs two matrices")
        if known_to_differ(a[-1], b[-2]):
            raise RuleError(f"{show_shape(a)} has {a[-1]} columns, and {show_shape(b)} {b[-2]} rows")
        return (*broadcast(a[:-2], b[:-2]), a[-2], b[-1])

    def params(self, a: Shape, b: Shape) -> Parameters:
        return NO_PARAMETERS

    def work(self, a: Shape, b: Shape) -> Work:
        return Work(product(self.shape(a, b)) * a[-1])

    def window(self, a: Shape, b: Shape) -> Reach:
        return Reach.IRREGULAR

    def memory(self, a: Shape, b: Shape) -> Memory:
        return Memory(saves_inputs=True, saved_for="others")

    def lower(self, torch: Any, a: Shape, b: Shape) -> Callable[..., Any]:
        return torch.matmul


@final
class Attention(Op):
    """Scaled dot-product attention: softmax(q k^T / sqrt(d) + mask) v for queries (..., n, d), keys (..., m, d) and
    values (..., m, e), with or without a mask; to (..., n, e).

    Heads are axes before the last two; keys and values may have fewer, each for several heads of the queries. No
    parameters. Mult-adds: n m (d + e) for each head. Further work for each of the n m weights of a head: one
    multiplication (scale), one addition (the sum of the softmax), one exponential, one division, and one addition for
    a mask. Autograd keeps q, k, v, the output and one number for each row, as fused kernels do; the weights are
    computed again. Errors: sizes that do not match. Source: Vaswani et al. 2017, arXiv:1706.03762, equation (1).

    >>> Attention().work((12, 197, 64), (12, 197, 64), (12, 197, 64)).multiply_accumulate
    59609856
    """

    role = "merge"
    channel_axis = "unknown"

    def shape(self, q: Shape, k: Shape, v: Shape, *mask: Shape) -> Shape:
        if min(map(len, (q, k, v))) < 2:
            raise RuleError("it needs queries, keys and values, each one after another")
        if known_to_differ(q[-1], k[-1]) or known_to_differ(k[-2], v[-2]):
            shapes = ", ".join(map(show_shape, (q, k, v)))
            raise RuleError(f"queries, keys and values {shapes} do not match")
        return (*q[:-1], v[-1])

    def params(self, q: Shape, k: Shape, v: Shape, *mask: Shape) -> Parameters:
        return NO_PARAMETERS

    def work(self, q: Shape, k: Shape, v: Shape, *mask: Shape) -> Work:
        weights = product(q[:-1]) * k[-2]
        masked = weights if mask else 0
        return Work(weights * (q[-1] + v[-1]), weights, weights + masked, divide=weights, exponential=weights)

    def window(self, q: Shape, k: Shape, v: Shape, *mask: Shape) -> Reach:
        return Reach.WHOLE if len(q) <= 3 else Reach.IRREGULAR

    def memory(self, q: Shape, k: Shape, v: Shape, *mask: Shape) -> Memory:
        return Memory(saves_inputs=True, saves_output=True, extra_elements=product(q[:-1]))

    def lower(self, torch: Any, *shapes: Shape) -> Callable[..., Any]:
        return torch.nn.functional.scaled_dot_product_attention


@final
class Einsum(Op):
    """A sum over products of values by letters for the axes, as in "hnd,hmd->hnm"; each shape is without the batch.

    No parameters. Mult-adds: for two tensors the product of the sizes of all letters; of more, those of one product
    after another from the left. Errors: a letter of two sizes, or a tensor of other axes than its letters.

    >>> Einsum("hnd,hmd->hnm").work((8, 10, 16), (8, 20, 16)).multiply_accumulate
    25600
    """

    equation: str
    role = "merge"
    channel_axis = "unknown"

    def shape(self, *inputs: Shape) -> Shape:
        sizes = self._sizes(inputs)
        return tuple([sizes[letter] for letter in self._letters()[1]])

    def params(self, *inputs: Shape) -> Parameters:
        return NO_PARAMETERS

    def work(self, *inputs: Shape) -> Work:
        each, result = self._letters()
        sizes = self._sizes(inputs)
        done: Dim = 0
        seen = set(each[0])
        for place in range(1, len(each)):
            every = seen | set(each[place])
            done = done + product(tuple([sizes[letter] for letter in sorted(every)]))
            later = set(result).union(*each[place + 1 :])
            seen = every & later
        return Work(done)

    def window(self, *inputs: Shape) -> Reach:
        return Reach.IRREGULAR

    def memory(self, *inputs: Shape) -> Memory:
        return KEEPS_INPUTS if len(inputs) == 1 else Memory(saves_inputs=True, saved_for="others")

    def lower(self, torch: Any, *inputs: Shape) -> Callable[..., Any]:
        each, result = self._letters()
        equation = f"{','.join('Z' + letters for letters in each)}->Z{result}"

        def einsum(*values: Any) -> Any:
            return torch.einsum(equation, *values)

        return einsum

    def _letters(self) -> tuple[list[str], str]:
        left, _, right = self.equation.partition("->")
        return left.split(","), right

    def _sizes(self, inputs: tuple[Shape, ...]) -> dict[str, Dim]:
        each, result = self._letters()
        if len(each) != len(inputs):
            raise RuleError(f"{self.equation} is of {len(each)} tensors, not {len(inputs)}")
        sizes: dict[str, Dim] = {}
        for letters, shape in zip(each, inputs, strict=True):
            if len(letters) != len(shape):
                raise RuleError(f"{letters} in {self.equation} does not name the axes of {show_shape(shape)}")
            for letter, size in zip(letters, shape, strict=True):
                if known_to_differ(sizes.setdefault(letter, size), size):
                    raise RuleError(f"{letter} in {self.equation} is both {sizes[letter]} and {size}")
        missing = set(result) - set(sizes)
        if missing:
            raise RuleError(f"{self.equation} makes {', '.join(sorted(missing))} from nothing")
        return sizes
