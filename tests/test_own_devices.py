"""Devices of one's own: what a TOML file may say, and the one line that says what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

import archcalc
from archcalc.base.errors import ArchcalcError, UnknownName
from archcalc.cli import cli, main
from archcalc.hardware.device_files import MOST, device_of_text
from archcalc.hardware.devices import CONTEXT_BYTES, device, devices
from archcalc.present.devices import device_data
from archcalc.service.client import Client

EXAMPLE = Path(__file__).parent.parent / "examples" / "device.toml"


def test_the_example_is_the_device_of_the_table_that_it_says() -> None:
    """Its figures, read with units, are those of the row of the RTX 3090, which has none."""
    mine, row = device(EXAMPLE), device("rtx-3090")
    for key in ("kind", "capability", "memory_bytes", "bandwidth", "units", "boost_mhz", "tdp_watts"):
        assert getattr(mine, key) == getattr(row, key), key
    for dtype in ("float32", "float16", "int8"):
        assert mine.peak(dtype) == row.peak(dtype)
    assert device(mine) is mine
    with pytest.raises(ArchcalcError, match=r"my-3090 has no peak rate for bfloat16; .* float32, float16, int8"):
        mine.peak("bfloat16")


def test_every_device_of_the_table_can_be_written_as_a_file() -> None:
    """With plain numbers, by the keys of a file: all figures come back."""
    for each in devices():
        numbers = {"memory": each.memory_bytes, "reported": each.reported_bytes, "bandwidth": each.bandwidth}
        numbers |= {"units": each.units, "boost_mhz": each.boost_mhz, "tdp_watts": each.tdp_watts, "year": each.year}
        lines = [f"{key} = {value}" for key, value in numbers.items() if value is not None]
        lines += [f'{key} = "{getattr(each, key)}"' for key in ("key", "name", "vendor", "kind", "capability")]
        lines += ["[peaks]", *[f"{dtype} = {rate:e}" for dtype, rate in each.peaks.items()]]
        read = device_data(device_of_text("\n".join(lines), "x.toml"))
        row = device_data(each)
        for key in ("aliases", "basis", "sources", "note"):
            del read[key], row[key]
        assert read == row, each.key


@pytest.mark.parametrize(
    ("line", "key", "value"),
    [
        ('memory = "24GiB"', "memory_bytes", 24 * 2**30),
        ('memory = "24 GB"', "memory_bytes", 24 * 10**9),
        ("memory = 24e9", "memory_bytes", 24 * 10**9),
        ('bandwidth = "936 GB/s"', "bandwidth", 936 * 10**9),
        ('bandwidth = "1.5TB/s"', "bandwidth", 1500 * 10**9),
        ('bandwidth = "936e9"', "bandwidth", 936 * 10**9),
        ('[peaks]\nfloat32 = "35.6 TFLOPS"', "peaks", {"float32": 35_600_000_000_000}),
        ('[peaks]\nfloat32 = "35.6TFLOP/s"', "peaks", {"float32": 35_600_000_000_000}),
        ('[peaks]\nint8 = "1.5 POPS"', "peaks", {"int8": 1_500_000_000_000_000}),
        ('peaks.int8 = "284 TOP/s"', "peaks", {"int8": 284_000_000_000_000}),
        ('peaks.float32 = "153.6 GFLOPS"', "peaks", {"float32": 153_600_000_000}),
    ],
)
def test_an_amount_is_a_number_or_has_a_unit(line: str, key: str, value: object) -> None:
    assert getattr(device_of_text(f'kind = "cpu"\n{line}', "x.toml"), key) == value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "x.toml: kind is one of gpu, shared, tpu, cpu, and is missing"),
        ('kind = "toaster"', "x.toml: kind is one of gpu, shared, tpu, cpu, not 'toaster'"),
        ('kind = "gpu"\nmemroy = 1', "x.toml: there is no key 'memroy'; did you mean memory?"),
        ('kind = "gpu"\n[peaks]\nfp32 = 1', "x.toml: there is no key 'peaks.fp32'; there are float64, float32, tf32"),
        ('kind = "gpu"\npeaks = 3', "x.toml: peaks is a table, [peaks], not '3'"),
        ('kind = "gpu"\nmemory = -1', "x.toml: memory is a size, such as"),
        ('kind = "gpu"\nmemory = nan', "x.toml: memory is a size, such as"),
        ('kind = "gpu"\nmemory = inf', "x.toml: memory is a size, such as"),
        ('kind = "gpu"\nmemory = 0', "x.toml: memory is a size, such as"),
        ('kind = "gpu"\nmemory = true', "x.toml: memory is a size, such as"),
        ('kind = "gpu"\nmemory = "24 GB/s"', "x.toml: memory is a size, such as"),
        ('kind = "gpu"\nmemory = "many"', "x.toml: memory is a size, such as"),
        ('kind = "gpu"\nbandwidth = "9 Gbit/s"', "x.toml: bandwidth is a rate, such as"),
        ('kind = "gpu"\nbandwidth = 1e30', "x.toml: bandwidth is a rate, such as"),
        ('kind = "gpu"\nbandwidth = "1e99 TB"', "x.toml: bandwidth is a rate, such as"),
        ('kind = "gpu"\nbandwidth = [1]', "x.toml: bandwidth is a rate, such as"),
        ('kind = "gpu"\npeaks.float32 = "35.6 TB"', "x.toml: peaks.float32 is a rate, such as"),
        ('kind = "gpu"\npeaks.float32 = nan', "x.toml: peaks.float32 is a rate, such as"),
        ('kind = "gpu"\nunits = 1.5', "x.toml: units is a whole number, such as 82, not '1.5'"),
        ('kind = "gpu"\nunits = "82"', "x.toml: units is a whole number"),
        ('kind = "gpu"\nname = 3', "x.toml: name is a text of at most 500 characters, not '3'"),
        ('kind = "gpu"\nname = "\\u001b[2J"', "x.toml: name is a text of at most 500 characters"),
        ('kind = "gpu"\nkey = "a,b"', "x.toml: key is a name in one line, without commas, not 'a,b'"),
        ('kind = "gpu"\nsources = "here"', "x.toml: sources is a list of texts, not 'here'"),
        ("kind = ", "x.toml: it is not TOML: Invalid value"),
        ("\x00", "x.toml: it is not TOML"),
        ("[" * 1900, "x.toml: it is not TOML"),
        ("a." * 500, "x.toml, line 1: it has more than 100 dots"),
    ],
)
def test_a_fault_is_one_line_that_names_the_file_and_the_key(text: str, said: str) -> None:
    with pytest.raises(ArchcalcError) as error:
        device_of_text(text, "x.toml")
    assert str(error.value).startswith(said)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 250


def test_what_is_no_device_is_an_error() -> None:
    with pytest.raises(ArchcalcError, match="a device is a name, a path or a Device, not 3"):
        archcalc.memory("lenet5", device=3)  # type: ignore[arg-type]


def test_text_is_never_a_path() -> None:
    """A service that is asked about a name opens no file."""
    with pytest.raises(UnknownName, match="no device is called"):
        device(str(EXAMPLE))
    with pytest.raises(UnknownName):
        archcalc.memory("lenet5", device=str(EXAMPLE))


def test_files_that_are_none_or_too_large(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    large, binary, folder = tmp_path / "large.toml", tmp_path / "binary.toml", tmp_path / "folder.toml"
    large.write_text("#" * (MOST + 1), encoding="utf-8")
    binary.write_bytes(b"\xff\xfe")
    folder.mkdir()
    endless = tmp_path / "endless.toml"
    endless.symlink_to("/dev/zero")
    for path, said in (
        (tmp_path / "none.toml", "is not a file"),
        (large, "has more than 100,000 bytes"),
        (endless, "has more than 100,000 bytes"),
        (binary, "cannot be read"),
        (folder, "cannot be read"),
    ):
        for command in (["devices"], ["memory", "lenet5", "--device"], ["plot", "memory-batch", "lenet5", "--device"]):
            with pytest.raises(SystemExit) as end:
                main([*command, str(path)])
            message = capsys.readouterr().err
            assert end.value.code == 2
            assert said in message
            assert message.count("\n") == 1


def printed(*args: str) -> str:
    result = CliRunner().invoke(cli, args, standalone_mode=False, catch_exceptions=False, env={"COLUMNS": "80"})
    return result.stdout


def test_a_step_fits_a_device_of_ones_own_as_it_fits_the_same_device_of_the_table(tmp_path: Path) -> None:
    file = tmp_path / "t4.toml"
    row = device("t4")
    file.write_text(
        f'key = "t4"\nkind = "gpu"\ncapability = "7.5"\nmemory = {row.memory_bytes}\nreported = {row.reported_bytes}\n'
    )
    asked = ("memory", "vgg16", "--batch", "64", "--format", "json", "--device")
    assert printed(*asked, str(file)) == printed(*asked, "t4")
    drawn = ("plot", "memory-batch", "vgg11", "--batch", "8", "--format", "csv", "--device", "l4", "--device")
    assert printed(*drawn, str(file)) == printed(*drawn, "t4")


def test_a_device_without_memory_says_so() -> None:
    with pytest.raises(ArchcalcError, match="no source says how much memory x has"):
        archcalc.memory("lenet5", device=device_of_text('kind = "cpu"', "x.toml"))


def test_a_context_is_taken_off_only_where_there_is_a_compute_capability() -> None:
    plain = device_of_text('kind = "gpu"\nmemory = "8 GiB"', "x.toml")
    cuda = device_of_text('kind = "gpu"\nmemory = "8 GiB"\ncapability = "8.6"', "x.toml")
    assert (plain.usable_bytes, cuda.usable_bytes) == (2**33, 2**33 - CONTEXT_BYTES)


def test_a_device_of_ones_own_is_not_sent_to_a_server() -> None:
    """The error comes before anything is sent: nothing listens there."""
    with Client("127.0.0.1:9") as client, pytest.raises(ArchcalcError, match="not sent to a server"):
        client.memory("lenet5", device=EXAMPLE)
    with Client("127.0.0.1:9") as client, pytest.raises(ArchcalcError, match="not sent to a server"):
        client.plot("memory-batch", ["lenet5"], device=[device(EXAMPLE)])
