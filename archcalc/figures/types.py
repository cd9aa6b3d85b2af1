"""Shares of types of layers in a network's cost, as in Table 2 of MobileNet (Howard et al. 2017, arXiv:1704.04861)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from archcalc.evidence.accuracy import whole
from archcalc.figures import Plot, keys, style
from archcalc.figures.counting import CostAxis, axis_of, require
from archcalc.graph import Network, Node
from archcalc.ops.attention import WindowAttention
from archcalc.ops.linear import Linear
from archcalc.present.names import pretty
from archcalc.request import distinct

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# type of layer, its colour, and the hatch that distinguishes it without colours
TYPES = {
    "conv 1\u00d71": ("#0072b2", ""),
    "conv 3\u00d73": ("#56b4e9", "////"),
    "larger conv": ("#b3d5e8", "----"),
    "grouped conv": ("#e69f00", "\\\\\\\\"),
    "depthwise conv": ("#f0e442", "xxxx"),
    "linear": ("#d55e00", ""),
    "attention": ("#cc79a7", "||||"),
    "other": ("#d9d9d9", ""),
}


class Share(NamedTuple):
    """The counts of one type of layer in a network."""

    kind: str
    counted: int
    params: int


class Shares(NamedTuple):
    """The networks of the plot, each with its types in the order of `TYPES`."""

    networks: tuple[tuple[str, tuple[Share, ...]], ...]
    axis: CostAxis


def gather(request: Plot) -> Shares:
    """The shares of the named networks."""
    axis = axis_of(request.convention)
    networks = distinct(request.names)
    return Shares(tuple([(network.name, _shares(network, axis)) for network in networks]), axis)


def _shares(network: Network, axis: CostAxis) -> tuple[Share, ...]:
    from archcalc.conventions.counting import by_node
    from archcalc.conventions.measures import Measures

    graph = network.graph()
    measures = Measures(graph)
    require(measures, axis.convention)
    counts: dict[str, list[int]] = {name: [0, 0] for name in TYPES}
    for node, site, amount in zip(graph.nodes, measures.sites, by_node(measures, axis.convention), strict=True):
        own = counts[type_of(node, graph.nodes[node.inputs[0]].shape[0] if node.inputs else 0)]
        own[0] += whole(amount)
        own[1] += whole(site.parameters.learnable)
    return tuple(Share(of_type, *each) for of_type, each in counts.items() if any(each))


def type_of(node: Node, channels: Any) -> str:
    """The type of layer that an op is, of `TYPES`."""
    if isinstance(node.op, Linear):
        return "linear"
    if isinstance(node.op, WindowAttention):
        return "attention"
    if node.op.role != "conv":
        return "other"
    given = node.op.attributes()
    groups = given.get("groups", 1)
    if groups != 1:
        return "depthwise conv" if groups == channels else "grouped conv"
    kernel: Any = given.get("kernel", 1)
    sizes = set(kernel if isinstance(kernel, tuple) else (kernel,))  # pyright: ignore[reportUnknownArgumentType]
    return "conv 1\u00d71" if sizes == {1} else "conv 3\u00d73" if sizes == {3} else "larger conv"


def records(data: Shares) -> list[dict[str, object]]:
    """The shares as flat dictionaries."""
    lines: list[dict[str, object]] = []
    for name, shares in data.networks:
        count, params = sum(each.counted for each in shares) or 1, sum(each.params for each in shares) or 1
        own: list[dict[str, object]] = [
            {
                "architecture": name,
                "type": each.kind,
                "count": each.counted,
                "count_percent": round(100 * each.counted / count, 4),
                "convention": data.axis.convention.name,
                "params": each.params,
                "params_percent": round(100 * each.params / params, 4),
            }
            for each in shares
        ]
        lines += own
    return lines


def draw(data: Shares, width: float = style.COLUMN) -> Figure:
    """The figure, `width` millimetres wide; its height depends on the number of networks."""
    used = [each for each in TYPES if any(share.kind == each for _, shares in data.networks for share in shares)]
    rows = keys.rows(used, width)
    sheet = style.Sheet(
        f"Shares of {data.axis.noun} and parameters by type of layer",
        width,
        keys.PITCH * len(rows) + 14.5 * len(data.networks) + 10,
        [
            "Larger: kernels other than 1\u00d71 and 3\u00d73. Other: mostly scale and shift of normalisation. "
            "Shares below 6 % are not written; --format csv has them.",
            data.axis.note,
            style.origin(),
        ],
    )
    noun = style.text_width(data.axis.noun, style.NOTE) / style.POINTS
    axes = sheet.axes(max(noun, 14.0) + 4, 4, keys.PITCH * len(rows) + 1)
    axes.set_xlim(0, 100)
    axes.set_ylim(len(data.networks) - 0.02, 0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xticks([0, 20, 40, 60, 80, 100])
    axes.set_xlabel("share of the network (%)")
    keys.draw(sheet, rows, TYPES)
    for number, (name, shares) in enumerate(data.networks):
        _bars(sheet.figure, axes, number, name, shares, data.axis.noun)
    return sheet.figure


def _bars(figure: Figure, axes: Any, number: int, name: str, shares: tuple[Share, ...], noun: str) -> None:
    """Draw the two bars of a network below its name."""
    box = axes.get_window_extent()
    _, top = axes.transData.transform((0, number + 0.2))
    style.at(figure, box.x0, float(top), pretty(name), size=style.LABEL, weight="semibold", gid=f"network {name}")
    for place, words, values in (
        (number + 0.43, noun, [each.counted for each in shares]),
        (number + 0.76, "parameters", [each.params for each in shares]),
    ):
        total, left = sum(values) or 1, 0.0
        y = float(axes.transData.transform((0, place))[1]) - style.NOTE * 0.33
        style.at(figure, box.x0 - 4, y, words, size=style.NOTE, ha="right")
        for share, value in zip(shares, values, strict=True):
            part = 100 * value / total
            colour, hatch = TYPES[share.kind]
            axes.barh([place], [part], height=0.28, left=left, color=colour, hatch=hatch, edgecolor="white",
                      linewidth=0.4, gid=f"share {name} {words} {share.kind}")  # fmt: skip
            wide = part / 100 * box.width
            said = f"{part:.0f} %"
            if part >= 6 and wide >= style.text_width(said, style.NOTE) + 4:
                x = float(axes.transData.transform((left + part / 2, place))[0])
                style.at(figure, x, y, said, size=style.NOTE, ha="center", bbox=_ground(), gid=f"value {name} {words}")
            left += part


def _ground() -> dict[str, Any]:
    return {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}
