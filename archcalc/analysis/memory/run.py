"""The run of a program call by call: the forward pass, then the backward pass in autograd's order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from archcalc.algebra.dims import Dim
from archcalc.analysis.memory.calls import CallSequence, EagerCall
from archcalc.analysis.memory.heap import Heap


class Run:
    """A program that runs on a heap.

    Autograd runs the backward of calls in reverse order, each when the gradients of all its uses are added up, and
    frees what it saved for it then. Source: torch/csrc/autograd/engine.cpp and input_buffer.cpp.
    """

    def __init__(
        self, program: CallSequence, heap: Heap, twice: Sequence[range] = (), *, accumulates: bool = False
    ) -> None:
        """`twice` are the calls of each checkpointed part; with `accumulates` all parameters have gradients before."""
        self.program, self.heap, self.accumulates = program, heap, accumulates
        count = len(program.calls)
        self.storage = [-1] * count
        """By value, its storage; -1 for one that is a parameter's or a buffer's own."""
        self.tape: list[list[int]] = [[] for _ in range(count)]
        """By call, the storages that autograd saves."""
        self.gradients: dict[int, int] = {}
        """By value, the storage of its gradient, until its call's backward takes it."""
        self.waiting: dict[int, list[int]] = {}
        """By value that is split, the gradients of its parts."""
        self.phase = "forward"
        self.learnt: set[tuple[int, str]] = set()
        """The parameters that have gradients."""
        self.part = {index: part for part in twice for index in part}
        self.inputs: dict[range, list[tuple[int, int]]] = {}
        """By checkpointed part, the values that it takes from outside and their storages, until it runs again."""

    def forward(self) -> None:
        """Run all calls. Values are freed when neither the code nor autograd holds them."""
        for index in range(len(self.program.calls)):
            part = self.part.get(index)
            if part is not None and index == part.start:
                self._keep_inputs(part)
            self._call(index, saves=part is None)
            for value in self.program.releases[index]:
                self._drop(value)
        for index, call in enumerate(self.program.calls):
            if call.what == "weights":
                self._drop(index)

    def _call(self, index: int, *, saves: bool) -> None:
        heap, call = self.heap, self.program.calls[index]
        held = self.tape[index]
        if saves and call.learns and not _is_nothing(call.kept):
            held.append(heap.new("saved_activations", call.kept))
        scratch = None if _is_nothing(call.scratch) else heap.new("temporaries", call.scratch)
        self.storage[index] = self._output(call)
        for value in call.saved if saves else ():
            if self.storage[value] >= 0:
                held.append(self._saved(self.storage[value]))
        heap.note(self.phase, call.node)
        if scratch is not None:
            heap.release(scratch)

    def _saved(self, storage: int) -> int:
        if self.heap.kind(storage) == "activations":
            self.heap.becomes(storage, "saved_activations")
        return self.heap.hold(storage)

    def _output(self, call: EagerCall) -> int:
        heap = self.heap
        if call.storage == "weights":
            return -1
        if call.storage == "first":
            storage = self.storage[call.inputs[0]]
            return heap.hold(storage) if storage >= 0 else -1
        return heap.new({"weights": "weight_copies", "input": "data"}.get(call.what, "activations"), call.bytes)

    def _drop(self, value: int) -> None:
        if self.storage[value] >= 0:
            self.heap.release(self.storage[value])

    def _keep_inputs(self, part: range) -> None:
        values = {value for index in part for value in self.program.calls[index].inputs if value < part.start}
        self.inputs[part] = [
            (value, self._saved(self.storage[value])) for value in sorted(values) if self.storage[value] >= 0
        ]

    def _again(self, part: range) -> None:
        """Run a checkpointed part again, this time with what autograd saves."""
        for value, storage in self.inputs[part]:
            self.storage[value] = storage
        last = {value: index for index in part for value in (*self.program.calls[index].inputs, index)}
        self.phase = "again"
        for index in part:
            self._call(index, saves=True)
            for value in {*self.program.calls[index].inputs, index}:
                if value >= part.start and last[value] == index:
                    self._drop(value)
        for _, storage in self.inputs.pop(part):
            self.heap.release(storage)

    def backward(self) -> None:
        """Run the backward of all calls that a loss depends on, last ones first."""
        calls = self.program.calls
        roots: list[int] = []
        for index in self.program.losses:
            if calls[index].learns:
                given = self.heap.new("activation_gradients", calls[index].bytes)
                roots.append(self.heap.hold(given))  # `loss.backward()` holds it until it returns
                self.gradients[index] = given
        for index in range(len(calls) - 1, -1, -1):
            if calls[index].learns and index in self.gradients:
                part = self.part.get(index)
                if part in self.inputs:
                    self._again(part)
                self._backward(index, calls[index])
        self._release(roots)

    def _backward(self, index: int, call: EagerCall) -> None:
        heap = self.heap
        given = self.gradients.pop(index)
        made: list[tuple[int, int]] = []
        for value, kind in zip(call.inputs, call.gradients, strict=True):
            if kind == "fresh":
                made.append((value, heap.new("activation_gradients", self.program.calls[value].bytes)))
            elif kind == "passed":
                made.append((value, heap.hold(given)))
            elif kind == "split":
                self._part(value, index, given, made)
        taken = self._weight_gradient(call, given)
        heap.note("backward", call.node)
        self._release(self.tape[index])
        if not taken:
            heap.release(given)
        for value, storage in made:
            self._deliver(value, storage, call.node)

    def _release(self, storages: Iterable[int]) -> None:
        for storage in storages:
            self.heap.release(storage)

    def _part(self, value: int, index: int, given: int, made: list[tuple[int, int]]) -> None:
        """Keep the gradient of a part until the gradients of all parts are there, which become one."""
        self.waiting.setdefault(value, []).append(self.heap.hold(given))
        if index == self.program.first_parts[value]:
            made.append((value, self.heap.new("activation_gradients", self.program.calls[value].bytes)))
            self.heap.note("backward", self.program.calls[index].node)
            self._release(self.waiting.pop(value))

    def _weight_gradient(self, call: EagerCall, given: int) -> bool:
        """Give parameters their gradient; return True if it is the storage of the output's gradient."""
        if call.weights is None:
            return False
        key, amount = call.weights
        heap = self.heap
        if self.accumulates or key in self.learnt:
            again = heap.new("temporaries", amount)
            heap.note("backward", call.node)
            heap.release(again)
            return False
        self.learnt.add(key)
        if call.storage == "weights" and heap.holders(given) == 1:
            heap.becomes(given, "gradients")
            return True
        heap.new("gradients", amount)
        return False

    def _deliver(self, value: int, storage: int, node: int) -> None:
        """Add a gradient to what a value has, in place where nothing else holds that."""
        heap = self.heap
        if not self.program.calls[value].learns:
            heap.release(storage)
            return
        before = self.gradients.get(value)
        if before is None:
            self.gradients[value] = storage
            return
        if heap.holders(before) == 1:
            heap.release(storage)
            return
        self.gradients[value] = heap.new("activation_gradients", self.program.calls[value].bytes)
        heap.note("backward", node)
        heap.release(before)
        heap.release(storage)


def _is_nothing(amount: Dim) -> bool:
    return type(amount) is int and amount == 0
