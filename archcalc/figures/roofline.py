"""The roofline of a device with the layers of a network, in the manner of Williams, Waterman & Patterson 2009.

FLOP/s against FLOPs for each byte that is moved, both logarithmic ("Roofline", Communications of the ACM 52(4)). The
upper roof is what the device's sources state, the lower one what kernels of a kind reach of it. The layers' times are
those of `archcalc.analysis.latency.statement`: predicted, not measured.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from archcalc.analysis.latency.statement import LatencyStatement, LayerTime, latency
from archcalc.base.errors import ArchcalcError
from archcalc.figures import Plot, keys, labels, style
from archcalc.figures.tradeoff import segments
from archcalc.graph.axes import example
from archcalc.hardware.devices import device
from archcalc.hardware.efficiency import efficiency_of
from archcalc.present.latency import expected_error, percent
from archcalc.present.names import pretty
from archcalc.present.tables import human
from archcalc.request import NetworkLike, Request

if TYPE_CHECKING:
    from matplotlib.figure import Figure

UNITS = ((1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""))
PRODUCTS: Mapping[str, str] = {
    "matmul": "linear layers and products",
    "conv": "convolutions",
    "grouped_conv": "convolutions in groups",
    "depthwise_conv": "convolutions by channel",
}
"""The kinds of kernels that have FLOPs, in words."""
LOOKS: Mapping[str, tuple[str, str]] = {
    "compute": ("#0072b2", "o"),
    "memory": ("#d55e00", "s"),
    "launch": ("#009e73", "^"),
}
"""By what bounds most of a layer's time, the colour and the marker of its point."""
AS_LARGE = {"o": 1.0, "s": math.sqrt(math.pi) / 2, "^": math.sqrt(math.pi / 2)}
"""The size of a marker whose area is that of a circle of size 1."""
LARGEST = 5.5
"""The radius in points of the largest mark if it is a circle; areas of marks are to each other as times."""
SMALLEST = 0.9
"""The least radius, below which no mark is seen."""
NAMED = {True: 6, False: 10}
"""The number of points with a label, in a narrow and a wide figure."""
FAR = 3
"""The number of points whose label may be far from them."""


@dataclass(frozen=True)
class TimedRequest(Request):
    """A request with the way in which the network runs, in words of `archcalc.latency`."""

    task: str = "inference"
    runtime: str = ""
    layout: str = "nchw"


def timed(network: NetworkLike, *, task: str = "inference", runtime: str = "", layout: str = "nchw") -> TimedRequest:
    """The request for a network that runs in this way.

    >>> timed("resnet50", runtime="compiled").runtime
    'compiled'
    """
    request = Request.of(network)
    own = {each.name: getattr(request, each.name) for each in fields(Request)}
    return TimedRequest(**own, task=task, runtime=runtime, layout=layout)


class Reached(NamedTuple):
    """What kernels of a kind reach of a device."""

    kind: str
    """One of `PRODUCTS`."""
    peak: float
    """FLOP/s."""
    bandwidth: float
    """Bytes/s."""

    def at(self, intensity: float) -> float:
        """FLOP/s at so many FLOPs for each byte."""
        return min(self.peak, self.bandwidth * intensity)


class RooflinePlane(NamedTuple):
    """The data of the plot."""

    statement: LatencyStatement
    reached: Reached | None
    """Of the kind of products that takes most of the time; None where no source states its peak rate."""

    @property
    def drawn(self) -> list[LayerTime]:
        """The layers that have FLOPs, those that take most time first."""
        return sorted([each for each in self.statement.layers if each.flops], key=lambda each: -each.seconds)


class LayersAtPoint(NamedTuple):
    """Layers that have one place: equal layers in repeated blocks."""

    layers: tuple[LayerTime, ...]

    @property
    def intensity(self) -> float:
        """FLOPs for each byte."""
        return self.layers[0].flops / self.layers[0].bytes

    @property
    def rate(self) -> float:
        """FLOP/s."""
        return self.layers[0].flops / self.layers[0].seconds

    @property
    def seconds(self) -> float:
        """The time of all of them."""
        return sum([each.seconds for each in self.layers])


def gather(request: Plot) -> RooflinePlane:
    """The times of the named network's layers, and the roofs of the device.

    Raises ArchcalcError as `archcalc.latency` does, unless there is one device, and where no layer has FLOPs.
    """
    given = request.device.split(",") if isinstance(request.device, str) else list(request.device or [])
    if len(given) != 1:
        said = f"the plot roofline shows one device, not {len(given)}: name one that `archcalc devices` lists"
        raise ArchcalcError(said, about="device")
    asked = Request.of(request.names[0])
    if request.batch is not None:
        asked = replace(asked, batch=request.batch)
    if request.precision:
        asked = replace(asked, training=replace(asked.training, precision=request.precision))
    ways = asked if isinstance(asked, TimedRequest) else TimedRequest("")
    statement = latency(asked, device=given[0], task=ways.task, runtime=ways.runtime, layout=ways.layout)
    if not any([each.flops for each in statement.layers]):
        said = f"{statement.architecture}: none of its layers has FLOPs, so that there is no point to draw"
        raise ArchcalcError(said)
    return RooflinePlane(statement, _reached(statement, given[0]))


def _reached(statement: LatencyStatement, asked: Any) -> Reached | None:
    """What the kind of products that takes most time reaches."""
    on = device(asked)
    shares = efficiency_of(on, statement.task, statement.runtime, statement.layout)
    for kind in [each.name for each in statement.kinds if each.name in PRODUCTS]:
        vector = kind == "depthwise_conv" and shares.kind == "gpu"
        peak = on.peaks.get("float32") if vector else statement.peak
        if peak is not None:
            return Reached(kind, peak * shares.rates[kind], statement.bandwidth * shares.bandwidths[kind])
    return None


def records(data: RooflinePlane) -> list[dict[str, object]]:
    """Every layer as a flat dictionary, those without FLOPs too, with the roofs in FLOP/s and bytes/s."""
    statement, reached = data.statement, data.reached
    return [
        {
            "architecture": statement.architecture,
            "device": statement.device,
            "batch": statement.batch,
            "precision": statement.precision,
            "task": statement.task,
            "runtime": statement.runtime,
            "layout": statement.layout,
            "layer": each.name,
            "phase": each.phase,
            "flops": each.flops,
            "bytes": each.bytes,
            "seconds": each.seconds,
            "share": each.seconds / statement.seconds,
            "flops_per_byte": each.intensity,
            "flops_per_second": each.flops / each.seconds,
            "bound": each.bound,
            "peak": statement.peak,
            "bandwidth": statement.bandwidth,
            "reached_by": reached.kind if reached else "",
            "reached_peak": reached.peak if reached else "",
            "reached_bandwidth": reached.bandwidth if reached else "",
        }
        for each in statement.layers
    ]


def points(data: RooflinePlane) -> list[LayersAtPoint]:
    """The points to draw, those that take most time first."""
    found: dict[tuple[object, ...], list[LayerTime]] = {}
    for each in data.drawn:
        found.setdefault((each.phase, each.bound, each.flops, each.bytes, f"{each.seconds:.9g}"), []).append(each)
    return sorted([LayersAtPoint(tuple(every)) for every in found.values()], key=lambda each: -each.seconds)


def draw(data: RooflinePlane, width: float = style.COLUMN) -> Figure:
    """The figure, `width` millimetres wide."""
    statement, every = data.statement, points(data)
    narrow = width < 120
    one = example(statement.inputs)
    batch = f"a batch of {statement.batch} {one}s" if statement.batch > 1 else f"one {one}"
    what = "a training step" if statement.task == "training" else "an inference"
    looks = _key_words(data, every)
    key = keys.rows(list(looks), width)
    sheet = style.Sheet(
        f"Roofline of {pretty(statement.architecture)} on {statement.device_name}: {what} of {batch}, "
        f"{statement.precision}",
        width,
        (66.0 if narrow else 84.0) + keys.PITCH * len(key),
        [_caption(data, what, batch, every), expected_error(statement), style.origin()],
    )
    low, high = _limits([each.rate for each in every], statement.peak, 2.2, 1.7)
    ticks = style.decade_ticks(low, high, 8)
    widest = max([style.text_width(_tick(tick), style.TICK) for tick in ticks], default=0)
    axes = sheet.axes(6.6 + widest / style.POINTS, 3.5, keys.PITCH * len(key) + 2)
    left, right = _limits([each.intensity for each in every], statement.peak / statement.bandwidth, 2.0, 2.0)
    style.scale_axis(axes.xaxis, left, right, log=True)
    style.scale_axis(axes.yaxis, low, high, log=True, write=_tick)
    axes.set_xlabel("FLOPs for each byte moved")
    axes.set_ylabel("FLOP/s")
    style.grid(axes, "both")
    lines = _roofs(axes, data, left, right)
    _draw_key(sheet, key, looks)
    _marks(axes, every, lines, narrow)
    return sheet.figure


def _limits(values: Sequence[float], roof: float, below: float, above: float) -> tuple[float, float]:
    """The ends of an axis with all values and the roof's end inside."""
    return min(*values, roof) / below, max(*values, roof) * above


def _tick(value: float) -> str:
    """A rate as a tick label with its own unit.

    >>> _tick(2e13)
    '20 T'
    """
    size, word = next((size, word) for size, word in UNITS if value >= size or size == 1.0)
    return f"{style.number(value / size)} {word}".rstrip()


def _key_words(data: RooflinePlane, every: Sequence[LayersAtPoint]) -> dict[str, str]:
    """The texts of the key, with what each stands for: a bound or a line."""
    statement, reached = data.statement, data.reached
    bounds = {each.layers[0].bound for each in every}
    found = {f"bound by {bound}": bound for bound in LOOKS if bound in bounds}
    found[f"stated: {human(statement.peak)}FLOP/s, {human(statement.bandwidth)}B/s"] = "stated"
    if reached:
        shares = f"{human(reached.peak)}FLOP/s, {human(reached.bandwidth)}B/s"
        found[f"reached by {PRODUCTS[reached.kind]}: {shares}"] = "reached"
    return found


def _caption(data: RooflinePlane, what: str, batch: str, every: Sequence[LayersAtPoint]) -> str:
    statement = data.statement
    sizes = " and ".join(["x".join(map(str, shape)) for shape in statement.inputs])
    rest = [each for each in statement.layers if not each.flops]
    share = percent(sum([each.seconds for each in rest]) / statement.seconds)
    layout = ", channels_last" if statement.layout == "nhwc" else ""
    several = " (\u00d7n): n equal layers, drawn as one." if any([len(each.layers) > 1 for each in every]) else ""
    left_out = f" Not drawn, as without FLOPs: {_layers(len(rest))} with {share} of the time." if rest else ""
    above = data.reached and any([each.rate > data.reached.at(each.intensity) * 1.001 for each in every])
    over = any([each.rate > min(statement.peak, statement.bandwidth * each.intensity) * 1.001 for each in every])
    caches = " Points above the solid line reach more than is stated, as where caches keep values." if over else ""
    other = ", which norms, activations and other products of the points above it exceed" if above else ""
    return (
        f"Network {statement.architecture}, input {sizes}: {what} of {batch}, {statement.precision}, "
        f"{statement.runtime} PyTorch{layout}, predicted for {statement.device_name}. A point is a layer, with its "
        f"norm and activation if it has them; its area is its share of the time.{several}{left_out} Solid line: what "
        f"the device's sources state; dashed: what kernels reach{other}.{caches}"
    )


def _layers(number: int) -> str:
    return f"{number} layer{'' if number == 1 else 's'}"


def _roofs(axes: Any, data: RooflinePlane, left: float, right: float) -> list[labels.Segment]:
    """Draw the roofs; return them in points of the figure."""
    found: list[labels.Segment] = []
    statement, reached = data.statement, data.reached
    roofs = [("stated", float(statement.peak), float(statement.bandwidth))]
    roofs += [("reached", reached.peak, reached.bandwidth)] if reached else []
    for name, peak, bandwidth in roofs:
        xs = [left, peak / bandwidth, right]
        ys = [left * bandwidth, peak, peak]
        dashes, colour = _line_look(name)
        axes.plot(xs, ys, color=colour, linewidth=1.0, linestyle=dashes, zorder=2, gid=f"roof {name}")
        found += segments(axes, xs, ys)
    return found


def _line_look(name: str) -> tuple[Any, str]:
    return (style.DASHES[0], style.INK) if name == "stated" else (style.DASHES[1], style.GREY)


def _marks(axes: Any, every: Sequence[LayersAtPoint], lines: Sequence[labels.Segment], narrow: bool) -> None:
    """Draw the points, and the names of those that take most time, where there is room."""
    most = every[0].seconds
    largest = LARGEST if narrow else 1.3 * LARGEST
    marks: list[labels.Mark] = []
    for number, each in enumerate(every):
        radius = max(SMALLEST, largest * math.sqrt(each.seconds / most))
        colour, marker = LOOKS[each.layers[0].bound]
        at = (each.intensity, each.rate)
        size = radius * AS_LARGE[marker]
        axes.plot(*at, marker=marker, markersize=2 * size, color=colour, linestyle="none", markeredgecolor="white",
                  markeredgewidth=0.4, alpha=0.85, clip_on=False, zorder=4 + number / len(every),
                  gid=f"point {each.layers[0].phase} {each.layers[0].name}")  # fmt: skip
        x, y = axes.transData.transform(at)
        marks.append(labels.Mark(float(x), float(y), size, _label(each)))
    box = axes.get_window_extent()
    bounds = (box.x0 + 2, box.y0 + 2, box.x1 - 1, box.y1 - 1)
    named, rest = marks[: NAMED[narrow]], marks[NAMED[narrow] :]
    taken = [(each.x - each.radius, each.y - each.radius, each.x + each.radius, each.y + each.radius) for each in rest]
    placed = labels.place(named, bounds, style.NOTE, taken, lines)
    near = [each if each and (number < FAR or not each.leader) else None for number, each in enumerate(placed)]
    labels.draw(axes, near, style.NOTE)


def _label(each: LayersAtPoint) -> str:
    """The name of the first layer of a point, its phase unless it is forward, and how many layers there are."""
    first = each.layers[0]
    name = style.shortened(first.name, style.NOTE, 80.0, from_left=True)
    phase = "" if first.phase == "forward" else f", {first.phase}"
    return f"{name}{phase}" + (f" (\u00d7{len(each.layers)})" if len(each.layers) > 1 else "")


def _draw_key(sheet: style.Sheet, lines: Sequence[Sequence[str]], looks: Mapping[str, str]) -> None:
    """Draw the key of markers and lines at the top of the body."""
    from matplotlib.lines import Line2D

    for number, line in enumerate(lines):
        x, y = 2 * style.POINTS, (sheet.height - sheet.top - 3.2 - keys.PITCH * number) * style.POINTS
        for name in line:
            if looks[name] in LOOKS:
                colour, marker = LOOKS[looks[name]]
                drawn: dict[str, Any] = {"marker": marker, "markersize": 5.5, "markeredgewidth": 0, "linestyle": "none"}
                xs = [x + 4.5]
            else:
                dashes, colour = _line_look(looks[name])
                drawn = {"linestyle": dashes, "linewidth": 1.0}
                xs = [x, x + 9.5]
            at = ([each / 72 for each in xs], [(y + 2.2) / 72] * len(xs))
            sheet.figure.add_artist(Line2D(*at, transform=sheet.figure.dpi_scale_trans, color=colour, **drawn))
            style.at(sheet.figure, x + 12, y, name, size=style.NOTE, gid=f"key {name}")
            x += keys.width_of(name)
