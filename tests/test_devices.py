"""The table of devices: laws that hold for every row, and names as people write them."""

from __future__ import annotations

import re

import pytest

from archcalc.base.errors import ArchcalcError, UnknownName
from archcalc.hardware.devices import BASES, CONTEXT_BYTES, KINDS, PEAKS, Device, device, devices, find_devices

GIB = 2**30
T = 10**12

VECTOR = {
    "float32": {"2.0": 32, "5.2": 128, "5.3": 128, "6.0": 64, "6.1": 128, "6.2": 128, "7.0": 64, "7.2": 64, "7.5": 64}
    | {"8.0": 64, "8.6": 128, "8.7": 128, "8.9": 128, "9.0": 128, "10.0": 128, "12.0": 128},
    "float64": {"2.0": 4, "5.2": 4, "6.0": 32, "6.1": 4, "7.0": 32, "7.5": 2, "8.0": 32, "8.6": 2, "8.9": 2}
    | {"9.0": 64, "10.0": 64},
    "float16": {"5.3": 256, "6.0": 128, "6.2": 256},
}
"""Results of multiply-adds per clock and SM, without tensor cores, by compute capability.

CUDA C++ Programming Guide and Best Practices Guide, "Throughput of Native Arithmetic Instructions"; 2.0 for GeForce.
"""

TENSOR = {"7.0": 512, "7.5": 512, "8.0": 1024, "8.6": 512, "8.9": 512, "9.0": 2048, "10.0": 4096, "12.0": 512}
"""Multiply-adds of float16 per clock and SM in tensor cores: tensor cores per SM times multiply-adds of each.

The architectures' white papers: V100 and RTX 20 8 x 64, A100 4 x 256, RTX 30 and 40 4 x 128, H100 4 x 512.
"""

HALVED = {"rtx-2080-ti", "rtx-3080", "rtx-3090", "rtx-4090", "rtx-5090", "a10g"}
"""Boards whose tensor cores add float16 products in float32 at half of their rate (GA102 and Ada white papers)."""

PRINTED_HALF = {"l40"}
"""Boards whose data sheet prints half of the rates that such tensor cores have elsewhere, int8 too (L40: 362 TOP/s)."""

SLOWED = {"9.0": 1830 / 1980, "10.0": 0.95}
"""The clock of the tensor cores in parts of that of the SMs: the H100's white paper.

No document states that of the B200: its tensor rates are 0.944 of what the highest clock gives.
"""

PRINTED_LOWER = {"p100-pcie-16gb": 0.982}
"""Boards whose data sheet prints less than the highest clock gives."""

DATA_CENTRE = ("p100", "v100", "t4", "a10", "l4", "a30", "a40", "a100", "h100", "h200", "b200")


def ids(each: Device) -> str:
    return each.key


every = pytest.mark.parametrize("each", devices(), ids=ids)
of_nvidia = pytest.mark.parametrize("each", [each for each in devices() if each.capability], ids=ids)


def implied(each: Device, dtype: str) -> float | None:
    """The peak that SMs, clock and the rate of an SM give; None where the guide says nothing of such a rate."""
    assert each.units is not None
    assert each.boost_mhz is not None
    cores = TENSOR.get(each.capability)
    factor = {"float16": 1, "bfloat16": 1, "tf32": 0.5, "int8": 2}.get(dtype)
    if cores is None or factor is None:
        rate = VECTOR.get(dtype, {}).get(each.capability)
    else:
        halved = each.key in PRINTED_HALF or (each.key in HALVED and dtype != "int8")
        rate = cores * factor * (0.5 if halved else 1)
    return None if rate is None else 2 * rate * each.units * each.boost_mhz * 1e6


@every
def test_a_row_names_its_sources_and_is_of_a_known_kind(each: Device) -> None:
    assert each.sources
    assert all(re.fullmatch(r"https?://[\w.-]+\.\w+/\S*", source) for source in each.sources)
    assert len(set(each.sources)) == len(each.sources)
    assert each.kind in KINDS
    assert each.basis in BASES
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", each.key)
    assert each.year is not None
    assert 2008 <= each.year <= 2026
    assert (each.vendor == "NVIDIA") == bool(each.capability)


@every
def test_figures_are_in_the_units_that_the_module_says(each: Device) -> None:
    """Memory of at least a GiB, bandwidth of 5 GB/s to 10 TB/s, rates of 0.1 to 5000 TFLOP/s, clocks in MHz."""
    if each.memory_bytes is not None:
        assert each.memory_bytes >= GIB
        assert each.memory_bytes % (512 * 2**20) == 0 or each.memory_bytes % (11 * GIB) == 0
    if each.bandwidth is not None:
        assert 5 * 10**9 <= each.bandwidth <= 10**13
    assert all(T // 10 <= rate <= 5000 * T for rate in each.peaks.values())
    assert each.boost_mhz is None or 300 <= each.boost_mhz <= 5000
    assert each.tdp_watts is None or 5 <= each.tdp_watts <= 1500


@every
def test_a_device_reports_a_little_less_than_it_is_sold_with(each: Device) -> None:
    """The GB of the names are GiB: what a device reports is below them, by at most 9 %, and often above decimal GB."""
    if each.reported_bytes is not None:
        assert each.memory_bytes is not None
        assert 0.91 * each.memory_bytes < each.reported_bytes < each.memory_bytes


def test_some_devices_report_more_than_their_size_in_decimal_gigabytes() -> None:
    more = [
        each.key
        for each in devices()
        if each.reported_bytes and each.reported_bytes > (each.memory_bytes or 0) / 1.0737
    ]
    assert len(more) >= 8


@every
def test_narrower_types_are_not_slower_and_at_most_so_much_faster(each: Device) -> None:
    """At most float64 is float32's rate, float16 16 of it (32 on B200), 2 of tf32's; int8 is at most 4 of float16's."""
    peaks = each.peaks
    if {"float64", "float32"} <= set(peaks):
        assert 1 / 64.1 <= peaks["float64"] / peaks["float32"] <= 1
    if {"float16", "bfloat16"} <= set(peaks):
        assert peaks["float16"] == peaks["bfloat16"]
    widest = 32.1 if each.capability == "10.0" else 16.1
    for slow, fast, most in (("float32", "float16", widest), ("tf32", "float16", 2.02), ("float16", "int8", 4.01)):
        if {slow, fast} <= set(peaks):
            assert 1 <= peaks[fast] / peaks[slow] <= most, (slow, fast)


@of_nvidia
def test_peaks_are_what_units_and_clock_give(each: Device) -> None:
    """Within 1.7 %, as NVIDIA prints 34 for the 33.45 of the H100: a rate with sparsity would be twice as high."""
    assert each.peaks
    for dtype, rate in each.peaks.items():
        given = implied(each, dtype)
        assert given is not None, dtype
        vector = dtype in ("float32", "float64")
        given *= PRINTED_LOWER.get(each.key, 1) * (1 if vector else SLOWED.get(each.capability, 1))
        assert rate == pytest.approx(given, rel=0.017), (dtype, rate / given)


def test_devices_that_papers_and_users_name_are_there() -> None:
    keys = {each.key for each in devices()}
    assert len(keys) == len(devices()) >= 40
    assert all(any(key.startswith(wanted) for key in keys) for wanted in DATA_CENTRE)
    assert keys >= {"l40", "rtx-pro-6000-max-q", "i7-12700h", "i9-10940x", "raspberry-pi-5-8gb"}
    assert {each.vendor for each in devices()} >= {"NVIDIA", "AMD", "Apple", "Google", "Intel"}


def test_what_the_tables_of_the_sources_print() -> None:
    """Read again, apart from the file: NVIDIA on A100 and RTX 2080 Ti, a seller's copy of the H100's, Google on v4."""
    a100, h100, tpu = device("a100-40gb"), device("h100-sxm"), device("tpu-v4")
    assert [a100.peak(each) for each in PEAKS] == [9.7 * T, 19.5 * T, 156 * T, 312 * T, 312 * T, 624 * T]
    assert a100.bandwidth == 1_555_000_000_000
    assert (h100.peak("float16") * 2, h100.peak("int8") * 2) == (1979 * T, 3958 * T)
    assert (tpu.memory_bytes, tpu.peak("bfloat16"), tpu.bandwidth) == (32 * GIB, 275 * T, 1200 * 10**9)
    assert device("rtx-2080-ti").memory_bytes == 11264 * 2**20


def test_the_float32_of_a_processor_is_what_its_cores_and_clock_give() -> None:
    """Intel's page of the i9-10940X: 14 cores, 2 AVX-512 FMA units, 4.60 GHz; of the i7-12700H: 6 P-cores, 4.70 GHz."""
    for key, cores, lanes in (("i9-10940x", 14, 512 // 32), ("i7-12700h", 6, 256 // 32)):
        each = device(key)
        assert each.boost_mhz is not None
        assert each.peak("float32") == cores * 2 * lanes * 2 * each.boost_mhz * 10**6


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("a100-40gb", "a100-40gb"),
        ("A100 40 GB", "a100-40gb"),
        ("a100_40gib", "a100-40gb"),
        ("a10040gb", "a100-40gb"),
        ("NVIDIA A100-SXM4-40GB", "a100-40gb"),
        ("NVIDIA A100-PCIE-40GB", "a100-40gb"),
        ("NVIDIA A100 80GB PCIe", "a100-80gb-pcie"),
        ("NVIDIA A100-SXM4-80GB", "a100-80gb-sxm"),
        ("NVIDIA H100 80GB HBM3", "h100-sxm"),
        ("NVIDIA H100 PCIe", "h100-pcie"),
        ("Tesla V100-SXM2-16GB", "v100-sxm2-16gb"),
        ("Tesla T4", "t4"),
        ("NVIDIA GeForce RTX 3090", "rtx-3090"),
        ("3090", "rtx-3090"),
        ("gtx1080ti", "gtx-1080-ti"),
        ("GTX 1080Ti", "gtx-1080-ti"),
        ("GeForce GTX TITAN X", "titan-x-maxwell"),
        ("TITAN X (Pascal)", "titan-x-pascal"),
        ("Jetson Nano", "jetson-nano"),
        ("xavier", "jetson-agx-xavier-32gb"),
        ("AMD Instinct MI300X", "mi300x"),
        ("NVIDIA L40", "l40"),
        ("NVIDIA RTX PRO 6000 Blackwell Max-Q Workstation Edition", "rtx-pro-6000-max-q"),
        ("Intel(R) Core(TM) i9-10940X", "i9-10940x"),
        ("12700H", "i7-12700h"),
    ],
)
def test_a_device_is_found_as_people_and_as_pytorch_write_it(written: str, key: str) -> None:
    assert device(written).key == key


@every
def test_a_device_is_found_by_each_of_its_names_in_any_case(each: Device) -> None:
    """No name of one device is a name of another."""
    vendor = "" if each.vendor == "Raspberry Pi" else each.vendor
    for name in (each.key, each.name, *each.aliases):
        for written in (name, name.upper(), name.replace("-", "_"), name.replace("-", " "), f"{vendor} {name}"):
            assert find_devices(written) == (each,), written


@pytest.mark.parametrize(
    ("written", "keys"),
    [
        ("A100", ["a100-40gb", "a100-80gb-pcie", "a100-80gb-sxm"]),
        ("a100 sxm", ["a100-40gb", "a100-80gb-sxm"]),
        ("v100-32gb", ["v100-sxm2-32gb", "v100-pcie-32gb"]),
        ("h100", ["h100-pcie", "h100-sxm"]),
        ("titan x", ["titan-x-maxwell", "titan-x-pascal"]),
    ],
)
def test_a_name_of_several_devices_is_answered_with_all_of_them(written: str, keys: list[str]) -> None:
    with pytest.raises(UnknownName) as error:
        device(written)
    assert str(error.value) == f"{written.lower()} is one of several devices: {', '.join(keys)}"
    assert error.value.nearest == tuple(keys)


@pytest.mark.parametrize(("written", "nearest"), [("l30", "l40"), ("rtx 4090 ti", "rtx-4090"), ("mi300", "mi300x")])
def test_an_unknown_device_is_answered_with_the_nearest(written: str, nearest: str) -> None:
    with pytest.raises(UnknownName, match="no device is called"):
        device(written)
    with pytest.raises(UnknownName) as error:
        find_devices(written)
    assert error.value.nearest[0] == nearest


@pytest.mark.parametrize("written", ["", " ", "-", "nvidia", "xyzzy", "é"])
def test_a_name_without_a_word_of_a_device_is_unknown(written: str) -> None:
    with pytest.raises(UnknownName, match="`archcalc devices` lists all"):
        device(written)


def test_a_dtype_without_a_figure_is_an_error_that_says_which_there_are() -> None:
    with pytest.raises(ArchcalcError) as error:
        device("rtx-4070").peak("float16")
    said = "rtx-4070 has no peak rate for float16; those that a source states: float64, float32"
    assert (str(error.value), error.value.about) == (said, "dtype")
    with pytest.raises(ArchcalcError, match="none at all"):
        device("epyc-7742").peak("float32")


def test_usable_memory_is_what_is_reported_less_the_context_of_a_process() -> None:
    """On other vendors' devices no context is taken off, and a processor's memory is not known."""
    for each in devices():
        if each.memory_bytes is None:
            assert each.usable_bytes is None
        else:
            assert each.usable_bytes == (each.reported_bytes or each.memory_bytes) - each.context_bytes
            assert each.context_bytes == (CONTEXT_BYTES if each.vendor == "NVIDIA" else 0)
    assert device("h100-sxm").usable_bytes == 84_942_979_072 - 400_000_000
    assert device("epyc-7742").usable_bytes is None
