"""The lesson `windows`: attention in windows, as in the Swin Transformer, against attention over the whole map."""

from __future__ import annotations

from typing import Any

from archcalc.request import Request
from archcalc.site.lessons.hints import TWICE
from archcalc.site.lessons.sheet import Derivable, Draw, LessonSheet, Problem, Quotient, SourceLine, default, square


def sheet(draw: Draw | None) -> LessonSheet:
    """Attention in windows, as in the Swin Transformer, against attention over the whole map."""
    name = "swin_block_example"
    if draw is None:
        shape: tuple[int, ...] = Request.of(name).shape
        given = {key: default(name, key) for key in ("heads", "window")}
    else:
        window, times, heads = (
            draw.one("window", (4, 7, 8, 12)),
            draw.one("times", (2, 4, 8)),
            draw.one("heads", (2, 3, 4, 6)),
        )
        shape = (heads * draw.one("width", (16, 32)), window * times, window * times)
        given = {"heads": heads, "window": window}
    channels, side, _ = shape
    heads, window = given["heads"], given["window"]

    def of(layer: str, quantity: str, **changed: Any) -> Derivable:
        return Derivable(name, layer, quantity, {"input": shape, "in_channels": channels} | given | changed)

    def attention(window: int = window, quantity: str = "mult_adds") -> Derivable:
        return of("attention", quantity, window=window)

    return LessonSheet(
        text=(
            *(
                ()
                if draw
                else ("Document 003 names the block without sizes: these are those of the first block of Swin-T.",)
            ),
            f"A block of a Swin Transformer works on a map of {square(side)} positions with {channels} channels and "
            f"{heads} heads. Attention works in windows of {square(window)} positions: each position is compared with "
            "those of its own window only. Two matrix products take mult-adds: queries by keys, and the weights that "
            "come of it by the values.",
            f"Global attention would have a single window, the whole map of {square(side)}. For each head, a bias is "
            "learnt for each relative place of two positions in a window.",
        ),
        places=(SourceLine("003", 566),),
        network="" if draw else name,
        numbers={"channels": channels, "side": side, **given},
        problems=(
            Problem(
                "windowed",
                "How many mult-adds do the two matrix products take in windows, for one image?",
                attention(),
                (
                    ("That is one of the two products.", lambda: _half(attention().value)),
                    (TWICE, lambda: 2 * attention().value),
                    ("That is global attention.", lambda: attention(side).value),
                    (
                        "That is one window alone.",
                        lambda: of("attention", "mult_adds", input=(channels, window, window)).value,
                    ),
                ),
            ),
            Problem(
                "global",
                "How many would they take with global attention?",
                attention(side),
                (
                    ("That is one of the two products.", lambda: _half(attention(side).value)),
                    (TWICE, lambda: 2 * attention(side).value),
                    ("That is attention in windows.", lambda: attention().value),
                ),
            ),
            Quotient("ratio", "How many times fewer mult-adds do the products take in windows?", "global", "windowed"),
            Problem(
                "linear",
                "How many mult-adds does the linear layer before them take, from each position's "
                f"{channels} channels to queries, keys and values?",
                of("qkv", "mult_adds"),
                (
                    (
                        "Those are its queries alone: keys and values come as well.",
                        lambda: of("proj", "mult_adds").value,
                    ),
                    (TWICE, lambda: 2 * of("qkv", "mult_adds").value),
                ),
            ),
            Problem(
                "biases",
                "How many biases are learnt for the windows?",
                attention(quantity="params"),
                (
                    ("That is for one head.", lambda: of("attention", "params", heads=1).value),
                    (
                        "There are more relative places than positions: from one corner to the other, both ways.",
                        lambda: window * window * heads,
                    ),
                ),
            ),
        ),
    )


def _half(number: int) -> int:
    return number // 2
