"""Lessons: their answers are those of brute-force oracles and of PyTorch, for the examples and for variants."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from archcalc.base.errors import ArchcalcError
from archcalc.evidence.claims import document_lines
from archcalc.site.engine import answer
from archcalc.site.lessons import LESSONS, lesson
from archcalc.site.lessons.sheet import Draw

torch = pytest.importorskip("torch")
nn = torch.nn
SEEDS = (0, 1, 2, 7, 1234)


@pytest.fixture(scope="module")
def sheets() -> dict[tuple[str, int], dict[str, Any]]:
    """All lessons at some seeds."""
    return {(name, seed): lesson(name, seed) for name, seed in product(LESSONS, SEEDS)}


def answers(sheet: dict[str, Any]) -> dict[str, Any]:
    return {each["key"]: each["answer"] for each in sheet["questions"]}


def learnt(*modules: Any) -> int:
    """The learnable values of modules, counted one by one."""
    return sum(parameter.numel() for module in modules for parameter in module.parameters())


def shape_of(module: Any, *shape: int) -> list[int]:
    return list(module(torch.zeros(1, *shape, device="meta")).shape[1:])


def conv(inputs: int, out: int, kernel: int, *args: Any, **given: Any) -> Any:
    return nn.Conv2d(inputs, out, kernel, *args, **given, device="meta")


def products(module: Any, *shape: int) -> int:
    """The products of a convolution: for each output value, one with each weight of its filter."""
    return shape_of(module, *shape)[-1] ** 2 * module.weight.numel()


def slid(size: int, kernel: int, stride: int, padding: int) -> int:
    """The places of a window on a padded axis, tried one by one."""
    padded = [None] * padding + list(range(size)) + [None] * padding
    return len([at for at in range(0, len(padded), stride) if len(padded[at : at + kernel]) == kernel])


def seen(windows: list[tuple[int, int]], output: int = 0) -> set[int]:
    """The positions of the input that an output of some windows depends on, followed back one by one."""
    wanted = {output}
    for kernel, stride in reversed(windows):
        wanted = {place * stride + tap for place in wanted for tap in range(kernel)}
    return wanted


def conv1(n: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    shape = (n["channels"], n["side"], n["side"])
    first = conv(n["channels"], n["out"], n["kernel"], n["stride"], n["padding"])
    pool = nn.MaxPool2d(n["pool_kernel"], n["pool_stride"])
    height = slid(n["side"], n["kernel"], n["stride"], n["padding"])
    yield "height", height
    yield "shape", shape_of(first, *shape)
    yield "params", learnt(first)
    yield "mult_adds", products(first, *shape)
    yield "pool_height", slid(height, n["pool_kernel"], n["pool_stride"], 0)
    yield "pool_shape", shape_of(nn.Sequential(first, pool), *shape)
    yield "pool_params", learnt(pool)


def grouped(n: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    shape = (n["channels"], n["side"], n["side"])
    given = (n["channels"], n["out"], n["kernel"], n["stride"], n["padding"])
    split, dense = conv(*given, groups=n["groups"]), conv(*given)
    yield "shape", shape_of(split, *shape)
    yield "params", learnt(split)
    yield "params_dense", learnt(dense)
    yield "mult_adds", products(split, *shape)
    yield "mult_adds_dense", products(dense, *shape)
    yield "ratio", [products(dense, *shape), products(split, *shape)]


def batch_norm(n: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    given = (n["channels"], n["out"], n["kernel"], n["stride"], n["padding"])
    first, norm = conv(*given, bias=False), nn.BatchNorm2d(n["out"], device="meta")
    yield "shape", shape_of(nn.Sequential(first, norm), n["channels"], n["side"], n["side"])
    yield "norm_params", learnt(norm)
    yield "conv_params", learnt(first)
    yield "with_bias", learnt(conv(*given))
    yield "both", learnt(first, norm)


def pooling(n: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    shape = (n["channels"], n["side"], n["side"])
    pool, flatten = nn.AdaptiveAvgPool2d(1), nn.Flatten()
    flat = nn.Linear(shape_of(flatten, *shape)[0], n["classes"], device="meta")
    means = shape_of(nn.Sequential(pool, flatten), *shape)[0]
    yield "means", means
    yield "pool_params", learnt(pool)
    yield "flat", learnt(flat)
    yield "pooled", learnt(nn.Linear(means, n["classes"], device="meta"))
    yield "ratio", [learnt(flat), learnt(nn.Linear(means, n["classes"], device="meta"))]


def inception(n: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    shape = (n["channels"], n["side"], n["side"])
    widths = {"1x1": (None, 1), "3x3_reduce": (None, 1), "3x3": ("3x3_reduce", 3), "5x5_reduce": (None, 1)}
    widths |= {"5x5": ("5x5_reduce", 5), "pool_proj": (None, 1)}
    naive, reduced = {}, {}
    for name, (before, kernel) in widths.items():
        inputs = n[before] if before else n["channels"]
        reduced[name] = products(conv(inputs, n[name], kernel, padding=kernel // 2), inputs, *shape[1:])
        naive[name] = products(conv(n["channels"], n[name], kernel, padding=kernel // 2), *shape)
    ends = [torch.zeros(n[name], *shape[1:], device="meta") for name in ("1x1", "3x3", "5x5")]
    yield "naive_shape", list(torch.cat([*ends, torch.zeros(*shape, device="meta")]).shape)
    yield "reduced_shape", list(torch.cat([*ends, torch.zeros(n["pool_proj"], *shape[1:], device="meta")]).shape)
    yield from [(f"naive_{name}", naive[name]) for name in ("1x1", "3x3", "5x5")]
    yield from reduced.items()
    total = sum(naive[name] for name in ("1x1", "3x3", "5x5"))
    yield from [("naive", total), ("reduced", sum(reduced.values())), ("ratio", [total, sum(reduced.values())])]


def separable(n: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    shape = (n["channels"], n["side"], n["side"])
    standard = conv(n["channels"], n["out"], n["kernel"], padding=n["padding"], bias=False)
    depth = conv(n["channels"], n["channels"], n["kernel"], padding=n["padding"], groups=n["channels"], bias=False)
    point = conv(n["channels"], n["out"], 1, bias=False)
    split = products(depth, *shape) + products(point, *shape)
    yield from [("standard_params", learnt(standard)), ("depthwise_params", learnt(depth))]
    yield from [("split_params", learnt(depth, point)), ("standard_mult_adds", products(standard, *shape))]
    yield from [("depthwise_mult_adds", products(depth, *shape)), ("split_mult_adds", split)]
    yield "ratio", [products(standard, *shape), split]


def bottleneck(n: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    layers = [conv(n["outer"], n["inner"], 1, bias=False), conv(n["inner"], n["inner"], 3, padding=1, bias=False)]
    layers.append(conv(n["inner"], n["outer"], 1, bias=False))
    wide = [conv(n["outer"], n["outer"], 3, padding=1, bias=False) for _ in range(2)]
    yield from [(f"conv{at}_params", learnt(layer)) for at, layer in enumerate(layers, 1)]
    yield from [("narrow", learnt(*layers)), ("wide", learnt(*wide)), ("ratio", [learnt(*wide), learnt(*layers)])]
    yield "narrow_mult_adds", sum(products(each, each.in_channels, n["side"], n["side"]) for each in layers)


def dense(n: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    x = torch.zeros(1, n["channels"], n["side"], n["side"], device="meta")
    read, layers = [], []
    for _ in range(n["layers"]):
        read.append(x.shape[1])
        layers.append(conv(x.shape[1], n["growth"], 3, padding=1, bias=False))
        x = torch.cat([x, layers[-1](x)], dim=1)
    yield from [("read", read[-1]), ("out", list(x.shape[1:]))]
    yield from [("first", learnt(layers[0])), ("last", learnt(layers[-1]))]
    yield "last_mult_adds", products(layers[-1], read[-1], n["side"], n["side"])


def squeeze_excite(n: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    squeezed = len(range(0, n["channels"], n["reduction"]))
    down, up = conv(n["channels"], squeezed, 1), conv(squeezed, n["channels"], 1)
    yield from [("reduced", squeezed), ("first", learnt(down)), ("both", learnt(down, up))]
    yield "mult_adds", products(down, n["channels"], 1, 1) + products(up, squeezed, 1, 1)


def windows(n: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    side, window, each = n["side"], n["window"], n["channels"] // n["heads"]

    def matmuls(window: int) -> int:
        """Products of queries by keys, and of weights by values, window by window and head by head."""
        q = torch.zeros(window * window, each, device="meta")
        one = q.shape[0] * q.shape[1] * q.shape[0] + (q @ q.T).numel() * q.shape[1]
        return sum(one for _ in range((side // window) ** 2) for _ in range(n["heads"]))

    places = range(window)
    offsets = {(a - c, b - d) for a, b, c, d in product(places, places, places, places)}
    linear = nn.Linear(n["channels"], 3 * n["channels"], device="meta")
    yield from [("windowed", matmuls(window)), ("global", matmuls(side))]
    yield from [("ratio", [matmuls(side), matmuls(window)]), ("linear", side * side * linear.weight.numel())]
    yield "biases", len(offsets) * n["heads"]


def stacked(n: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    field = len(seen([(n["kernel"], 1)] * n["count"]))
    small = [
        conv(n["channels"], n["channels"], n["kernel"], padding=n["padding"], bias=False) for _ in range(n["count"])
    ]
    large = conv(n["channels"], n["channels"], field, padding=field // 2, bias=False)
    yield from [("field", field), ("small", learnt(*small)), ("large", learnt(large))]
    yield "ratio", [learnt(large), learnt(*small)]
    yield "mult_adds", sum(products(each, n["channels"], n["side"], n["side"]) for each in small)


def fields(n: dict[str, Any], keys: list[str]) -> Iterator[tuple[str, Any]]:
    names, steps = list(n), list(n.values())
    for key in keys:
        place = names.index(key.replace(".add", ".conv2"))
        taps = seen(steps[: place + 1])
        yield key, max(taps) - min(taps) + 1
    yield "jump", min(seen(steps, 1)) - min(seen(steps))


ORACLES = {
    "conv1": conv1,
    "grouped": grouped,
    "batch_norm": batch_norm,
    "pooling": pooling,
    "inception": inception,
    "separable": separable,
    "bottleneck": bottleneck,
    "dense": dense,
    "squeeze_excite": squeeze_excite,
    "windows": windows,
    "stacked": stacked,
}


def test_answers_are_those_of_torch_and_of_brute_force(sheets: dict[tuple[str, int], dict[str, Any]]) -> None:
    for (name, seed), sheet in sheets.items():
        if name in ORACLES:
            assert dict(ORACLES[name](sheet["numbers"])) == answers(sheet), (name, seed)


def test_fields_are_those_of_the_taps_that_an_output_depends_on(sheets: dict[tuple[str, int], dict[str, Any]]) -> None:
    for seed in SEEDS:
        found = answers(sheets["fields", seed])
        expected = dict(fields(sheets["fields", seed]["numbers"], [key for key in found if key != "jump"]))
        assert expected == found, seed


def test_the_table_of_vgg_is_that_of_torchvision(sheets: dict[tuple[str, int], dict[str, Any]]) -> None:
    models = pytest.importorskip("torchvision.models")
    for seed in SEEDS:
        sheet = sheets["vgg", seed]
        numbers, found = sheet["numbers"], answers(sheet)
        with torch.device("meta"):
            model = getattr(models, numbers["network"])(num_classes=numbers["classes"])
            rows = _rows_of_vgg(model, numbers["side"])
        values = [each for each, _ in rows.values()]
        side = numbers["side"]
        for key, value in found.items():
            row, _, kind = key.rpartition("_")
            if row in rows and kind in ("values", "params"):
                assert value == rows[row][kind == "params"], (seed, key)
        assert found["sum"] == sum(values) + 3 * side * side
        assert found["bytes"] == found["sum"] * numbers["width"] * numbers["batch"]
        assert found["params"] == sum(params for _, params in rows.values())


def _rows_of_vgg(model: Any, side: int) -> dict[str, tuple[int, int]]:
    """Values and parameters of the layers of torchvision's VGG; its linear layers fit the map as the lesson's do."""
    rows: dict[str, tuple[int, int]] = {}
    x, stage, number = torch.zeros(1, 3, side, side), 1, 0
    for layer in model.features:
        x = layer(x)
        if isinstance(layer, nn.Conv2d):
            number += 1
            rows[f"conv{stage}_{number}"] = (x.numel(), learnt(layer))
        elif isinstance(layer, nn.MaxPool2d):
            rows[f"pool{stage}"] = (x.numel(), 0)
            stage, number = stage + 1, 0
    read = x.numel()
    for at, layer in enumerate([each for each in model.classifier if isinstance(each, nn.Linear)], 6):
        linear = nn.Linear(read, layer.out_features)
        rows[f"fc{at}"] = (layer.out_features, learnt(linear))
        read = layer.out_features
    return rows


def test_every_number_of_a_variant_stands_in_its_text_or_table(sheets: dict[tuple[str, int], dict[str, Any]]) -> None:
    for (name, seed), sheet in sheets.items():
        words = " ".join(
            [*sheet["text"], *[str(cell) for row in (sheet["grid"] or {"rows": []})["rows"] for cell in row]]
        )
        for word, digit in (("two", "2"), ("three", "3"), ("four", "4")):
            words = re.sub(rf"\b{word}\b", digit, words, flags=re.IGNORECASE)
        said = set(re.findall(r"\d+", words))
        numbers = [
            each for value in sheet["numbers"].values() for each in (value if isinstance(value, tuple) else (value,))
        ]
        missing = [each for each in numbers if isinstance(each, int) and str(each) not in said]
        assert not missing, (name, seed, missing)


def test_a_hint_answers_another_number_than_the_right_one(sheets: dict[tuple[str, int], dict[str, Any]]) -> None:
    hinted = 0
    for (name, seed), sheet in sheets.items():
        keys = [each["key"] for each in sheet["questions"]]
        assert len(set(keys)) == len(keys), (name, seed)
        for question in sheet["questions"]:
            values = [str(hint["value"]) for hint in question["hints"]]
            assert str(question["answer"]) not in values, (name, seed, question["key"])
            assert len(set(values)) == len(values), (name, seed, question["key"])
            assert all(hint["text"] for hint in question["hints"])
            hinted += len(values)
    assert hinted > 5 * len(sheets)


def test_blanks_of_tables_and_pictures_have_their_questions(sheets: dict[tuple[str, int], dict[str, Any]]) -> None:
    blanks = 0
    for (name, seed), sheet in sheets.items():
        asked = {each["key"]: each["answer"] for each in sheet["questions"]}
        cells = [cell for row in (sheet["grid"] or {"rows": []})["rows"] for cell in row if isinstance(cell, dict)]
        blanks += len(cells)
        assert {cell["blank"] for cell in cells} <= asked.keys(), (name, seed)
        for step in sheet["steps"]:
            if step["key"] and isinstance(asked[step["key"]], list):
                assert step["shape"] == asked[step["key"]], (name, seed, step["label"])
    assert blanks > 50


def test_the_same_seed_gives_the_same_sheet_and_others_differ() -> None:
    """The draws of a seed are those of a digest, which is the same on every machine and for every Python."""
    assert [Draw("conv1", 7).one(word, range(1000)) for word in ("side", "kernel", "stride")] == [42, 298, 925]
    for name in LESSONS:
        assert lesson(name, 5) == lesson(name, 5)
        texts = {str(lesson(name, seed)["numbers"]) for seed in range(6)}
        assert len(texts) >= 5, name


def test_the_documents_figures_of_the_examples_have_their_verdicts(
    sheets: dict[tuple[str, int], dict[str, Any]],
) -> None:
    printed = {
        (name, each["key"]): figure["verdict"]
        for (name, seed), sheet in sheets.items()
        for each in sheet["questions"]
        for figure in each["printed"]
        if seed == 0
    }
    wrong = {key for key, verdict in printed.items() if verdict == "contradicted"}
    assert wrong == {("inception", "reduced"), ("vgg", "sum"), ("vgg", "bytes")}
    assert len(printed) > 25
    assert not [1 for (_, seed), sheet in sheets.items() if seed for each in sheet["questions"] if each["printed"]]


def test_a_printed_figure_is_about_the_number_that_is_asked_for(sheets: dict[tuple[str, int], dict[str, Any]]) -> None:
    """What archcalc computes of a figure is the answer, but where the document leaves out the biases."""
    off = {
        (name, each["key"]): figure["computed"]
        for name in LESSONS
        for each in sheets[name, 0]["questions"]
        for figure in each["printed"]
        if figure["computed"] != "identical"  # a formula with letters
        and sorted(map(int, figure["computed"].split("x"))) != sorted(numbers_of(each["answer"]))
    }
    assert off == {("conv1", "params"): "34848", ("vgg", "conv1_2_params"): "36864", ("vgg", "fc6_params"): "102760448"}


def numbers_of(answer: int | list[int]) -> list[int]:
    return answer if isinstance(answer, list) else [answer]


def test_sources_are_lines_of_the_documents(sheets: dict[tuple[str, int], dict[str, Any]]) -> None:
    for (name, seed), sheet in sheets.items():
        for source in sheet["sources"]:
            assert source["text"] == document_lines().get((source["document"], source["line"]), ""), (name, seed)
    assert all(sheets[name, 0]["sources"] for name in LESSONS)


def test_a_derivation_ends_in_the_answer(sheets: dict[tuple[str, int], dict[str, Any]]) -> None:
    for (name, seed), sheet in sheets.items():
        for question in sheet["questions"]:
            if question["kind"] == "number":
                assert re.findall(r"[\d,]+", question["derivation"]["result"].replace(",", "")), (name, seed)
                digits = question["derivation"]["result"].replace(",", "")
                assert str(question["answer"]) in digits, (name, seed, question["key"])


def test_the_engine_answers_for_a_lesson_and_refuses_others() -> None:
    assert '"name":"conv1"' in answer('{"question": "lesson", "given": {"name": "conv1", "seed": 77}}')
    with pytest.raises(ArchcalcError, match="no lesson is called 'conv2'; nearest: conv1"):
        lesson("conv2")
    for seed in (-1, 1_000_000, 1.5, True):
        with pytest.raises(ArchcalcError, match="a seed is a whole number from 0 to 999999"):
            lesson("conv1", seed)  # pyright: ignore[reportArgumentType]
