"""Programs that change tensors in place compute the same without: they are run, call by call, beside the model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from archcalc import Network, analyze
from archcalc.importers.exported import read_exported
from archcalc.importers.exporting import export
from archcalc.importers.program import Program, Ref, SizeRef, listed
from archcalc.importers.sizes import evaluate, symbols


class Of(nn.Module):
    """A module whose forward pass is a function of its input."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: torch.Tensor) -> Any:
        return self.function(x.clone())


MAKING = ("device", "dtype", "layout", "pin_memory")


def computed(program: Program, x: torch.Tensor) -> list[torch.Tensor]:
    """The outputs of a program, each call by PyTorch's operator out of place."""
    values: dict[str, torch.Tensor] = {program.inputs[0]: x}
    sizes = program.tensors[program.inputs[0]].sizes
    known = {
        name: size for text, size in zip(sizes, x.shape, strict=True) if isinstance(text, str) for name in symbols(text)
    }

    def read(given: Any) -> Any:
        if isinstance(given, list):
            return [read(each) for each in listed(given)]
        if isinstance(given, SizeRef):
            return evaluate(given.text, known)
        return values[given.name] if isinstance(given, Ref) else given

    for call in program.calls:
        name = call.operator.removeprefix("aten.").removesuffix("_")
        arguments = {key: read(value) for key, value in call.arguments.items() if key not in MAKING}
        self = arguments.pop("self", None)
        if name in ("copy", "fill", "zero"):
            meta = program.tensors[call.outputs[0]]
            wanted = [size if isinstance(size, int) else evaluate(size, known) for size in meta.sizes]
            values[call.outputs[0]] = torch.as_tensor(arguments.get("src", arguments.get("value", 0.0))).expand(wanted)
            continue
        made: Any = getattr(torch.ops.aten, name)(*[] if self is None else [self], **arguments)
        values |= dict(zip(call.outputs, listed(made), strict=True))
    return [values[name] for name in program.outputs]


def _slice(x: Any) -> Any:
    x[:, 1:3] += 1
    return x * 2


def _earlier_view(x: Any) -> Any:
    turned = x.transpose(1, 2)
    x[:, :, 1::2] *= 3
    return turned + 1


def _view_of_a_view(x: Any) -> Any:
    x.permute(0, 2, 1)[:, -1].unsqueeze(-1)[:, 2:].fill_(7)
    return x


def _split(x: Any) -> Any:
    first, second, third = x.split([1, 2, 1], 1)
    second.add_(first)
    third.copy_(second[:, :1])
    return first + 0, x


def _unbound(x: Any) -> Any:
    x.unbind(2)[3].relu_()
    return x


def _chunk(x: Any) -> Any:
    x.chunk(2, 2)[1].neg_()
    return x


def _copy_of_a_view(x: Any) -> Any:
    copied = x.transpose(1, 2).contiguous()
    copied += 1
    return x + copied.transpose(1, 2)


def _viewed(x: Any) -> Any:
    x.view(2, 2, 12).narrow(2, 4, 4).mul_(5)
    return x


def _reshaped(x: Any) -> Any:
    flat = x.transpose(1, 2).flatten(1)
    flat.zero_()
    x.flatten(1)[:, 5:6].zero_()
    return x, flat


def _moved(x: Any) -> Any:
    x.movedim(2, 0)[1].swapaxes(0, 1)[:2].sub_(4)
    return x


def _all_of_it(x: Any) -> Any:
    made = torch.zeros_like(x)
    made[:] = x
    made[:, 0] = 5
    return made


def _twice(x: Any) -> Any:
    view = x[:, 1]
    x.add_(1)
    view.mul_(2)
    x[:, 1:].sub_(view.unsqueeze(1) * 1)
    return view + 1, x


@pytest.mark.parametrize(
    "function",
    [
        _slice,
        _earlier_view,
        _view_of_a_view,
        _split,
        _unbound,
        _chunk,
        _copy_of_a_view,
        _viewed,
        _reshaped,
        _moved,
        _all_of_it,
        _twice,
    ],
)
def test_a_program_without_changes_in_place_computes_what_the_model_does(function: Callable[[Any], Any]) -> None:
    x = torch.randn(2, 4, 6)
    program = read_exported(export(Of(function), (torch.empty(2, 4, 6, device="meta"),)))
    assert any(call.operator.endswith("_") for call in program.calls)
    expected = function(x.clone())
    outputs = computed(program, x)
    for ours, theirs in zip(outputs, listed(expected), strict=True):
        torch.testing.assert_close(ours, theirs)


def test_what_is_written_into_a_part_is_counted() -> None:
    """A product whose result is added in place to a slice, and is read only as a part of the whole."""

    class Scores(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = nn.Linear(8, 8), nn.Linear(8, 6)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            y = self.a(x)
            y[:, :, 2:] += self.b(x)
            return y

    totals = analyze(Network.from_torch(Scores(), (5, 8))).totals
    assert totals.params == 8 * 8 + 8 + 8 * 6 + 6
    assert totals.mult_adds == 5 * 8 * (8 + 6)
