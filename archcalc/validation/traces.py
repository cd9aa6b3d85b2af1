"""The operations that a PyTorch module runs, as a graph in a form that does not depend on how the module is written.

`trace` runs a module without data and records the operations that PyTorch executes, each with its own facts (kernel,
stride, padding ...), the size of its result and the steps that it reads. What only moves values (views, copies,
transpositions, shifts) is passed over, and different spellings of one computation become one:

- a linear layer and a 1x1 convolution with stride 1; a mean over all positions and a pool over them;
- padding before a convolution or a pool, and padding of that layer; a crop, and padding by less than nothing;
- a pool over one position, and every n-th position taken; rounding up with stride 1, which adds nothing;
- a sum and a product with weights in one operation, and one after the other;
- sums of sums and joined joined tensors, of which nothing else reads the inner ones;
- scaling by a constant before a matrix product and after it; a softmax at the very end, which is left out.

Two networks are the same graph if their outputs have the same key: a digest of a step, its facts and sizes, and the
keys of all that it reads. So one comparison covers each layer, their order, and every joint.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from hashlib import blake2b
from math import prod
from typing import Any, NamedTuple

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

_MOVES = (
    {"_to_copy", "alias", "as_strided", "as_strided_", "clone", "copy_", "detach", "masked_fill", "roll", "view"}
    | {"_unsafe_view", "channel_shuffle", "expand", "permute", "squeeze", "t", "transpose", "unbind", "unsqueeze"}
)  # fmt: skip
"""Operations that move or hide values: their results are those of the step that they read."""
_FUNCTIONS = ("relu", "silu", "gelu", "sigmoid", "tanh", "hardtanh", "hardswish", "hardsigmoid", "elu")
_LINEAR = (("kernel", (1,)), ("groups", 1))
_UNORDERED = ("add", "mul", "concat")
"""Steps whose inputs have no order: that of joined channels changes no figure."""


class ExecutedOp(NamedTuple):
    """One operation: its facts by name, the steps that it reads, and the size of its result for one image."""

    kind: str
    facts: tuple[tuple[str, Any], ...]
    inputs: tuple[int, ...]
    channels: int
    positions: int
    where: str
    """The module that ran it, by its path."""

    def __str__(self) -> str:
        facts = ", ".join(f"{name} {_said(value)}" for name, value in self.facts)
        return f"{self.kind}{f' ({facts})' if facts else ''} to {self.channels} x {self.positions} in {self.where}"


class Trace(NamedTuple):
    """The steps of a network in the order in which they ran, and those that are its outputs."""

    steps: tuple[ExecutedOp, ...]
    outputs: tuple[int, ...]
    moves: Counter[str]
    """The number of shifts by their lengths: they are no steps, as one before a layer of positions is one after it."""


def trace(module: torch.nn.Module, *shapes: Sequence[int]) -> Trace:
    """The operations of a module on the meta device for inputs of some shapes, batch excluded."""
    inputs = [torch.empty(1, *shape, device="meta") for shape in shapes]
    recorder = _Recorder(inputs)
    parts: dict[str, torch.nn.Module] = dict(module.named_modules())  # pyright: ignore[reportUnknownArgumentType]
    hooks = [hook for path, part in parts.items() for hook in recorder.hooked(path, part)]
    with torch.no_grad(), _Picks(recorder), recorder:
        result = module(*inputs)
    for hook in hooks:
        hook.remove()
    outputs = [recorder.read(value) for value in tree_leaves(result) if isinstance(value, torch.Tensor)]
    return joined(recorder.steps, [index for index in outputs if index is not None], recorder.moves)


def left_out(step: ExecutedOp, names: Collection[str]) -> bool:
    """Return True if a step is of a kind, or in a module, of one of the names."""
    return step.kind in names or not set(step.where.split(".")).isdisjoint(names)


def without(whole: Trace, names: Collection[str]) -> Trace:
    """The trace without steps of some kinds or modules: what reads one of them reads its first input instead."""
    steps: list[ExecutedOp] = []
    places: list[int] = []
    for step in whole.steps:
        if left_out(step, names):
            places.append(places[step.inputs[0]])
            continue
        steps.append(step._replace(inputs=tuple([places[index] for index in step.inputs])))
        places.append(len(steps) - 1)
    return Trace(tuple(steps), tuple([places[index] for index in whole.outputs]), whole.moves)


def differences(ours: Trace, theirs: Trace, most: int = 3) -> tuple[list[ExecutedOp], list[ExecutedOp]]:
    """The first steps of each that the other lacks, in the order in which they ran; none if the two are one graph.

    A step is lacking if no step of the other has its facts, its sizes and the same steps before it. Where the outputs
    differ there is such a step.
    """
    keys, others = _keys(ours), _keys(theirs)
    if Counter([keys[i] for i in ours.outputs]) == Counter([others[i] for i in theirs.outputs]):
        return [], []
    return _lacking(ours, keys, Counter(others), most), _lacking(theirs, others, Counter(keys), most)


def _lacking(whole: Trace, keys: Sequence[bytes], others: Counter[bytes], most: int) -> list[ExecutedOp]:
    lacking: list[ExecutedOp] = []
    for step, key in zip(whole.steps, keys, strict=True):
        others[key] -= 1
        if others[key] < 0:
            lacking.append(step)
    return lacking[:most]


def _keys(whole: Trace) -> list[bytes]:
    """A digest for each step, of it and of all that it reads, directly or not."""
    keys: list[bytes] = []
    for step in whole.steps:
        read = [keys[index] for index in step.inputs]
        own = repr((step.kind, step.facts, step.channels, step.positions)).encode()
        keys.append(blake2b(b"".join([own, *(sorted(read) if step.kind in _UNORDERED else read)])).digest())
    return keys


def joined(steps: Sequence[ExecutedOp], outputs: Sequence[int], moves: Counter[str]) -> Trace:
    """The steps that outputs depend on, with sums of sums in one, and without a softmax at the end."""
    ends = [steps[i].inputs[0] if steps[i].kind == "softmax" else i for i in outputs]
    uses = Counter([source for index in _needed(steps, ends) for source in steps[index].inputs]) + Counter(ends)
    flat: list[ExecutedOp] = []
    for step in steps:
        inputs: list[int] = []
        for source in step.inputs:
            inner = flat[source]
            joined = inner.kind == step.kind and (step.kind == "concat" or (step.kind == "add" and uses[source] == 1))
            inputs += inner.inputs if joined else [source]
        flat.append(step._replace(inputs=tuple(inputs)))
    needed = sorted(_needed(flat, ends))
    places = {index: place for place, index in enumerate(needed)}
    kept = [flat[index]._replace(inputs=tuple([places[source] for source in flat[index].inputs])) for index in needed]
    return Trace(tuple(kept), tuple([places[index] for index in ends]), moves)


def _needed(steps: Sequence[ExecutedOp], ends: Sequence[int]) -> set[int]:
    """The steps that some depend on, with those."""
    needed = set(ends)
    for index in range(len(steps) - 1, -1, -1):
        if index in needed:
            needed.update(steps[index].inputs)
    return needed


def _said(value: Any) -> str:
    """A fact in words: sizes as 3x3, and padding that differs between the two sides of an axis as 0+1."""
    if not isinstance(value, tuple):
        return str(value)
    parts: tuple[Any, ...] = value  # pyright: ignore[reportUnknownVariableType]
    return "x".join([_both(part) if type(part) is tuple else str(part) for part in parts])


def _both(sides: Any) -> str:
    before, after = sides
    return str(before) if before == after else f"{before}+{after}"


class _Recorder(TorchDispatchMode):
    """Notes the operations that PyTorch executes. Tensors are known by their identity, and held so that it lasts."""

    def __init__(self, inputs: Sequence[torch.Tensor]) -> None:
        super().__init__()  # pyright: ignore[reportUnknownMemberType]
        self.steps: list[ExecutedOp] = []
        self.moves: Counter[str] = Counter()
        self._at: dict[int, int] = {}
        self._held: list[torch.Tensor] = []
        self._weights: set[int] = set()
        self._path = [""]
        self.picked: Any = None
        for value in inputs:
            self._add(value, "input")

    def hooked(self, path: str, part: torch.nn.Module) -> Iterator[Any]:
        """Hooks that tell the recorder which module runs."""

        def begin(*_: Any) -> None:
            self._path.append(path)

        def end(*_: Any) -> None:
            self._path.pop()

        yield part.register_forward_pre_hook(begin)
        yield part.register_forward_hook(end)

    def read(self, value: Any) -> int | None:
        """The step that gave a value; None for a weight or another constant."""
        return self._at.get(id(value))

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        given: dict[str, Any] = kwargs or {}
        name = func.overloadpacket.__name__
        result = _like_input(*args) if name == "native_batch_norm" else func(*args, **given)
        values = tree_leaves((args, given))
        sources = [at for value in values if (at := self.read(value)) is not None]
        if not sources:
            if any(map(self._is_weight, values)):
                self._held += (results := [each for each in tree_leaves(result) if isinstance(each, torch.Tensor)])
                self._weights.update(map(id, results))
        else:
            plain = name if name in _MOVES else name.rstrip("_")
            self._note(plain, _Arguments(func, args, given), sources, result)
        return result

    def _is_weight(self, value: Any) -> bool:
        return isinstance(value, torch.nn.Parameter) or id(value) in self._weights

    def _is(self, value: torch.Tensor, step: int) -> None:
        self._at[id(value)] = step
        self._held.append(value)

    def _add(
        self,
        value: torch.Tensor,
        kind: str,
        *sources: int,
        channels: int | None = None,
        **facts: Any,
    ) -> None:
        count = value.shape[1] if channels is None else channels
        size = (count, value.numel() // max(count, 1))
        self.steps.append(ExecutedOp(kind, tuple(facts.items()), sources, *size, self._path[-1]))
        self._is(value, len(self.steps) - 1)

    def _note(self, name: str, given: _Arguments, sources: list[int], result: Any) -> None:
        first = sources[0]
        step = self.steps[first]
        if name in _MOVES:
            groups = self._moved(name, given)
            for value in tree_leaves(result):
                if groups > 1:
                    self._add(value, "shuffle", first, channels=step.channels, groups=groups)
                else:
                    self._is(value, first)
        elif name in _FUNCTIONS:
            self._add(result, name, first, channels=step.channels)
        elif (noted := getattr(self, f"on_{name.strip('_')}", None)) is not None:
            noted(given, sources, result)
        else:
            value = next(each for each in tree_leaves(result) if isinstance(each, torch.Tensor))
            self._add(value, name, *sources, channels=value.shape[-1])

    def _moved(self, name: str, given: _Arguments) -> int:
        """The groups of a shuffle of channels, which may be written as a transposition of groups and their channels.

        1 for all else that moves values; a shift is counted.
        """
        if name == "roll" and any(given["shifts"]):
            self.moves[f"shift by {_said(tuple([abs(each) for each in given['shifts']]))}"] += 1
        elif name == "channel_shuffle":
            return given["groups"]
        elif name == "transpose" and given["self"].dim() == 5 and {given["dim0"], given["dim1"]} == {1, 2}:
            return given["self"].shape[1]
        return 1

    # Layers with weights.

    def on_convolution(self, given: _Arguments, sources: list[int], result: Any) -> None:
        kernel = tuple(given["weight"].shape[2:])
        axes = len(kernel)
        stride, dilation = _each(given["stride"], axes), _each(given["dilation"], axes)
        sides = tuple([(side, side) for side in _each(given["padding"], axes)])
        first, sides = (sources[0], sides) if given["transposed"] else self._with_padding(sources[0], sides)
        facts: dict[str, Any] = {"kernel": kernel}
        if given["transposed"] or prod(kernel) > 1 or prod(stride) > 1 or any(map(any, sides)):
            facts |= {"stride": stride, "padding": sides, "dilation": dilation}
        else:
            facts = {"kernel": (1,)}
        if given["transposed"]:
            facts["output padding"] = _each(given["output_padding"], axes)
        self._add(result, "conv", first, **facts, groups=given["groups"], bias=given["bias"] is not None)

    def on_addmm(self, given: _Arguments, sources: list[int], result: Any) -> None:
        self._linear(given["mat2"], sources, result, bias=True)

    def on_mm(self, given: _Arguments, sources: list[int], result: Any) -> None:
        self._linear(given["mat2"], sources, result, bias=False)

    def on_bmm(self, given: _Arguments, sources: list[int], result: Any) -> None:
        """A matrix product; where one of its inputs is scaled, its result is."""
        factor: Any = 1
        for place, source in enumerate(sources):
            if self.steps[source].kind == "scale":
                factor *= self.steps[source].facts[0][1]
                sources[place] = self.steps[source].inputs[0]
        self._add(result, "bmm", *sources, channels=result.shape[-1])
        if factor != 1:
            self._scaled(result, len(self.steps) - 1, factor)

    def _linear(self, weight: Any, sources: list[int], result: Any, *, bias: bool) -> None:
        if self.read(weight) is not None:
            self._add(result, "matmul", *sources, channels=result.shape[-1])
            return
        self._add(result, "conv", sources[0], channels=result.shape[-1], kernel=(1,), groups=1, bias=bias)

    def on_native_batch_norm(self, given: _Arguments, sources: list[int], result: Any) -> None:
        self._add(result[0], "batch_norm", sources[0], affine=given["weight"] is not None)

    def on_native_layer_norm(self, given: _Arguments, sources: list[int], result: Any) -> None:
        over = prod(given["normalized_shape"])
        self._add(result[0], "layer_norm", sources[0], channels=over, affine=given["weight"] is not None)

    # Pools.

    def on_max_pool2d_with_indices(self, given: _Arguments, sources: list[int], result: Any) -> None:
        self._pool(given, "max_pool", sources[0], result[0], {"dilation": _each(given["dilation"], 2)})

    def on_avg_pool2d(self, given: _Arguments, sources: list[int], result: Any) -> None:
        divisor = given["divisor_override"]
        facts = {"counts padding": given["count_include_pad"]} if any(_each(given["padding"], 2)) else {}
        if divisor not in (None, 1):
            facts["divisor"] = divisor
        self._pool(given, "sum_pool" if divisor == 1 else "avg_pool", sources[0], result, facts)

    def _pool(self, given: _Arguments, kind: str, first: int, result: torch.Tensor, facts: dict[str, Any]) -> None:
        kernel = _each(given["kernel_size"], 2)
        stride = _each(given["stride"] or kernel, 2)
        sides = tuple([(side, side) for side in _each(given["padding"], 2)])
        if kind == "avg_pool" and kernel == tuple(given["self"].shape[2:]) and not any(map(any, sides)):
            self._add(result, "global_avg_pool", first)
        elif prod(kernel) == 1 and not any(map(any, sides)):
            self._add(result, "subsample", first, stride=stride)
        else:
            if facts.get("counts padding", True):
                first, sides = self._with_padding(first, sides)
                facts |= {"counts padding": True} if kind == "avg_pool" and any(map(any, sides)) else {}
            up = given["ceil_mode"] and prod(stride) > 1
            self._add(result, kind, first, kernel=kernel, stride=stride, padding=sides, **facts, **{"rounds up": up})

    def on_mean(self, given: _Arguments, sources: list[int], result: Any) -> None:
        step = self.steps[sources[0]]
        if step.kind == "stack":
            self._add(result, "add", *step.inputs)
            self._scaled(result, len(self.steps) - 1, 1 / len(step.inputs))
        elif given["self"].numel() == result.numel():
            self._is(result, sources[0])
        else:
            self._add(result, "global_avg_pool", sources[0], channels=result.numel())

    def on_adaptive_avg_pool2d(self, given: _Arguments, sources: list[int], result: Any) -> None:
        if given["self"].shape == result.shape:
            self._is(result, sources[0])
        else:
            self._add(result, "adaptive_avg_pool", sources[0], size=tuple(result.shape[2:]))

    # Joints.

    def _add_values(self, kind: str, given: _Arguments, result: Any) -> None:
        sources = [at for value in (given["self"], given["other"]) if (at := self.read(value)) is not None]
        if len(sources) == 2:
            self._add(result, kind, *sources, channels=max(self.steps[index].channels for index in sources))
        elif kind == "add" and self._adds_bias(sources[0], given["other"]):
            self.steps[sources[0]] = self.steps[sources[0]]._replace(facts=(*_LINEAR, ("bias", True)))
            self._is(result, sources[0])
        elif any(map(self._is_weight, (given["self"], given["other"]))):
            self._add(result, f"{kind}_weight", *sources, channels=self.steps[sources[0]].channels)
        elif kind in ("mul", "div") and (factor := _number(given["self"], given["other"])) not in (None, 1):
            self._scaled(result, sources[0], factor if kind == "mul" else 1 / factor)
        else:
            self._is(result, sources[0])

    def _scaled(self, result: Any, source: int, factor: float) -> None:
        self._add(result, "scale", source, channels=self.steps[source].channels, factor=round(factor, 6))

    def on_add(self, given: _Arguments, sources: list[int], result: Any) -> None:
        self._add_values("add", given, result)

    def _adds_bias(self, index: int, value: Any) -> bool:
        """Return True for the bias of a linear layer, which PyTorch adds on its own where axes were transposed."""
        return self.steps[index].facts == (*_LINEAR, ("bias", False)) and self._is_weight(value) and value.dim() == 1

    def on_mul(self, given: _Arguments, sources: list[int], result: Any) -> None:
        self._add_values("mul", given, result)

    def on_sub(self, given: _Arguments, sources: list[int], result: Any) -> None:
        self._add_values("sub", given, result)

    def on_addcmul(self, given: _Arguments, sources: list[int], result: Any) -> None:
        """A product of two, and a third added to it."""
        channels = self.steps[sources[0]].channels
        if self.read(given["tensor1"]) is None or not all(map(self._is_weight, (given["self"], given["tensor2"]))):
            self._add(result, "addcmul", *sources, channels=channels)
            return
        self._add(result, "mul_weight", sources[0], channels=channels)
        self._add(result, "add_weight", len(self.steps) - 1, channels=channels)

    def on_rsub(self, given: _Arguments, sources: list[int], result: Any) -> None:
        self._add(result, "complement", sources[0], channels=self.steps[sources[0]].channels)

    def on_div(self, given: _Arguments, sources: list[int], result: Any) -> None:
        """A quotient of two values; that of local response normalisation is told by the power below the line."""
        divisor = self.read(given["other"])
        if divisor is None or self.steps[divisor].kind != "pow":
            self._add_values("div", given, result)
            return
        pool = self.steps[self.steps[divisor].inputs[0]]
        pool = self.steps[pool.inputs[0]] if pool.kind == "scale" else pool
        self._add(result, "lrn", sources[0], **dict(pool.facts))

    def on_avg_pool3d(self, given: _Arguments, sources: list[int], result: Any) -> None:
        self._add(result, "avg_pool3d", sources[0], size=given["kernel_size"][0])

    def on_cat(self, given: _Arguments, sources: list[int], result: Any) -> None:
        parts = [self.steps[index] for index in sources]
        whole = parts[0].inputs[0] if parts[0].inputs else -1
        if len(sources) == 1:
            self._is(result, sources[0])
        elif all(part.kind in ("pad", "subsample", "slice") and part.inputs == (whole,) for part in parts) and (
            self.steps[whole].channels * self.steps[whole].positions == result.numel()
        ):
            self._is(result, whole)
        else:
            self._add(result, "concat", *sources, channels=result.shape[given["dim"] or 0])

    def on_softmax(self, given: _Arguments, sources: list[int], result: Any) -> None:
        self._add(result, "softmax", sources[0], channels=self.steps[sources[0]].channels)

    # Padding, crops and parts.

    def on_constant_pad_nd(self, given: _Arguments, sources: list[int], result: Any) -> None:
        value, flat = given["self"], list(given["pad"])
        sides = [(flat[i], flat[i + 1]) for i in range(len(flat) - 2, -1, -2)]
        sides = [(0, 0)] * (value.dim() - 1 - len(sides)) + sides
        if self._has_channels_last(value, sources[0]):
            sides = [sides[-1], *sides[:-1]]
        self._padded(result, sources[0], tuple(sides))

    def _has_channels_last(self, value: torch.Tensor, step: int) -> bool:
        channels = self.steps[step].channels
        return value.shape[1] != channels and value.shape[-1] == channels

    def _padded(self, result: torch.Tensor, first: int, sides: tuple[tuple[int, int], ...]) -> None:
        """Note padding of channels and positions; that of a padded value is one with it."""
        step = self.steps[first]
        if step.kind == "pad":
            before: Any = step.facts[0][1]
            sides = tuple([(a + c, b + d) for (a, b), (c, d) in zip(before, sides, strict=True)])
            first = step.inputs[0]
        if any(map(any, sides)):
            self._add(result, "pad", first, channels=self.steps[first].channels + sum(sides[0]), sides=sides)
        else:
            self._is(result, first)

    def _with_padding(self, first: int, sides: tuple[tuple[int, int], ...]) -> tuple[int, tuple[tuple[int, int], ...]]:
        """The step before padding, if a layer reads padded positions, and the sides of both together."""
        step = self.steps[first]
        if step.kind != "pad" or any(step.facts[0][1][0]):
            return first, sides
        before: Any = step.facts[0][1][-len(sides) :]
        return step.inputs[0], tuple([(a + c, b + d) for (a, b), (c, d) in zip(before, sides, strict=True)])

    def on_slice(self, given: _Arguments, sources: list[int], result: Any) -> None:
        value, first = given["self"], sources[0]
        axis, step = given["dim"] % value.dim(), given["step"]
        begin = min(given["start"] or 0, value.shape[axis])
        kept = result.shape[axis]
        if value.shape == result.shape:
            self._is(result, first)
            return
        left_out = value.shape[axis] - begin - kept
        if self._has_channels_last(value, first):
            axis = 1 if axis == value.dim() - 1 else axis + 1
        if step > 1:
            before = dict(self.steps[first].facts) if self.steps[first].kind == "subsample" else {}
            strides = tuple([
                each * (step if axis == 2 + number else 1)
                for number, each in enumerate(before.get("stride", (1,) * (value.dim() - 2)))
            ])  # fmt: skip
            source = self.steps[first].inputs[0] if before else first
            self._add(result, "subsample", source, channels=self.steps[first].channels, stride=strides)
        elif axis == 1:
            self._add(result, "slice", first, channels=kept, start=begin)
        else:
            cut = (-begin, -left_out)
            self._padded(result, first, tuple([cut if axis == each else (0, 0) for each in range(1, value.dim())]))

    def on_index(self, given: _Arguments, sources: list[int], result: Any) -> None:
        """Some channels, in whatever order, or something else."""
        taken = _taken(self.picked)
        if taken:
            self._add(result, "channels", sources[0], taken=taken)
        else:
            self._add(result, "index", *sources, channels=result.shape[-1])

    def on_grid_sampler_2d(self, given: _Arguments, sources: list[int], result: Any) -> None:
        names = {0: "bilinear", 1: "nearest", 2: "bicubic"}
        self._add(result, "sample", *sources, interpolation=names[given["interpolation_mode"]])

    def on_split(self, given: _Arguments, sources: list[int], result: Any) -> None:
        start = 0
        for part in result:
            self._add(part, "slice", sources[0], start=start)
            start += part.shape[1]

    def on_stack(self, given: _Arguments, sources: list[int], result: Any) -> None:
        if len(sources) == 1:
            self._is(result, sources[0])
        else:
            self._add(result, "stack", *sources, channels=self.steps[sources[0]].channels)


class _Picks(TorchFunctionMode):
    """Tells the recorder what stands in brackets, `x[:, [0, 2]]`: on the meta device the numbers are lost below."""

    def __init__(self, recorder: _Recorder) -> None:
        super().__init__()
        self._recorder = recorder

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self._recorder.picked = args[1] if func is torch.Tensor.__getitem__ else None
        return func(*args, **(kwargs or {}))


def _number(*values: Any) -> Any:
    """The plain number among two values, if one is."""
    return next((value for value in values if isinstance(value, (int, float))), None)


def _like_input(value: torch.Tensor, *_: Any) -> tuple[torch.Tensor, ...]:
    """The results of a batch norm at inference; PyTorch works them out step by step, in half the time of a network."""
    return torch.empty_like(value), value.new_empty(0), value.new_empty(0)


class _Arguments:
    """The arguments of an operation by the names of its schema, with their defaults."""

    def __init__(self, func: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> None:
        self._schema, self._args, self._kwargs = func._schema.arguments, args, kwargs  # noqa: SLF001

    def __getitem__(self, name: str) -> Any:
        if name in self._kwargs:
            return self._kwargs[name]
        place = next(i for i, each in enumerate(self._schema) if each.name == name)
        return self._args[place] if place < len(self._args) else self._schema[place].default_value


def _taken(picked: Any) -> tuple[int, ...]:
    """The channels that `x[:, [0, 2]]` takes; none where something else stands in the brackets."""
    if isinstance(picked, tuple) and len(picked) == 2 and picked[0] == slice(None) and isinstance(picked[1], list):  # pyright: ignore[reportUnknownArgumentType]
        return tuple(sorted(picked[1]))  # pyright: ignore[reportUnknownArgumentType]
    return ()


def _each(sides: Sequence[int] | int, axes: int) -> tuple[int, ...]:
    """A number for each axis."""
    given = (sides,) if isinstance(sides, int) else tuple(sides)
    return given * axes if len(given) == 1 else given
