"""Memory against the batch, in the manner of Canziani, Paszke & Culurciello 2017, arXiv:1605.07678.

That paper measures inference on one board; here are the computed peaks of a training step and of inference, in two
panels with one scale. Both axes are logarithmic: a line is flat where weights and the optimizer's state prevail, and
has slope one where activations do.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from archcalc.analysis.memory import inference, training_step
from archcalc.analysis.memory.step import weights
from archcalc.base.errors import ArchcalcError
from archcalc.evidence.accuracy import whole
from archcalc.figures import TYPICAL, Plot, labels, style
from archcalc.figures.memory import APART
from archcalc.figures.training import TrainedNetwork, bytes_tick, trained
from archcalc.hardware.devices import DeviceLike, device
from archcalc.present.names import pretty
from archcalc.present.tables import human_bytes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LARGEST = 256
"""The largest batch by default."""
MOST_DEVICES = 4
LONGEST = 90.0
"""The most points that a network's name takes."""
LEFT = 15.0
"""Millimetres left of the axes."""


class BatchMemory(NamedTuple):
    """The peaks of one network at every batch of the plot, in bytes."""

    name: str
    training_step: tuple[int, ...]
    inference: tuple[int, ...]


class DeviceLine(NamedTuple):
    """A device, and the bytes that a process can fill."""

    key: str
    name: str
    usable: int


class MemoryByBatch(NamedTuple):
    """The data of the plot."""

    batches: tuple[int, ...]
    networks: tuple[BatchMemory, ...]
    training: str
    """The way of training in words."""
    devices: tuple[DeviceLine, ...]


def gather(request: Plot) -> MemoryByBatch:
    """Peaks of the named networks at batches from 1 on.

    Raises ArchcalcError for more networks or devices than can be distinguished, for networks that are not trained in
    one way, and for an unknown device or one whose memory no source states.
    """
    if len(request.names) > len(style.COLOURS):
        said = f"at most {len(style.COLOURS)} networks can be distinguished in one plot, not {len(request.names)}"
        raise ArchcalcError(said)
    largest = LARGEST if request.batch is None else request.batch
    if type(largest) is not int or largest < 2:
        said = f"the plot memory-batch shows batches from 1 to at least 2; its largest is not {largest}"
        raise ArchcalcError(said, about="batch")
    there = _devices(request.device)
    networks = trained(request._replace(batch=1), request.names or TYPICAL)
    ways = list(dict.fromkeys([each.words for each in networks]))
    names = [each.name for each in networks]
    if len(ways) > 1:
        raise ArchcalcError(f"the plot memory-batch shows one way of training, not {' and '.join(ways)}")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ArchcalcError(f"the plot memory-batch shows {twice} at one input, not at several")
    batches = _batches(largest)
    return MemoryByBatch(batches, tuple([_peaks(each, batches) for each in networks]), ways[0], there)


def _batches(largest: int) -> tuple[int, ...]:
    """1, 2, 3, 4, 6, 8, 12, 16 ... and the largest: two for each doubling."""
    powers = [2**power for power in range(largest.bit_length())]
    found = {batch for power in powers for batch in (power, power + power // 2) if batch <= largest}
    return tuple(sorted({*found, largest}))


def _devices(names: str | Sequence[DeviceLike] | None) -> tuple[DeviceLine, ...]:
    """The devices of a list, or of a text with commas."""
    each = [name.strip() for name in names.split(",")] if isinstance(names, str) else names or []
    found = [device(name) for name in each] if names else []
    there = list(dict.fromkeys([(each.key, each.name, each.usable_bytes) for each in found]))
    if len(there) > MOST_DEVICES:
        raise ArchcalcError(f"at most {MOST_DEVICES} devices are drawn in one plot, not {len(there)}", about="device")
    drawn: list[DeviceLine] = []
    for key, name, usable in there:
        if usable is None:
            raise ArchcalcError(f"no source says how much memory {key} has", about="device")
        drawn.append(DeviceLine(key, name, usable))
    return tuple(drawn)


def _peaks(network: TrainedNetwork, batches: Sequence[int]) -> BatchMemory:
    graph, dtype, training = network.graph, network.dtype, network.training
    precision = training.precision_of(dtype)
    owned = sum([whole(each) for each in weights(graph)]) * precision.width
    return BatchMemory(
        network.name,
        tuple([whole(training_step(graph, batch, dtype, training).peak()) for batch in batches]),
        tuple([owned + whole(inference(graph, batch, precision).peak()) for batch in batches]),
    )


def records(data: MemoryByBatch) -> list[dict[str, object]]:
    """The peaks as flat dictionaries, with the keys of the devices that a training step fits."""
    return [
        {
            "architecture": each.name,
            "batch": batch,
            "training": data.training,
            "training_step_bytes": step,
            "inference_bytes": run,
            "fits": " ".join([known.key for known in data.devices if step <= known.usable]),
        }
        for each in data.networks
        for batch, step, run in zip(data.batches, each.training_step, each.inference, strict=True)
    ]


def draw(data: MemoryByBatch, width: float = style.COLUMN) -> Figure:
    """The figure, `width` millimetres wide: two panels, one above the other in a narrow figure."""
    beside = width >= 120
    panel = 84.0 if beside else 62.0
    drawn = " Horizontal lines: what a process can fill of a device's memory, less its context." if data.devices else ""
    sheet = style.Sheet(
        f"Memory of training and inference against the batch: {data.training}",
        width,
        panel if beside else 2 * panel,
        [
            "Peaks as eager PyTorch runs the networks at their own input, with parameters and buffers; the training "
            f"step from the second on. {APART}{drawn}",
            style.origin(),
        ],
    )
    names = max([style.text_width(_label(each), style.NOTE) for each in data.networks]) / style.POINTS + 7
    across = (width - 2 * LEFT - 2 * names) / 2
    for number, kind in enumerate(("training step", "inference")):
        left = LEFT + number * (across + names + LEFT) if beside else LEFT
        right = width - left - across if beside else names
        above, below = (0.0, 0.0) if beside else (number * panel, (1 - number) * panel)
        axes = sheet.axes(left, right, above + 5, below + 9)
        _panel(sheet.figure, axes, data, kind)
    return sheet.figure


def _label(network: BatchMemory) -> str:
    return style.shortened(pretty(network.name), style.NOTE, LONGEST)


def _panel(figure: Figure, axes: Any, data: MemoryByBatch, kind: str) -> None:
    """Draw the lines of one kind, each with its network's name at its end."""
    lines = [each.training_step if kind == "training step" else each.inference for each in data.networks]
    every = [amount for each in data.networks for amount in (*each.training_step, *each.inference)]
    devices = [each.usable for each in data.devices]
    _batch_axis(axes, data.batches[-1])
    _bytes_axis(axes, min(every) / 1.25, max([*every, *devices]) * 1.5, devices)
    style.grid(axes)
    box = axes.get_window_extent()
    style.at(figure, box.x0, box.y1 + 4, kind, size=style.LABEL, weight="semibold", gid=f"panel {kind}")
    ends: list[float] = []
    for number, (each, amounts) in enumerate(zip(data.networks, lines, strict=True)):
        colour = style.COLOURS[number]
        axes.plot(data.batches, amounts, color=colour, linewidth=1.1,
                  linestyle=style.DASHES[number % len(style.DASHES)], zorder=3,
                  gid=f"{kind} {each.name}")  # fmt: skip
        axes.plot([data.batches[-1]], amounts[-1:], marker=style.MARKERS[number], markersize=4.0, color=colour,
                  linestyle="none", clip_on=False, zorder=4)  # fmt: skip
        ends.append(float(axes.transData.transform((data.batches[-1], amounts[-1]))[1]))
    _name_lines(figure, axes, data, ends, kind)
    _device_lines(figure, axes, data.devices, kind)


def _batch_axis(axes: Any, largest: int) -> None:
    """Set the horizontal scale, with labels at as many powers of two as do not touch."""
    from matplotlib.ticker import FixedLocator, NullLocator

    style.scale_axis(axes.xaxis, 1, largest, log=True)
    powers = [2**power for power in range(largest.bit_length())]
    room = axes.get_window_extent().width / math.log2(largest)
    wide = style.text_width(style.number(powers[-1]), style.TICK) + 5
    ticks = powers[:: math.ceil(wide / room)]
    axes.xaxis.set_major_locator(FixedLocator(ticks))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_ticklabels([style.number(tick) for tick in ticks])
    axes.set_xlabel("batch")


def _bytes_axis(axes: Any, low: float, high: float, devices: Sequence[int]) -> None:
    """Set the vertical scale, higher where names of devices would stand above the axes."""
    axes.set_ylabel("memory")
    for _ in range(4):
        style.scale_axis(axes.yaxis, low, high, log=True, write=bytes_tick)
        box = axes.get_window_extent()
        over = max(_device_places(axes, devices), default=0.0) + style.NOTE - box.y1
        if over <= 0:
            return
        high = low * (high / low) ** ((box.height + over + 1) / box.height)


def _name_lines(figure: Figure, axes: Any, data: MemoryByBatch, ends: Sequence[float], kind: str) -> None:
    """Write the names at the right of the axes, as near the ends of lines as they do not overlap."""
    from matplotlib.lines import Line2D

    box, transform = axes.get_window_extent(), figure.dpi_scale_trans
    places = labels.spread(ends, style.NOTE * 1.15, box.y0 + 2, box.y1 + 2)
    for number, (each, end, place) in enumerate(zip(data.networks, ends, places, strict=True)):
        xs, ys = [box.x1 + 3, box.x1 + 11], [end, place]
        figure.add_artist(
            Line2D([x / 72 for x in xs], [y / 72 for y in ys], transform=transform, color=style.COLOURS[number],
                   linewidth=0.5)
        )  # fmt: skip
        style.at(figure, box.x1 + 12.5, place - style.NOTE * 0.33, _label(each), size=style.NOTE,
                 gid=f"label {kind} {each.name}")  # fmt: skip


def _device_places(axes: Any, devices: Sequence[int]) -> list[float]:
    """The baselines of the names of devices, from the least memory up: above their lines and above each other."""
    found: list[float] = []
    for each in sorted(devices):
        above = float(axes.transData.transform((1, each))[1]) + 3
        found.append(max([above, *[before + style.NOTE * 1.15 for before in found[-1:]]]))
    return found


def _device_lines(figure: Figure, axes: Any, there: Sequence[DeviceLine], kind: str) -> None:
    """Draw the memory of devices as horizontal lines; the names of near ones stand above each other."""
    box = axes.get_window_extent()
    places = _device_places(axes, [each.usable for each in there])
    for each, place in zip(sorted(there, key=lambda known: known.usable), places, strict=True):
        axes.axhline(each.usable, color=style.GREY, linewidth=0.6, linestyle=style.DASHES[3], zorder=2,
                     gid=f"device {kind} {each.key}")  # fmt: skip
        axes.text((box.x0 + 3) / 72, place / 72, f"{each.name}, {human_bytes(each.usable)}", size=style.NOTE,
                  color=style.GREY, transform=figure.dpi_scale_trans, va="baseline", zorder=2.5,
                  bbox={"boxstyle": "square,pad=0.05", "facecolor": "white", "edgecolor": "none"})  # fmt: skip
