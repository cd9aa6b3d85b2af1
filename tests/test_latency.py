"""Kernels and times: FLOPs and bytes agree with other counts, times follow a device, and errors are what is stated."""

from __future__ import annotations

import csv
import json
import lzma
import statistics
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from archcalc import Request, analyze, latency, zoo
from archcalc.analysis.latency.kernels import Kernel, forward_kernels, step_kernels
from archcalc.analysis.latency.roofline import kernel_time, roof
from archcalc.analysis.quantities import Basis, totals
from archcalc.base.errors import ArchcalcError
from archcalc.hardware.devices import device, devices
from archcalc.hardware.efficiency import efficiencies, efficiency_of
from archcalc.training import PRECISIONS, Training

DATA = Path(__file__).parent / "data"
SOME = ("vgg16", "resnet50", "mobilenet_v1", "efficientnet_b0", "densenet121", "swin_t", "convnext_tiny", "googlenet")
FAMILIES = sorted({each.file: each.name for each in zoo.networks()}.values())


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("compiled", [False, True])
def test_kernels_have_all_products_of_the_network(name: str, compiled: bool) -> None:
    """The FLOPs of the kernels of a batch are two for each mult-add of its images."""
    graph = Request.of(name).graph
    kernels = forward_kernels(graph, 3, PRECISIONS["float32"], compiled=compiled)
    assert sum(each.flops for each in kernels) == 2 * 3 * analyze(name).totals.mult_adds


@pytest.mark.parametrize("name", FAMILIES)
def test_eager_kernels_move_what_every_op_reads_and_writes(name: str) -> None:
    """Operator by operator, in one type, bytes are those of the quantity `bytes_moved`, which is counted elsewhere."""
    request = Request.of(name, batch=2)
    if any(node.op.kind == "window_attention" for node in request.graph.nodes):
        pytest.skip("attention in windows moves more than its inputs and output")
    moved = sum(each.bytes for each in forward_kernels(request.graph, 2, PRECISIONS["float32"]))
    twice = _read_twice(request)
    assert moved == totals(Basis.of(request), ("bytes_moved",)).bytes_moved - twice


def _read_twice(request: Request) -> int:
    """Bytes of inputs that an op takes twice, which a kernel reads once."""
    graph = request.graph
    total = 0
    for node, facts in zip(graph.nodes, graph.facts, strict=True):
        if facts.memory.shares == "never":
            for source in node.inputs[: len(node.inputs) - len(set(node.inputs))]:
                elements: Any = graph.facts[source].elements
                total += elements * 2 * 4
    return total


@pytest.mark.parametrize("name", SOME)
def test_joined_kernels_are_fewer_and_move_less(name: str) -> None:
    """What torch.compile joins is moved once: fewer kernels, fewer bytes, the same products."""
    graph = Request.of(name).graph
    for precision in ("float32", "amp_fp16"):
        eager = forward_kernels(graph, 8, PRECISIONS[precision])
        compiled = forward_kernels(graph, 8, PRECISIONS[precision], compiled=True)
        assert len(compiled) < len(eager)
        assert sum(each.bytes for each in compiled) < sum(each.bytes for each in eager)


def test_a_convolution_with_norm_and_activation_is_two_kernels() -> None:
    """By hand: the convolution writes its map, one kernel reads it and writes what the activation gives."""
    kernels = forward_kernels(Request.of("vgg11_bn").graph, 1, PRECISIONS["float32"], compiled=True)
    first = 64 * 224 * 224 * 4
    assert [each.kind for each in kernels[:3]] == ["conv", "pointwise", "conv"]
    assert kernels[0].activation_bytes == 3 * 224 * 224 * 4 + first
    assert kernels[0].weight_bytes == (64 * 3 * 9 + 64) * 4
    assert kernels[1].activation_bytes == first + first // 4  # the max pool is joined too
    assert kernels[1].weight_bytes == 4 * 64 * 4


def test_residual_sums_join_the_norm_before_them() -> None:
    """A residual sum is computed in one kernel with the norm before it, and the last pool with the last sum."""
    eager = forward_kernels(Request.of("resnet18").graph, 1, PRECISIONS["float32"])
    compiled = forward_kernels(Request.of("resnet18").graph, 1, PRECISIONS["float32"], compiled=True)
    products = [each for each in eager if each.kind != "pointwise"]
    assert [each.flops for each in compiled if each.flops] == [each.flops for each in products]
    # 17 convolutions on the main path are followed by one kernel each; a shortcut's norm is computed with the sum
    assert sum(each.kind == "pointwise" for each in compiled) == 17


@pytest.mark.parametrize("name", ["resnet50", "mobilenet_v1", "swin_t"])
def test_training_has_the_products_of_the_backward_pass(name: str) -> None:
    """The FLOPs of the phases are those that `archcalc memory` states for a step."""
    from archcalc import memory

    phases = step_kernels(Request.of(name).graph, 4, PRECISIONS["amp_fp16"], Training())
    work = memory(name, batch=4).work
    assert sum(each.flops for each in phases["forward"]) == work.forward
    assert sum(each.flops for each in phases["backward"]) == work.backward


def test_time_follows_the_device() -> None:
    """Twice the peak and twice the bandwidth take half the time; more of one of them never takes longer."""
    kernels = forward_kernels(Request.of("resnet50").graph, 64, PRECISIONS["amp_fp16"])
    base = device("rtx-4090")
    assert base.bandwidth
    shares = efficiency_of(base)

    def total(peak: float, bandwidth: float) -> float:
        peaks = {dtype: int(rate * peak) for dtype, rate in base.peaks.items()}
        own = base._replace(peaks=peaks, bandwidth=int((base.bandwidth or 0) * bandwidth))
        on = roof(own, PRECISIONS["amp_fp16"], shares)
        times = [kernel_time(each, on) for each in kernels]
        return sum(max(each.compute, each.memory) for each in times if each.bound != "launch")

    assert total(0.25, 0.25) == pytest.approx(2 * total(0.5, 0.5), rel=0.02)
    assert total(2, 1) <= total(1, 1) >= total(1, 2)


def test_a_kernel_is_bound_by_what_takes_most() -> None:
    """Launches bound kernels without work; arithmetic and bytes are each what they would take alone."""
    base = device("rtx-4090")
    on = roof(base, PRECISIONS["amp_fp16"], efficiency_of(base))
    assert kernel_time(Kernel(0, "pointwise", 0, 8, 0, 1, 1), on).bound == "launch"
    assert kernel_time(Kernel(0, "matmul", 10**12, 8, 0, 4096, 4096), on).bound == "compute"
    assert kernel_time(Kernel(0, "matmul", 10**6, 10**9, 0, 4096, 4096), on).bound == "memory"
    both = kernel_time(Kernel(0, "matmul", 10**12, 10**9, 0, 4096, 4096), on)
    assert max(both.compute, both.memory) < both.total < both.compute + both.memory


@pytest.mark.parametrize("task", ["inference", "training"])
@pytest.mark.parametrize("name", ["resnet50", "swin_t", "efficientnet_b0"])
def test_parts_of_a_statement_add_up(name: str, task: str) -> None:
    """Layers, bounds and kinds each add up to the whole time, FLOPs and bytes."""
    found = latency(name, device="rtx-3090", batch=64, precision="amp_fp16", task=task)
    for parts in (found.layers, found.bounds, found.kinds):
        assert sum(each.seconds for each in parts) == pytest.approx(found.seconds)
        assert sum(each.kernels for each in parts) == sum(each.kernels for each in found.layers)
    assert sum(each.flops for each in found.layers) == found.flops
    assert sum(each.bytes for each in found.layers) == found.bytes
    assert found.images_per_second == pytest.approx(64 / found.seconds)
    json.dumps(found.to_dict())


@pytest.mark.parametrize(
    ("table", "given"),
    [
        ("infer-amp-nchw-pt240-cu124-rtx4090", {"device": "rtx-4090"}),
        ("infer-amp-nhwc-pt240-cu124-rtx3090", {"device": "rtx-3090", "layout": "nhwc"}),
        ("infer-amp-nchw-pt291-cu130-5090-dynamo", {"device": "rtx-5090", "runtime": "compiled"}),
        ("infer-fp32-nchw-pt240-cpu-i7_12700h-dynamo", {"device": "i7-12700h"}),
        ("train-amp-nchw-pt112-cu113-rtx3090", {"device": "rtx-3090", "task": "training"}),
    ],
)
def test_published_times_are_met_as_the_statement_says(table: str, given: dict[str, Any]) -> None:
    """Answers are off from the published table by no more than they state, in the median and for 90 %."""
    with lzma.open(DATA / "throughput.csv.xz", "rt", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["table"] == table and row["network"]]
    assert len(rows) > 90
    precision = "float32" if "fp32" in table else "amp_fp16"
    off: list[float] = []
    stated = next(each for each in efficiencies() if each.table == table)
    for row in rows:
        size = int(row["size"])
        fast = "dynamo" not in table and row["network"].startswith("convnext")  # timm's option --fast-norm
        asked = {"input": (3, size, size), "batch": int(row["batch"]), "precision": precision, "fast_norms": fast}
        found = latency(row["network"], **asked, **given)
        assert found.error.table == table
        off.append(abs(float(row["images_per_second"]) / found.images_per_second - 1))
    assert statistics.median(off) <= 1.1 * stated.median_error
    assert sorted(off)[int(0.9 * len(off))] <= 1.1 * stated.p90_error


def test_every_gpu_with_figures_has_an_answer_with_its_error() -> None:
    """Devices without a table take the means of others, and say so."""
    for each in devices():
        if each.kind != "gpu" or each.bandwidth is None or "float16" not in each.peaks:
            continue
        found = latency("resnet18", device=each, batch=128, dtype="float16")
        measured = each.key in {row.device for row in efficiencies()}
        assert (found.error.of_device, found.error.of_others) == (measured, not measured)
        assert 0 < found.error.median < found.error.p90
        assert found.seconds * found.peak > found.flops, "no device is faster than its peak"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"device": "rtx-pro-6000-max-q", "dtype": "float16"}, "rtx-pro-6000-max-q has no peak rate for float16"),
        (
            {"device": "rtx-4090", "runtime": "compiled", "layout": "nhwc"},
            "no measured table of inference, compiled nhwc",
        ),
        ({"device": "i7-12700h", "runtime": "eager"}, "no measured table of inference, eager nchw, on processors"),
        ({"device": "rtx-4090", "task": "sleeping"}, "no task is called 'sleeping'; there are inference, training"),
        ({"device": "a100"}, "a100 is one of several devices"),
        ({"device": "rtx-4090", "dtype": "int8"}, "time is not stated in int8"),
        ({"device": "rtx-3090", "task": "training", "checkpoint": 1}, "computes parts twice (checkpoints)"),
    ],
)
def test_what_was_not_measured_is_an_error(given: dict[str, Any], said: str) -> None:
    """Nothing is filled in from another type, layout or runtime."""
    with pytest.raises(ArchcalcError) as caught:
        latency("resnet18", **given)
    assert said in str(caught.value)


def test_the_command_says_what_it_expects() -> None:
    """Time, throughput, bounds and expected error stand in the answer; its CSV has the same figures."""
    args = ["latency", "resnet50", "--device", "rtx-4090", "--batch", "256", "--precision", "amp_fp16"]
    from archcalc.cli.latency import latency_command

    shown = CliRunner().invoke(latency_command, args[1:])
    assert shown.exit_code == 0, shown.output
    assert "images per second" in shown.output
    assert "Expected error: half of the predictions" in shown.output
    table = CliRunner().invoke(latency_command, [*args[1:], "--layers", "--format", "csv"])
    rows = [*csv.DictReader(table.output.splitlines())]
    assert sum(float(row["seconds"]) for row in rows) == pytest.approx(
        latency("resnet50", device="rtx-4090", batch=256, precision="amp_fp16").seconds
    )


def test_networks_and_devices_stand_beside_one_another() -> None:
    """Several networks and devices give a line each, with the figures of single answers."""
    from archcalc.cli.latency import latency_command

    given = ["--batch", "64", "--dtype", "float16", "--format", "csv"]
    shown = CliRunner().invoke(latency_command, ["resnet18", "vgg11", "--device", "t4", "--device", "l4", *given])
    assert shown.exit_code == 0, shown.output
    rows = [*csv.DictReader(shown.output.splitlines())]
    assert [(row["architecture"], row["device"]) for row in rows] == [
        (name, device) for name in ("resnet18", "vgg11") for device in ("t4", "l4")
    ]
    for row in rows:
        alone = latency(row["architecture"], device=row["device"], batch=64, dtype="float16")
        assert float(row["seconds"]) == pytest.approx(alone.seconds)


def test_accuracy_against_time_has_the_times_of_single_answers(tmp_path: Path) -> None:
    """The points of the plot are at the seconds for an image that `latency` states, and it needs a device."""
    from archcalc.cli.plots import plot_command

    file = tmp_path / "points.csv"
    given = ["--device", "rtx-4090", "--batch", "128", "--precision", "float16", "-o", str(file)]
    shown = CliRunner().invoke(plot_command, ["accuracy-latency", *given])
    assert shown.exit_code == 0, shown.output
    rows = [*csv.DictReader(file.read_text(encoding="utf-8").splitlines())]
    assert len(rows) > 10
    for row in rows[::5]:
        alone = latency(row["architecture"], device="rtx-4090", batch=128, dtype="float16")
        assert float(row["seconds_per_image"]) == pytest.approx(alone.seconds / 128, abs=1e-9)
        assert (row["device"], row["batch"], row["precision"]) == ("rtx-4090", "128", "float16")
    failed = CliRunner().invoke(plot_command, ["accuracy-latency", "-o", str(file)])
    assert isinstance(failed.exception, ArchcalcError)
    assert "takes one --device" in str(failed.exception)


@pytest.mark.parametrize(
    ("vendor", "remarks"),
    [("", ["No vendor of own"]), ("AMD", ["No device like own"]), ("NVIDIA", [])],
)
def test_what_was_measured_is_said_of_a_vendor_without_measurements_and_of_none(
    vendor: str, remarks: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "own.toml"
    lines = [f'vendor = "{vendor}"'] * bool(vendor)
    lines += ['kind = "gpu"', 'bandwidth = "936 GB/s"', 'peaks = { float16 = "71 TFLOPS" }']
    path.write_text("\n".join(lines), encoding="utf-8")
    said = latency("alexnet", device=path, batch=64, dtype="float16").remarks
    assert [" ".join(each.split()[:4]) for each in said if each.startswith("No ")] == remarks
