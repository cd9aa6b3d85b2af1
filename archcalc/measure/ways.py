"""The ways of running a network: batch, precision and layout of images, and the quantities that are read."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch

from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import unknown
from archcalc.evidence.measurements import LAYOUTS, OPTIMIZERS, PRECISIONS
from archcalc.execution.device import Conditions, conditions, on_cuda, set_tf32

BATCHES = (1, 16, 64)
DTYPES = {"float16": torch.float16, "bfloat16": torch.bfloat16}
"""The type to which each precision casts."""
TRAINED = ("float32", "bfloat16")
"""Precisions of training steps, without float16, which needs loss scaling and so another kind of step."""
WEIGHED = ("float32", "float16")
"""Precisions for which memory and power are read too, in the contiguous layout."""


class Ways(NamedTuple):
    """The ways of running that are tried for every network."""

    device: str
    batches: tuple[int, ...]
    precisions: tuple[str, ...]
    layouts: tuple[str, ...]
    optimizers: tuple[str, ...]
    seconds: float
    """The seconds of timed runs for each way."""


def choose(
    device: str,
    batches: Sequence[int],
    precisions: Sequence[str],
    layouts: Sequence[str],
    training: bool,
    seconds: float,
) -> Ways:
    """The ways to try; an empty sequence stands for all that the device supports. Raises ArchcalcError."""
    for kind, given, known in (("precision", precisions, PRECISIONS), ("layout", layouts, LAYOUTS)):
        for each in given:
            if each not in known:
                raise unknown(kind, each, list(known), f"there are {', '.join(known)}", about=kind)
    if "tf32" in precisions and not on_cuda(device):
        raise ArchcalcError(f"TF32 is a format of NVIDIA's GPUs: --precision tf32 does not go with --device {device}")
    return Ways(
        device,
        tuple(sorted(set(batches or BATCHES))),
        tuple(precisions or [each for each in PRECISIONS if each != "tf32" or on_cuda(device)]),
        tuple(layouts or LAYOUTS),
        tuple(OPTIMIZERS) if training else (),
        seconds,
    )


def conditions_of(device: str, *, autotune: bool) -> Conditions:
    """The conditions of measurements: also the threads on a CPU, and on a GPU the use of TF32."""
    where = conditions(device, autotune=autotune)
    own = {"TF32": "on in the precision tf32 alone"} if on_cuda(device) else {"threads": str(torch.get_num_threads())}
    return where._replace(environment={**where.environment, **own})


@contextmanager
def computing_in(precision: str, device: str) -> Generator[None]:
    """Compute products and convolutions within this block in a precision."""
    set_tf32(on=precision == "tf32")
    kind = "cuda" if on_cuda(device) else "cpu"
    with torch.autocast(kind, dtype=DTYPES.get(precision), enabled=precision in DTYPES):
        yield


def images(shapes: Sequence[Any], batch: int, layout: str, device: str) -> list[torch.Tensor]:
    """Images (sequences, volumes, vectors) for every input, drawn at random, in a layout."""
    return [laid_out(torch.randn(batch, *shape, device=device), layout, len(shape)) for shape in shapes]


def laid_out(thing: Any, layout: str, axes: int) -> Any:
    """A batch of inputs of so many axes, or the model that takes them, in a layout; vectors and sequences have one."""
    others = {3: torch.channels_last, 4: torch.channels_last_3d}
    order = others.get(axes) if layout == "channels_last" else None
    return thing.to(memory_format=order or torch.contiguous_format)


def optimizer(name: str, parameters: Any) -> torch.optim.Optimizer:
    """An optimizer with PyTorch's defaults, with steps so small that the weights hardly change."""
    if name == "adam":
        return torch.optim.Adam(parameters, lr=1e-8)
    return torch.optim.SGD(parameters, lr=1e-8, momentum=0.9)
