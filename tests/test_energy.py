"""Bounds on energy: laws that hold for every network, and one convolution counted by hand."""

from __future__ import annotations

import csv
import io
import json
from fractions import Fraction

import pytest
from click.testing import CliRunner

import archcalc
from archcalc import Network, energy, row, zoo
from archcalc.analysis.energy import EnergyBounds
from archcalc.base.errors import ArchcalcError, UnknownName
from archcalc.cli import cli, main
from archcalc.cli.energy import energy_command
from archcalc.graph import Value
from archcalc.hardware.energy import DEFAULT, energy_table, energy_tables
from archcalc.ops import Add, BatchNorm, Conv, Flatten, ReLU
from archcalc.present.energy import joules

SMALL = ("lenet5", "alexnet", "resnet18", "mobilenet_v1", "densenet121", "googlenet", "swin_t", "unet")


def one_conv(x: Value) -> Value:
    return row("conv", x, Conv(8, 3, bias=False))


def test_one_convolution_counted_by_hand_from_the_published_figures() -> None:
    """3x10x10 to 8x8x8 with 3x3 kernels: 13,824 multiply-accumulates, 216 weights, 300 + 512 values.

    Float32: 3.7 + 0.9 pJ each; DRAM 1.3 to 2.6 nJ for each 64 bits, or 4 bytes of two values.
    """
    found = energy(Network.build(one_conv, input=(3, 10, 10), name="one")).total
    picojoules = 13_824 * Fraction("4.6")
    values = 216 + 300 + 512
    assert found.lower_arithmetic == found.upper_arithmetic == picojoules * 1000
    assert (found.lower_bytes, found.upper_bytes) == (values * 4, values * 4)
    assert found.lower_memory == Fraction(values, 2) * 1300 * 1000
    assert found.upper_memory == Fraction(values, 2) * 2600 * 1000


def test_sums_of_narrow_products_are_narrow_in_the_lower_bound_and_wide_in_the_upper() -> None:
    """Horowitz: int8 0.2 + 0.03 pJ, with sums in int32 0.2 + 0.1; float16 1.1 + 0.4, with sums in float32 1.1 + 0.9."""
    net = Network.build(one_conv, input=(3, 10, 10), name="one")
    for dtype, lower, upper in (("int8", "0.23", "0.3"), ("float16", "1.5", "2.0")):
        found = energy(net, dtype=dtype).total
        assert found.lower_arithmetic == 13_824 * 1000 * Fraction(lower)
        assert found.upper_arithmetic == 13_824 * 1000 * Fraction(upper)


def test_weights_cross_dram_once_whatever_the_batch_and_values_for_each_image() -> None:
    net = Network.build(one_conv, input=(3, 10, 10), name="one")
    assert [energy(net, batch=batch).total.lower_bytes for batch in (1, 5)] == [(216 + 812) * 4, (216 + 5 * 812) * 4]


def test_values_between_ops_cross_dram_only_in_the_upper_bound() -> None:
    """A norm, an activation and a sum after the convolution: their parameters are read, their values stay on chip."""

    def net(x: Value) -> Value:
        x = row("conv", x, Conv(8, 3, bias=False))
        y = row("act", x, BatchNorm(), ReLU())
        return row("sum", (x, y), Add())

    def flat(x: Value) -> Value:
        return row("flat", net(x), Flatten())

    built = [Network.build(each, input=(3, 10, 10), name="net") for each in (net, flat)]
    totals = [energy(each).total for each in built]
    assert totals[0] == totals[1], "a view moves nothing"
    assert totals[0].lower_bytes == (216 + 4 * 8 + 300 + 512) * 4
    assert totals[0].upper_bytes == (216 + 300 + 512 + 4 * 8 + 2 * 512 + 2 * 512 + 3 * 512) * 4


def added(parts: list[EnergyBounds]) -> EnergyBounds:
    return EnergyBounds(*[sum(column) for column in zip(*parts, strict=True)])


@pytest.mark.parametrize("name", SMALL)
def test_layers_add_up_to_the_network_and_bounds_are_in_order(name: str) -> None:
    found = energy(name)
    assert added([each.energy for each in found.layers]) == found.total
    assert 0 < found.total.lower < found.total.upper
    for each in (found.total, *[layer.energy for layer in found.layers]):
        assert each.lower_arithmetic <= each.upper_arithmetic
    totals = archcalc.analyze(name).totals
    assert found.total.upper_bytes == totals.bytes_moved
    assert found.total.lower_arithmetic == totals.mult_adds * 4600


@pytest.mark.parametrize("name", SMALL)
def test_energy_is_linear_in_the_batch_but_for_the_weights(name: str) -> None:
    one, two, five = [energy(name, batch=batch).total for batch in (1, 2, 5)]
    for key in EnergyBounds._fields:
        a, b, c = getattr(one, key), getattr(two, key), getattr(five, key)
        assert c - a == 4 * (b - a), key
        if key.endswith("arithmetic"):
            assert b == 2 * a


def test_no_network_of_the_catalogue_has_a_lower_bound_above_the_upper() -> None:
    """Of every family, its first network; the lower bytes have at least the parameters."""
    first: dict[str, str] = {}
    for each in zoo.networks():
        first.setdefault(each.file, each.name)
    assert len(first) > 40
    for name in first.values():
        found = energy(name).total
        assert found.lower_memory <= found.upper_memory, name
        assert found.lower_arithmetic <= found.upper_arithmetic, name
        assert found.lower_bytes >= 4 * archcalc.analyze(name).totals.params, name


def test_a_network_that_only_reshapes_costs_nothing() -> None:

    def flat(x: Value) -> Value:
        return row("flat", x, Flatten())

    assert energy(Network.build(flat, input=(3, 4, 4), name="flat")).total == EnergyBounds(0, 0, 0, 0, 0, 0)


def test_what_other_publications_quote_of_the_table() -> None:
    """8-bit additions 0.03 pJ to 32-bit multiplications 3.7 pJ; a 32-bit word of DRAM 640 pJ, rounded (Han et al.)."""
    table = energy_table(DEFAULT)
    assert (table.add["int8"], table.multiply["float32"]) == (30, 3700)
    assert table.dram[0] * 4 == pytest.approx(640_000, rel=0.02)
    for each in energy_tables().values():
        assert each.source
        assert each.place
        assert all(address.startswith("https://") for address in each.read)
        assert 0 < each.dram[0] <= each.dram[1]


@pytest.mark.parametrize("dtype", ["float64", "bfloat16"])
def test_a_dtype_that_the_table_lacks_is_an_error_that_names_those_it_has(dtype: str) -> None:
    with pytest.raises(ArchcalcError) as error:
        energy("lenet5", dtype=dtype)
    said = f"horowitz2014-45nm has no energy of {dtype}; it has int8, float16, float32"
    assert (str(error.value), error.value.about) == (said, "dtype")


def test_an_unknown_table_and_sizes_that_are_no_numbers_are_errors() -> None:
    with pytest.raises(UnknownName, match="nearest: horowitz2014-45nm"):
        energy("lenet5", table="horowitz")
    sympy = pytest.importorskip("sympy")
    with pytest.raises(ArchcalcError, match="energy is stated for sizes that are numbers"):
        energy("vgg16", input=(3, 32 * sympy.Symbol("h", positive=True, integer=True), 224))
    with pytest.raises(ArchcalcError, match="energy is stated for a batch that is a number"):
        energy("vgg16", batch=sympy.Symbol("N", positive=True, integer=True))


@pytest.mark.parametrize(
    ("femtojoules", "written"),
    [(0, "0"), (7, "7.000fJ"), (1234, "1.234pJ"), (999_960, "1.000nJ"), (35_560_000_000_000, "35.56mJ")],
)
def test_energies_have_four_digits(femtojoules: int, written: str) -> None:
    assert joules(femtojoules) == written


def printed(*args: str) -> str:
    result = CliRunner().invoke(cli, args, standalone_mode=False, catch_exceptions=False, env={"COLUMNS": "100"})
    return result.stdout


def test_text_csv_and_json_say_the_same() -> None:
    total = energy("lenet5").total
    text = printed("energy", "lenet5")
    assert joules(total.lower) in text
    assert joules(total.upper) in text
    for words in ("Not measured", "Not counted: caches", "Figure 1.1.9"):
        assert words in text
    data = json.loads(printed("energy", "lenet5", "--layers", "--format", "json"))
    lines = list(csv.DictReader(io.StringIO(printed("energy", "lenet5", "--layers", "--format", "csv"))))
    assert [each["name"] for each in data["layers"]] == [each["layer"] for each in lines[:-1]]
    assert (data["total"]["lower_femtojoules"], int(lines[-1]["upper_femtojoules"])) == (total.lower, total.upper)
    assert "layers" not in json.loads(printed("energy", "lenet5", "--format", "json"))


def test_the_command_reads_the_default_table_and_refuses_others(capsys: pytest.CaptureFixture[str]) -> None:
    option = next(each for each in energy_command.params if each.name == "table")
    assert option.default == DEFAULT
    with pytest.raises(SystemExit) as end:
        main(["energy", "lenet5", "--dtype", "bf16"])
    assert end.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1
