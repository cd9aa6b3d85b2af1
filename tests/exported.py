"""Readers of exported files, by the rules of the tools: the sizes of their loops and of their tensors.

SCALE-Sim: `topology_utils.py` of scalesim 3. Timeloop: the instance gives each dimension's bound, and an axis of a data
space is as long as its sum of coefficient x (bound - 1), and one. ZigZag: the loop sizes, and the letters in the
brackets of the equation.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read(text: str) -> Any:
    """What a file in YAML holds."""
    return yaml.load(text, LOADER)  # noqa: S506 - a safe one, in C where there is one


class Layer(NamedTuple):
    """One layer of a file: multiply-accumulates, and elements of its weights or second factor and of its output."""

    name: str
    mult_adds: int
    weights: int
    outputs: int


def scalesim_layers(text: str) -> Iterator[Layer]:
    """The layers of a topology with a convolution in each row, with those that the tool makes of a row with DP."""
    header, *lines = text.splitlines()
    assert header.count(",") == 8
    for line in lines:
        name, *numbers = line.split(",")[:-1]
        high, wide, tall, broad, channels, filters, stride = map(int, numbers)
        assert min(high, wide, tall, broad, channels, filters, stride) >= 1
        assert tall <= high, "Filter height cannot be larger than IFMAP height"
        assert broad <= wide, "Filter width cannot be larger than IFMAP width"
        down = math.ceil((high - tall + stride) / stride)
        across = math.ceil((wide - broad + stride) / stride)
        repeated, depth = (channels, 1) if "DP" in name else (1, channels)
        for number in range(repeated):
            macs = down * across * tall * broad * depth * filters
            yield Layer(f"{name}Channel_{number}", macs, tall * broad * depth * filters, down * across * filters)


def gemm_layers(text: str) -> Iterator[Layer]:
    """The layers of a topology with a product of matrices in each row."""
    header, *lines = text.splitlines()
    assert header.replace(" ", "").split(",")[1:4] == ["M", "N", "K"]
    for line in lines:
        name, *numbers = line.split(",")[:-1]
        m, n, k = map(int, numbers)
        yield Layer(name, m * n * k, n * k, m * n)


def timeloop_layers(files: Mapping[str, str]) -> Iterator[Layer]:
    """The layers of a folder of problems, as often as its index says."""
    index = {row["file"]: row for row in csv.DictReader(files["layers.csv"].splitlines())}
    assert {*index, "layers.csv"} == set(files)
    for file, row in index.items():
        problem = read(files[file])["problem"]
        assert set(problem) == {"version", "shape", "instance"}
        assert problem["version"] == 0.4
        shape, bounds = problem["shape"], problem["instance"]
        assert all(isinstance(bound, int) and bound >= 1 for bound in bounds.values())
        assert all(len(name) == 1 for name in shape["dimensions"])
        coefficients = [each["name"] for each in shape.get("coefficients", [])]
        assert set(bounds) == {*shape["dimensions"], *coefficients}
        *_, second, output = sorted(shape["data_spaces"], key=_order)
        assert [space["name"] for space in shape["data_spaces"] if space.get("read_write")] == [output["name"]]
        macs = math.prod(bounds[name] for name in shape["dimensions"])
        assert int(row["mult_adds"]) == macs
        names = row["layers"].split()
        assert len(names) == int(row["count"])
        for name in names:
            yield Layer(name, macs, elements(second, bounds), elements(output, bounds))


def _order(space: Mapping[str, Any]) -> int:
    return ["Inputs", "A", "Weights", "B", "Outputs", "Z"].index(space["name"])


def elements(space: Mapping[str, Any], bounds: Mapping[str, int]) -> int:
    """Elements of a data space of Timeloop."""
    axes = [
        1 + sum((bounds[term[1]] if len(term) == 2 else 1) * (bounds[term[0]] - 1) for term in terms)
        for terms in space["projection"]
    ]
    return math.prod(axes)


def zigzag_layers(text: str) -> Iterator[Layer]:
    """The layers of a workload."""
    known: set[int] = set()
    for layer in read(text):
        assert layer["operator_type"] in ("Conv", "Gemm")
        sizes = dict(zip(layer["loop_dims"], layer["loop_sizes"], strict=True))
        equation = re.fullmatch(r"O((?:\[\w+\])+)\+=(\w)((?:\[\w+\])+)\*(\w)((?:\[\w+\])+)", layer["equation"])
        assert equation is not None
        tensors = {"O": equation[1], equation[2]: equation[3], equation[4]: equation[5]}
        axes = {name: re.findall(r"\w+", letters) for name, letters in tensors.items()}
        relations = [re.fullmatch(r"(\w+)=\d+\*(\w+)\+\d+\*(\w+)", each) for each in layer["dimension_relations"]]
        made = {each[1] for each in relations if each is not None}
        assert {letter.upper() for letter in {*axes["O"], *axes["W"], *axes["I"]} - made} == set(sizes)
        assert layer["operand_source"].keys() == {"W", "I"}
        assert set(layer["operand_source"].values()) <= known | {layer["id"]}
        known.add(layer["id"])
        weights, outputs = (math.prod(sizes[letter.upper()] for letter in axes[name]) for name in ("W", "O"))
        yield Layer(layer["name"], math.prod(sizes.values()), weights, outputs)
