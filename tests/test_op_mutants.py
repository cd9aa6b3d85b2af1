"""Each fact of each op, stated wrongly in each way, breaks a law of the ops: no fact is without a witness."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
import test_op_against_torch as against_torch
import test_op_work as work
import test_window_oracle as windows
from op_examples import LOWERED, Example, op_classes

from archcalc.graph import Axis, Op, Reach, Window, facts
from archcalc.ops.values import Unknown

KNOWN = [op for op in op_classes() if op is not Unknown]
"""The ops that stand for something in PyTorch."""

Change = Callable[[Any, Example], Any]


def window_laws(example: Example) -> None:
    """What gradients show of a window, whichever of the two it is."""
    stated = example.op.window(*example.shapes)
    if example.op.kind == "bilinear_sample":
        windows.test_a_sampled_value_may_come_from_any_position()
    elif stated is Reach.WHOLE:
        windows.test_an_op_that_is_called_whole_depends_on_every_position(example)
    elif stated is Reach.IRREGULAR:
        windows.test_an_op_that_is_called_irregular_has_windows_of_no_common_size_and_step(example)
    elif example.op.kind in ("adaptive_avg_pool", "adaptive_max_pool"):  # its windows are those of one input only
        windows.test_on_its_own_input_a_unit_sees_exactly_the_taps_of_its_window(example)
    else:
        windows.test_the_window_of_an_op_is_what_gradients_show(example)


LAWS: dict[str, tuple[Callable[[Example], None], ...]] = {
    "shape": (against_torch.test_the_output_has_the_stated_shape,),
    "params": (against_torch.test_the_module_owns_the_stated_parameters_and_buffers,),
    "work": (
        against_torch.test_torch_counts_two_flops_for_each_multiply_accumulate,
        work.test_the_work_of_an_op_is_that_of_its_definition,
    ),
    "window": (window_laws,),
    "memory": (
        against_torch.test_autograd_keeps_the_stated_memory,
        against_torch.test_autograd_keeps_an_input_for_the_stated_gradients_only,
        against_torch.test_gradients_lie_in_the_storage_of_the_output_s_as_stated,
        partial(against_torch.test_the_output_shares_the_storage_of_the_first_input_as_stated, training=True),
        partial(against_torch.test_the_output_shares_the_storage_of_the_first_input_as_stated, training=False),
    ),
}


def changes(fact: str, true: Any, example: Example) -> Iterator[tuple[str, Any]]:
    """Each wrong statement that differs from the true one in one place, by the name of the place."""
    if fact == "shape":
        for axis, size in enumerate(true):
            yield f"axis {axis} of {len(true)}", (*true[:axis], size + 1, *true[axis + 1 :])
    elif fact == "window":
        yield from _windows(true, example)
    else:
        for name, value in true._asdict().items():
            for other in _values(name, value):
                wrong = true._replace(**{name: other})
                if fact != "memory" or not _says_the_same(true, wrong, example):
                    yield f"{name} {value if isinstance(value, (str, bool)) else ''}{other}", wrong


def _values(name: str, value: Any) -> list[Any]:
    if isinstance(value, bool):
        return [not value]
    if name == "passes_gradient":
        return [True, False]
    words = {"shares": ("never", "inference", "always", "weights"), "saved_for": ("op", "inputs", "others")}
    return [word for word in words[name] if word != value] if name in words else [value + 1]


def _says_the_same(true: Any, wrong: Any, example: Example) -> bool:
    """Whether two statements on memory differ in words only: for what are inputs saved that are not saved?

    Of an op that learns nothing there are no other gradients than its inputs'.
    """
    if true.passes_gradient != wrong.passes_gradient:  # of a view, and of what takes no gradient, nothing is stated
        learnt = [place for place in range(len(example.shapes)) if place not in example.masks]
        return true.shares in ("always", "weights") or not example.op.has_gradient or not learnt
    if not example.shapes:
        return (true.saves_inputs, true.saved_for) != (wrong.saves_inputs, wrong.saved_for)
    if true.saved_for == wrong.saved_for:
        return False
    if example.op.kind == "rms_norm":  # what only its fused CUDA kernel keeps
        return {true.saved_for, wrong.saved_for} == {"op", "inputs"}
    learns = example.op.params(*example.shapes).learnable
    return not true.saves_inputs or (not learns and {true.saved_for, wrong.saved_for} == {"op", "inputs"})


def _windows(true: Window | Reach, example: Example) -> Iterator[tuple[str, Window | Reach]]:
    axes = len(example.shapes[0]) - 1 if example.shapes else 0
    if isinstance(true, Reach):
        yield from ((str(other), other) for other in Reach if other is not true and axes)
        if true is Reach.IRREGULAR:
            yield "a window", Window([Axis(2, 2)] * axes)
        return
    if example not in windows.WINDOWED:
        return
    own = list(true) or [Axis()] * axes
    for place, axis in enumerate(own):
        for field in Axis._fields:
            if field == "dilation" and axis.kernel == 1:
                continue
            wrong = axis._replace(**{field: getattr(axis, field) + 1})
            yield f"{field} of axis {place}", Window([*own[:place], wrong, *own[place + 1 :]])


def survivors(op: type[Op], fact: str, monkeypatch: pytest.MonkeyPatch) -> tuple[int, list[str]]:
    """The number of wrong statements that were tried, and those that no law noticed on any example."""
    true = getattr(op, fact)
    examples = [example for example in LOWERED if type(example.op) is op]
    noticed: dict[str, bool] = {}
    for example in examples:
        for place, wrong in changes(fact, true(example.op, *example.shapes), example):
            if noticed.get(place):
                continue

            def state(self: Op, *shapes: Any, example: Example = example, wrong: Any = wrong) -> Any:
                mine = self == example.op and shapes == example.shapes
                return wrong if mine or fact == "window" else true(self, *shapes)

            with monkeypatch.context() as patch:
                patch.setattr(op, fact, state)
                noticed[place] = any(breaks(law, example) for law in LAWS[fact])
    return len(noticed), [place for place, told in noticed.items() if not told]


def breaks(law: Callable[[Example], None], example: Example) -> bool:
    facts.forget()
    try:
        law(example)
    except Exception:  # noqa: BLE001 - a wrong fact may also end in an error
        return True
    finally:
        facts.forget()
    return False


@pytest.mark.parametrize("fact", LAWS)
@pytest.mark.parametrize("op", KNOWN, ids=lambda op: op.__name__)
def test_a_fact_that_is_stated_wrongly_breaks_a_law(op: type[Op], fact: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tried, left = survivors(op, fact, monkeypatch)
    assert tried or fact == "window", "there is something to state wrongly"
    assert left == []


@pytest.mark.parametrize("fact", LAWS)
def test_the_laws_hold_unbroken(fact: str) -> None:
    """So that what the wrong statements show is their own doing."""
    assert not any(breaks(law, example) for example in windows.WINDOWED[:40] for law in LAWS[fact])
