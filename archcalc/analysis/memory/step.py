"""The run of a program call by call: the forward pass, the backward pass as autograd orders it, the optimizer's step."""

from __future__ import annotations

from archcalc.algebra.dims import Dim
from archcalc.analysis.memory.calls import Call, Program
from archcalc.analysis.memory.heap import Heap


class Run:
    """A program that runs on a heap."""

    def __init__(self, program: Program, heap: Heap, *, adds_in_place: bool = True) -> None:
        self.program, self.heap = program, heap
        self.adds_in_place = adds_in_place
        """True if autograd adds a gradient to another in place where nothing else holds that one."""
        self.storage: list[int] = []
        """By value, its storage; -1 for one that is a parameter's or a buffer's own."""
        self.tape: list[list[int]] = []
        """By call, the storages that autograd saves."""
        self.gradients: dict[int, int] = {}
        """By value, the storage of its gradient, until its call's backward takes it."""
        self.waiting: dict[int, list[int]] = {}
        """By value that is split, the gradients of its parts."""
        self.learnt: set[int] = set()
        """The nodes whose parameters have gradients."""

    def forward(self) -> None:
        """Run all calls. Values are freed when neither the code nor autograd holds them."""
        heap = self.heap
        for index, call in enumerate(self.program.calls):
            extra = [heap.new("saved_activations", call.kept)] if call.learns and not _is_nothing(call.kept) else []
            scratch = None if _is_nothing(call.scratch) else heap.new("temporaries", call.scratch)
            self.storage.append(self._output(call))
            for value in call.saved:
                storage = self.storage[value]
                if storage >= 0:
                    extra.append(heap.hold(storage))
                    if heap.kind(storage) == "activations":
                        heap.becomes(storage, "saved_activations")
            self.tape.append(extra)
            heap.note("forward", call.node)
            if scratch is not None:
                heap.release(scratch)
            for value in self.program.releases[index]:
                self._drop(value)
        for index, call in enumerate(self.program.calls):
            if call.what == "weights":
                self._drop(index)

    def _output(self, call: Call) -> int:
        heap = self.heap
        if call.storage == "weights":
            return -1
        if call.storage == "first":
            storage = self.storage[call.inputs[0]]
            return heap.hold(storage) if storage >= 0 else -1
        return heap.new("weight_copies" if call.what == "weights" else "activations", call.bytes)

    def _drop(self, value: int) -> None:
        if self.storage[value] >= 0:
            self.heap.release(self.storage[value])

    def backward(self) -> None:
        """Run the backward of all calls that a loss depends on, last ones first."""
        calls = self.program.calls
        for index, call in enumerate(calls):
            if call.what == "loss" and call.learns and _is_last_of_loss(calls, index):
                self.gradients[index] = self.heap.new("activation_gradients", call.bytes)
        for index in range(len(calls) - 1, -1, -1):
            if calls[index].learns and index in self.gradients:
                self._backward(index, calls[index])

    def _backward(self, index: int, call: Call) -> None:
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
        taken = False
        if call.weights is not None:
            taken = self._weight_gradient(call, given)
        heap.note("backward", call.node)
        for storage in self.tape[index]:
            heap.release(storage)
        if not taken:
            heap.release(given)
        for value, storage in made:
            self._deliver(value, storage, call.node)

    def _part(self, value: int, index: int, given: int, made: list[tuple[int, int]]) -> None:
        """Keep the gradient of a part until the gradients of all parts are there, which become one."""
        calls = self.program.calls
        held = self.waiting.setdefault(value, [])
        held.append(self.heap.hold(given))
        first = next(i for i, call in enumerate(calls) if call.inputs == (value,) and call.gradients == ("split",))
        if index == first:
            made.append((value, self.heap.new("activation_gradients", calls[value].bytes)))
            self.heap.note("backward", calls[index].node)
            for storage in self.waiting.pop(value):
                self.heap.release(storage)

    def _weight_gradient(self, call: Call, given: int) -> bool:
        """Give parameters their gradient; return True if it is the storage of the output's gradient."""
        if call.weights is None:
            return False
        owner, amount, _ = call.weights
        heap = self.heap
        if owner in self.learnt:
            heap.new("temporaries", amount)
            heap.note("backward", call.node)
            heap.release(len(heap._storages) - 1)  # noqa: SLF001
            return False
        self.learnt.add(owner)
        if call.storage == "weights" and heap.holders(given) == 1:
            heap.becomes(given, "gradients")
            return True
        heap.new("gradients", amount)
        return False

    def _deliver(self, value: int, storage: int, node: int) -> None:
        """Add a gradient to what a value has: in place where nothing else holds that one."""
        heap = self.heap
        if not self.program.calls[value].learns:
            heap.release(storage)
            return
        before = self.gradients.get(value)
        if before is None:
            self.gradients[value] = storage
            return
        if self.adds_in_place and heap.holders(before) == 1:
            heap.release(storage)
            return
        self.gradients[value] = heap.new("activation_gradients", self.program.calls[value].bytes)
        heap.note("backward", node)
        heap.release(before)
        heap.release(storage)


def _is_nothing(amount: Dim) -> bool:
    return type(amount) is int and amount == 0


def _is_last_of_loss(calls: list[Call], index: int) -> bool:
    """Return True if a call is the mean of a loss: its input is a call of the loss too."""
    return calls[calls[index].inputs[0]].what == "loss"
