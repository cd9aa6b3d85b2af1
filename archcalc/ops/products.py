"""Products of tensors without weights of their own: matrix products, attention, and sums over products by letters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, final

from archcalc.algebra.dims import Dim, Shape, known_equal, known_to_differ, product
from archcalc.base.errors import RuleError
from archcalc.graph import (
    LOWER,
    NO_PARAMETERS,
    PASSES_GRADIENT,
    VIEW,
    WIDEST,
    Autocast,
    AutocastDevice,
    Memory,
    Nothing,
    Op,
    OpFormulas,
    Parameters,
    Reach,
    Rule,
    Rules,
    Work,
    show_shape,
)
from archcalc.graph.rules import RESULT_CHANNELS, RESULT_SIZE
from archcalc.ops.elementwise import broadcast

__all__ = ["Attention", "Einsum", "MatMul"]

VASWANI = "Vaswani et al. 2017, arXiv:1706.03762"
NO_WEIGHTS: Rules = (Nothing("both factors are computed: it has no weights of its own"),)


@final
class MatMul(Op):
    """Matrix product of the last two axes: (..., n, k) and (..., k, m) to (..., n, m); axes before are repeated.

    No parameters. Mult-adds: n k m for each pair of matrices. Memory: both factors; one whose axes are repeated is
    copied first, and the copy kept; so is one whose axes before the last two were permuted, as a `Copy` before it says.
    Errors: inner sizes that differ. Source: PyTorch's `matmul`, without its vectors.

    >>> MatMul().shape((12, 197, 64), (12, 64, 197))
    (12, 197, 197)
    """

    role = "merge"
    autocast = LOWER
    kind = "matmul"
    channel_axis = "unknown"
    formulas = OpFormulas(
        RESULT_CHANNELS,
        RESULT_SIZE,
        params=NO_WEIGHTS,
        mult_adds=(Rule("b * n * k * o", says="each row of the first with each column of the second"),),
        meanings={
            "b": "pairs of matrices",
            "n": "rows of the first matrix",
            "k": "columns of the first matrix, rows of the second",
            "o": "columns of the second matrix",
        },
    )

    def shape(self, a: Shape, b: Shape) -> Shape:
        if len(a) < 2 or len(b) < 2:
            raise RuleError("it needs two matrices")
        if known_to_differ(a[-1], b[-2]):
            raise RuleError(f"{show_shape(a)} has {a[-1]} columns, and {show_shape(b)} {b[-2]} rows")
        pairs = broadcast(a[:-2], b[:-2]) if len(a) + len(b) > 4 else ()
        return (*pairs, a[-2], b[-1])

    def params(self, a: Shape, b: Shape) -> Parameters:
        return NO_PARAMETERS

    def work(self, a: Shape, b: Shape) -> Work:
        return Work(product(self.shape(a, b)) * a[-1])

    def window(self, a: Shape, b: Shape) -> Reach:
        return Reach.WHOLE if len(a) == 2 else Reach.IRREGULAR

    def memory(self, a: Shape, b: Shape) -> Memory:
        pairs = self.shape(a, b)[:-2]
        copied = [not known_equal(product(each[:-2]), product(pairs)) for each in (a, b)]
        if not any(copied):
            return Memory(saves_inputs=True, saved_for="others")
        copies = [product((*pairs, *each[-2:])) for each, is_copied in zip((a, b), copied, strict=True) if is_copied]
        gradients = tuple([() if is_copied else (1 - place,) for place, is_copied in enumerate(copied)])
        return Memory(saves_inputs=True, saved_for=gradients, extra_elements=_sum(copies))

    def letters(self, a: Shape, b: Shape) -> dict[str, Any]:
        return {
            "b": product(broadcast(a[:-2], b[:-2])) if len(a) + len(b) > 4 else 1,
            "n": a[-2],
            "k": a[-1],
            "o": b[-1],
        }

    def lower(self, torch: Any, a: Shape, b: Shape) -> Callable[..., Any]:
        axes = max(len(a), len(b)) + 1

        def matmul(a: Any, b: Any) -> Any:
            a, b = (x.reshape(len(x), *[1] * (axes - x.dim()), *x.shape[1:]) for x in (a, b))
            return torch.matmul(a, b)

        return matmul


@final
class Attention(Op):
    """Scaled dot-product attention: softmax(q k^T / sqrt(d) + mask) v for queries (..., n, d), keys (..., m, d) and
    values (..., m, e), with or without a mask; to (..., n, e).

    Heads are axes before the last two; keys and values may have fewer, each for several heads of the queries. No
    parameters. Mult-adds: n m (d + e) for each head. Further work for each of the n m weights of a head: one
    multiplication (scale), one addition (the sum of the softmax), one exponential, one division, and one addition for
    a mask. Autograd keeps q, k, v, the mask, the output and one number for each row, as fused kernels do; the weights
    are computed again. Errors: sizes that do not match. Source: Vaswani et al. 2017, arXiv:1706.03762, equation (1).

    >>> Attention().work((12, 197, 64), (12, 197, 64), (12, 197, 64)).multiply_accumulate
    59610624
    """

    role = "merge"
    autocast = LOWER
    channel_axis = "unknown"
    formulas = OpFormulas(
        RESULT_CHANNELS,
        RESULT_SIZE,
        params=(Nothing("queries, keys and values are computed: it has no weights of its own"),),
        mult_adds=(
            Rule(
                "h * n * l * (d + e)",
                f"{VASWANI}, equation (1)",
                says="each query with each key, and each weight with each value",
            ),
        ),
        meanings={
            "h": "heads",
            "n": "queries",
            "l": "keys",
            "d": "values of a query or a key",
            "e": "values that are weighed, for each key",
        },
    )

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
        return Memory(saves_inputs=True, saves_output=True, float32_elements=product(q[:-1]))

    def letters(self, q: Shape, k: Shape, v: Shape, *mask: Shape) -> dict[str, Any]:
        return {"h": product(q[:-2]), "n": q[-2], "l": k[-2], "d": q[-1], "e": v[-1]}

    def lower(self, torch: Any, *shapes: Shape) -> Callable[..., Any]:
        attend = torch.nn.functional.scaled_dot_product_attention
        fewer = len(shapes[0]) > 2 and known_to_differ(shapes[0][-3], shapes[1][-3])

        def attention(q: Any, k: Any, v: Any, mask: Any = None) -> Any:
            if mask is not None:
                mask = mask.reshape(len(mask), *[1] * (q.dim() - mask.dim()), *mask.shape[1:])
            return attend(q, k, v, mask, enable_gqa=True) if fewer else attend(q, k, v, mask)

        return attention


@final
class Einsum(Op):
    """A sum over products of values by letters for the axes, as in "hnd,hmd->hnm"; each shape is without the batch.

    No parameters. Mult-adds: for two tensors the product of the sizes of all letters; of more, those of one product
    after another from the left. Memory: the factors of each product (or copies, where axes have to be moved).
    Errors: a letter of two sizes, or a tensor of other axes than its letters.

    >>> Einsum("hnd,hmd->hnm").work((8, 10, 16), (8, 20, 16)).multiply_accumulate
    25600
    """

    equation: str
    role = "merge"
    autocast = LOWER
    channel_axis = "unknown"
    formulas = OpFormulas(
        RESULT_CHANNELS,
        RESULT_SIZE,
        params=NO_WEIGHTS,
        mult_adds=(
            Nothing("values of one tensor are summed or moved", when="no M_i"),
            Rule("sum(M_i over i)", says="the sizes of all letters of each product, one product after another"),
        ),
        meanings={"M_i": "products of the tensors so far with tensor i"},
    )

    def shape(self, *inputs: Shape) -> Shape:
        sizes = self._sizes(inputs)
        return tuple([sizes[letter] for letter in self._letters()[1]])

    def params(self, *inputs: Shape) -> Parameters:
        return NO_PARAMETERS

    def work(self, *inputs: Shape) -> Work:
        if len(inputs) == 1:
            sizes = self._sizes(inputs)
            gone = set(self._letters()[0][0]) - set(self._letters()[1])
            return Work(add=product(tuple(sizes.values())) if gone else 0)
        return Work(_sum(self._products(inputs)))

    def letters(self, *inputs: Shape) -> dict[str, Any]:
        return {"M_i": tuple(self._products(inputs))} if len(inputs) > 1 else {}

    def _products(self, inputs: tuple[Shape, ...]) -> list[Dim]:
        """The multiply-accumulates of each product, from the left."""
        sizes = self._sizes(inputs)
        return [product(tuple([sizes[letter] for letter in every])) for every, _ in self._steps()]

    def _results(self, inputs: tuple[Shape, ...]) -> list[Dim]:
        """The values that each product gives."""
        sizes = self._sizes(inputs)
        return [product(tuple([sizes[letter] for letter in left])) for _, left in self._steps()]

    def _steps(self) -> list[tuple[list[str], list[str]]]:
        """For each product, from the left, the letters of its factors and of its result."""
        each, result = self._letters()
        steps: list[tuple[list[str], list[str]]] = []
        seen = set(each[0])
        for place in range(1, len(each)):
            every = seen | set(each[place])
            seen = every & set(result).union(*each[place + 1 :])
            steps.append((sorted(every), sorted(seen)))
        return steps

    def window(self, *inputs: Shape) -> Reach:
        each, result = self._letters()
        whole = [len(letters) > 1 and not set(letters[1:]) & set(result[1:]) for letters in each]
        return Reach.WHOLE if any(whole) else Reach.IRREGULAR

    def memory(self, *inputs: Shape) -> Memory:
        if len(inputs) == 1:
            letters, result = self._letters()
            return VIEW if sorted(letters[0]) == sorted(result) else PASSES_GRADIENT
        if len(inputs) == 2:
            return Memory(saves_inputs=True, saved_for="others")
        gradients = ((1,), *[tuple(range(place)) for place in range(1, len(inputs))])
        return Memory(saves_inputs=True, saved_for=gradients, extra_elements=_sum(self._results(inputs)[:-1]))

    def autocast_type(self, device: AutocastDevice, *shapes: Shape) -> Autocast:
        return WIDEST if device == "cpu" and len(shapes) == 1 else self.autocast  # the CPU's rule is its products'

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


def _sum(amounts: Sequence[Dim]) -> Dim:
    total: Dim = 0
    for amount in amounts:
        total = total + amount
    return total
