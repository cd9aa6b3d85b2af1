"""The code of a traced model holds values as long as its variables, arguments and lists do: imports say how long."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn
from torch.multiprocessing.reductions import StorageWeakRef
from torch.utils._python_dispatch import TorchDispatchMode
from torch_models import of

from archcalc import Graph, row
from archcalc.analysis.memory import calls
from archcalc.analysis.memory.heap import Heap
from archcalc.analysis.memory.step import Run
from archcalc.importers.exported import bare_exported, read_exported
from archcalc.importers.exporting import export
from archcalc.importers.imported import network_from
from archcalc.importers.program import listed
from archcalc.ops import Sigmoid
from archcalc.training import PRECISIONS
from archcalc.validation.models import keep_compiled_ops_out

keep_compiled_ops_out()

import timm  # noqa: E402 - see above
import torchvision  # noqa: E402


def program(module: nn.Module, device: str = "meta") -> Any:
    """The program of a module of vectors of 8 values."""
    return read_exported(export(module.to(device), (torch.empty(2, 8, device=device),)), "holds")


def local(_: Any, x: torch.Tensor) -> torch.Tensor:
    y = x.relu()
    z = y.tanh()
    z = z.sigmoid()
    return z.exp()


def bound_again(_: Any, x: torch.Tensor) -> torch.Tensor:
    x = x.relu()
    x = x.tanh()
    x = x.sigmoid()
    return x.exp()


def deleted(_: Any, x: torch.Tensor) -> torch.Tensor:
    y = x.relu()
    z = y.tanh()
    del y
    z = z.sigmoid()
    return z.exp()


def argument(net: Any, x: torch.Tensor) -> torch.Tensor:
    return net.inner(x.relu()).exp()


def in_list(_: Any, x: torch.Tensor) -> torch.Tensor:
    maps = [x.relu()]
    maps.append(maps[-1].tanh())
    maps.append(maps[-1].sigmoid())
    return maps[-1].exp()


def _with_closure(x: torch.Tensor) -> Any:
    y = x.relu()

    def later(z: torch.Tensor) -> torch.Tensor:
        return z.sigmoid() if y.dim() else z

    return y.tanh(), later


def closure(_: Any, x: torch.Tensor) -> torch.Tensor:
    x, later = _with_closure(x)
    x = later(x)
    del later
    return x.exp()


def in_place(_: Any, x: torch.Tensor) -> torch.Tensor:
    y = x.tanh()
    z = y
    z.relu_()
    return z.sigmoid().exp()


def view(_: Any, x: torch.Tensor) -> torch.Tensor:
    y = x.relu()
    seen = y.unsqueeze(1)
    del y
    return seen.tanh().squeeze(1).exp()


def parts(_: Any, x: torch.Tensor) -> torch.Tensor:
    """The first part of a split is deleted, the second holds the storage of both."""
    one, two = x.relu().chunk(2, 1)
    total = one + two
    del one
    return total.exp().cos()


def kept(net: Any, x: torch.Tensor) -> torch.Tensor:
    net.values.append(x.relu())
    return net.values[-1].tanh().exp()


def dropped(_: Any, x: torch.Tensor) -> torch.Tensor:
    """Calls that nothing uses are in no program."""
    y = x.relu()
    y.cos()
    z = y.tanh()
    z.sin().cos()
    return z.sigmoid().exp()


def sliced(_: Any, x: torch.Tensor) -> torch.Tensor:
    """A slice of everything is in a trace, and is no call when the model runs."""
    y = x.relu()
    z = y[:, :8].tanh()
    return z.exp().cos()


def block(_: Any, x: torch.Tensor) -> torch.Tensor:
    """Calls of a block are those of a sub-graph."""
    y = x.relu()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        z = y.tanh()
    z = z.sigmoid()
    return z.exp()


HELD: dict[str, tuple[Callable[[], nn.Module], dict[str, str]]] = {
    "a local variable is held until its function returns": (of(local), {"relu": "exp"}),
    "a variable that is bound again is not": (of(bound_again), {}),
    "a variable that is deleted is not": (of(deleted), {}),
    "an argument of a module is held while the module runs": (
        of(argument, inner=lambda: nn.Sequential(nn.Tanh(), nn.Sigmoid())),
        {"relu": "sigmoid"},
    ),
    "a list holds its members": (of(in_list), {"relu": "exp", "tanh": "exp"}),
    "a closure holds what it refers to": (of(closure), {"relu": "sigmoid"}),
    "a change in place is held as its tensor is": (of(in_place), {"relu_": "exp"}),
    "a view holds the storage of its base": (of(view), {"unsqueeze": "exp"}),
    "a part holds the storage of all parts": (of(parts), {"getitem_1": "cos", "add": "cos"}),
    "an attribute is held after all calls": (of(kept, values=list), {"relu": ""}),
    "calls that nothing uses are passed over": (of(dropped), {"relu": "exp", "tanh": "exp"}),
    "a slice of everything is passed over": (of(sliced), {"slice_2": "cos", "tanh": "cos"}),
    "a block of autocast is seen": (of(block), {"relu": "exp"}),
}


@pytest.mark.parametrize("what", HELD)
def test_the_code_holds_a_value_as_long_as_python_does(what: str) -> None:
    """Longer than its last use only where something refers to it, until the call that is stated."""
    make, expected = HELD[what]
    assert program(make()).held == expected


def test_a_module_with_values_is_observed_without_them() -> None:
    """Its parameters take the place of tensors without memory, and stay as they are."""
    module = of(argument, inner=lambda: nn.Sequential(nn.Linear(8, 8), nn.Tanh()))().eval()
    before = {name: each.clone() for name, each in module.state_dict().items()}
    assert program(module, "cpu").held == {"relu": "tanh"}
    assert all(torch.equal(before[name], each) for name, each in module.state_dict().items())


def only_traced(_: Any, x: torch.Tensor) -> torch.Tensor:
    if not torch.compiler.is_exporting():
        raise ValueError("not traced")
    return x.relu().tanh()


def otherwise(_: Any, x: torch.Tensor) -> torch.Tensor:
    return x.relu().tanh() if torch.compiler.is_exporting() else x.sin().cos()


@pytest.mark.parametrize("forward", [only_traced, otherwise])
def test_a_run_that_is_not_that_of_the_trace_says_nothing(forward: Any) -> None:
    """The program is read as if there had been no run."""
    read = program(of(forward)())
    assert read.held is None
    assert network_from(read, "traced").graph().held is None


def test_files_of_other_programs_say_nothing() -> None:
    """`torch.export.save` observes no run."""
    traced = torch.export.export(of(local)(), (torch.ones(2, 8),))
    file = io.BytesIO()
    torch.export.save(traced, file)
    assert read_exported(file.getvalue(), "saved").held is None


def test_what_is_held_goes_with_the_file_and_the_graph() -> None:
    """A bare file says it too, and a graph that is replayed in another: there with its own nodes."""
    data = export(of(local)(), (torch.empty(2, 8, device="meta"),))
    read = read_exported(bare_exported(data, "local"), "local")
    assert read.held == {"relu": "exp"}
    graph = network_from(read, "local").graph()
    relu, exp = (_place(graph, kind) for kind in ("relu", "exp"))
    assert graph.held == {relu: exp}
    outer = Graph("outer", (8,))
    graph.replay(row("first", row("zeroth", outer.input, Sigmoid()), Sigmoid()))
    assert outer.held == {_place(outer, "relu"): _place(outer, "exp")} == {relu + 2: exp + 2}


def _place(graph: Graph, kind: str) -> int:
    return next(index for index, node in enumerate(graph.nodes) if node.op.kind == kind)


class Live(TorchDispatchMode):
    """The bytes of the storages that are alive at once, at most, without those of a module."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()  # pyright: ignore[reportUnknownMemberType]
        self.peak = 0
        own = [*module.parameters(), *module.buffers()]
        self._own: set[Any] = {_reference(each).cdata for each in own}
        self._alive: dict[Any, tuple[Any, int]] = {}

    def add(self, tensor: torch.Tensor) -> None:
        held = _reference(tensor)
        if held.cdata not in self._own:
            self._alive[held.cdata] = (held, tensor.untyped_storage().nbytes())

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        output: Any = func(*args, **(kwargs or {}))
        for each in listed(output):
            if isinstance(each, torch.Tensor):
                self.add(each)
        self._alive = {key: each for key, each in self._alive.items() if not each[0].expired()}
        self.peak = max(self.peak, sum([size for _, size in self._alive.values()]))
        return output


def _reference(tensor: torch.Tensor) -> Any:
    return StorageWeakRef(tensor.untyped_storage())


def densenet() -> nn.Module:
    """A block whose layers' outputs are a list: the import without observation takes them to be freed."""
    return torchvision.models.DenseNet(8, (2, 2, 2, 4), 16, num_classes=10)


def res2net() -> nn.Module:
    """Blocks with several local variables."""
    kind: Any = timm.models.res2net.Bottle2neck
    return timm.models.ResNet(kind, (1, 1, 1, 1), 10, base_width=8, block_args={"scale": 4})


PEAKS: dict[str, Callable[[], nn.Module]] = {
    "densenet": densenet,
    "res2net": res2net,
    "convnext": lambda: timm.create_model("test_convnext"),
}


@pytest.mark.parametrize("name", PEAKS)
def test_the_peak_at_inference_is_that_of_the_live_storages(name: str) -> None:
    """To the byte, for models whose functions keep variables."""
    module, x = PEAKS[name]().eval(), torch.ones(2, 3, 64, 64)
    graph = network_from(read_exported(export(module, (x,)), name), name).graph()
    with torch.no_grad(), Live(module) as live:
        live.add(x)
        module(x)
    heap = Heap()
    called = calls.program(graph, 2, PRECISIONS["float32"], training=False, frozen=frozenset())
    Run(called, heap).forward()
    assert graph.held
    totals: list[Any] = [moment.total for moment in heap.moments]
    assert max(totals) == live.peak
