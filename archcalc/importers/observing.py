"""A run of a module on tensors without memory, to see how long Python code holds the storages of its values.

Python code holds a value as long as it is an argument of a call that runs, a local variable, a member of a list or an
attribute: which of these a model's code has, no trace says. Operators are seen as `torch.export` sees them, before they
are decomposed, so that they can be found again in a program: see `archcalc.importers.holds`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from archcalc.importers.program import listed

NEVER = -1
"""The last call during which a storage is held, for one that is held at the end of the run."""
WEIGHTS = -1
"""The storage of what the module or the caller owns."""
NO_TENSOR = -1
"""The number of axes of an output that is no tensor."""


class SeenCall(NamedTuple):
    """A call of an operator that gives tensors."""

    operator: str
    """Its name with the overload, such as `aten.conv2d.default`."""
    axes: tuple[int, ...]
    """The number of axes of each output; `NO_TENSOR` for one that is no tensor."""
    storages: tuple[int, ...]
    """The storage of each output, by number; `WEIGHTS` for those of parameters, buffers and inputs."""


class Observation(NamedTuple):
    """A run of a module."""

    calls: list[SeenCall]
    until: list[int]
    """By storage, the index of the last call during which the code held it; `NEVER` for those held after the run."""


def observe(torch: Any, module: Any, args: tuple[Any, ...], named: dict[str, Any]) -> Observation | None:
    """A run of a module on some inputs, of which only shapes and types matter; None if it cannot be observed.

    Values of parameters, buffers and inputs are not read, and nothing is computed.
    """
    try:
        return _observed(torch, module, args, named)
    except Exception:  # noqa: BLE001 - whatever a model's code raises
        return None


def _observed(torch: Any, module: Any, args: tuple[Any, ...], named: dict[str, Any]) -> Observation:
    from torch._dispatch.python import enable_python_dispatcher
    from torch.multiprocessing.reductions import StorageWeakRef

    tree: Any = torch.utils._pytree  # noqa: SLF001 - PyTorch names it so in its own documentation
    args, named = tree.tree_map_only(torch.Tensor, _to_meta, (args, named))
    own: dict[str, Any] = dict([*module.named_parameters(), *module.named_buffers()])
    weights = {name: _to_meta(each.detach()) for name, each in own.items()}
    is_empty = all([each.device.type == "meta" for each in own.values()])
    record = _Record(StorageWeakRef)
    for each in (*own.values(), *weights.values(), *tree.tree_leaves((args, named))):
        if isinstance(each, torch.Tensor):
            record.own(each)
    with torch.no_grad(), enable_python_dispatcher(), _watching(torch, record):
        call: Any = torch.func.functional_call
        outputs = module(*args, **named) if is_empty else call(module, weights, args, named)
    record.look()
    del outputs  # held until here, as the caller of a model does
    return Observation(record.calls, record.until)


def _to_meta(tensor: Any) -> Any:
    return tensor if tensor.device.type == "meta" else tensor.to("meta")


class _Record:
    """What was seen of a run: it holds no tensor, and no storage other than weakly."""

    def __init__(self, weak: Callable[[Any], Any]) -> None:
        self.calls: list[SeenCall] = []
        self.until: list[int] = []
        self._weak = weak
        self._owned: dict[int, Any] = {}
        """By the address of a storage, a weak reference, so that no address is used twice."""
        self._alive: dict[int, tuple[int, Any]] = {}
        """By the address of a storage, its number and a weak reference."""

    def own(self, tensor: Any) -> None:
        """Note a tensor that the module or the caller owns."""
        storage = tensor.untyped_storage()
        self._owned[_address(storage)] = self._weak(storage)

    def look(self) -> None:
        """Note which storages are held no longer."""
        last = len(self.calls) - 1
        for place in [place for place, (_, weak) in self._alive.items() if weak.expired()]:
            self.until[self._alive.pop(place)[0]] = last

    def add(self, operator: str, outputs: Sequence[Any]) -> None:
        """Note a call; None stands for an output that is no tensor."""
        axes = tuple([NO_TENSOR if each is None else each.dim() for each in outputs])
        storages = tuple([WEIGHTS if each is None else self._number(each) for each in outputs])
        self.calls.append(SeenCall(operator, axes, storages))

    def _number(self, tensor: Any) -> int:
        storage = tensor.untyped_storage()
        place = _address(storage)
        if place in self._owned:
            return WEIGHTS
        if place not in self._alive:
            self._alive[place] = (len(self.until), self._weak(storage))
            self.until.append(NEVER)
        return self._alive[place][0]


def _address(storage: Any) -> int:
    return storage._cdata  # noqa: SLF001 - PyTorch has no public name


def _watching(torch: Any, record: _Record) -> Any:
    """A mode of PyTorch in which the calls of operators are noted before they are decomposed."""
    from torch._subclasses.schema_check_mode import SchemaCheckMode

    class Watch(SchemaCheckMode):
        """PyTorch lets only modes of its own see such operators: this has the type of one of them."""

        def __init__(self) -> None:
            super().__init__()
            self.__dict__["_dispatch_key"] = torch._C.DispatchKey.PreDispatch  # noqa: SLF001

        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            record.look()
            output: Any = func(*args, **(kwargs or {}))
            tensors = [each if isinstance(each, torch.Tensor) else None for each in listed(output)]
            if any([each is not None for each in tensors]):
                record.add(str(func), tensors)
            return output

    return Watch()
