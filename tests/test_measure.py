"""`archcalc measure`: what it measures, what it records, and what it does when things go wrong."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pages
import pytest
import torch
from click.testing import CliRunner
from fake_gpu import NAME, fake_gpu

from archcalc.analysis.cost import costs
from archcalc.analysis.memory import footprint
from archcalc.base.errors import ArchcalcError
from archcalc.base.extras import missing
from archcalc.cli import cli
from archcalc.evidence import measurements
from archcalc.evidence.measurements import Energy, MeasurementRecord, Times, plain, read, records, summary
from archcalc.execution import nvml
from archcalc.execution.device import lost
from archcalc.execution.model import Model
from archcalc.measure import network
from archcalc.measure.clock import LEAST, Clock
from archcalc.measure.network import measure
from archcalc.measure.page import page, write_page
from archcalc.measure.predicted import predicted
from archcalc.measure.runner import DIED, finished
from archcalc.measure.ways import choose, computing_in
from archcalc.present.measurements import milliseconds
from archcalc.validation.runner import validate_one
from archcalc.zoo import find

MISSING = f"not available: {missing('pynvml', 'NVML')}"

ROOT = Path(__file__).parent.parent
SMALL = "depthwise_separable_example"
QUICK = ("--batch", "1", "--precision", "float32", "--layout", "contiguous", "--seconds", "0.01")


def run(*args: str) -> tuple[int, str]:
    """Exit code and output of `archcalc measure`."""
    result = CliRunner().invoke(cli, ["measure", *args], standalone_mode=False)
    if isinstance(result.exception, ArchcalcError):
        return 2, str(result.exception)
    return result.exit_code, result.output


def ways(device: str = "cpu", *precisions: str, batches: tuple[int, ...] = (1, 2), training: bool = True) -> Any:
    return choose(device, batches, precisions or ("float32",), ("contiguous",), training, 0.01)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine is, nothing here takes too long."""
    monkeypatch.setattr(network, "PATIENCE", float("inf"))


@pytest.fixture(scope="module")
def on_the_fake_gpu() -> MeasurementRecord:
    """Two small networks, as a GPU would have been recorded whose memory is the CPU's."""
    with fake_gpu():
        found = [measure("lenet5", ways("cuda", "float32", "float16")), measure(SMALL, ways("cuda"))]
    settings = {"date": "2026-11-28", "python": "3.11.7", "versions": {"torch": "2.13.0"}, "settings": {}, "left": []}
    environment = {"driver": "1.2", "TF32": "off"}
    listed = json.loads(json.dumps([plain(each) for each in found]))
    return read({"device": f"CUDA ({NAME})", "environment": environment, "networks": listed, **settings})


# What is measured


def test_every_way_is_timed_or_says_why_not() -> None:
    found = measure("lenet5", choose("cpu", (1, 2), (), (), training=True, seconds=0.01))
    assert (found.input, found.params, found.mult_adds) == ((1, 32, 32), 60_000, 325_680)
    tried = {way[:3] for way in found.inference}
    assert tried == {
        (batch, precision, layout)
        for batch in (1, 2)
        for precision in ("float32", "float16", "bfloat16")
        for layout in ("contiguous", "channels_last")
    }
    assert {way[:3] for way in found.training} == {
        (batch, precision, optimizer)
        for batch in (1, 2)
        for precision in ("float32", "bfloat16")
        for optimizer in ("sgd_momentum", "adam")
    }
    for way in (*found.inference, *found.training):
        assert (way.time is None) == bool(way.reason)
        if way.time is not None:
            assert way.time.runs >= LEAST
            assert 0 < way.time.lower <= way.time.median <= way.time.upper
        assert way.memory is None  # of the CPU


def test_a_record_reads_back_as_it_was_written() -> None:
    found = measure("lenet5", ways())
    head: dict[str, Any] = {"date": "", "device": "cpu", "python": "", "versions": {}, "environment": {}}
    written = json.loads(json.dumps({**head, "settings": {}, "left": ["vgg16"], "networks": [plain(found)]}))
    assert read(written).networks == {"lenet5": found}
    assert read(written).left == ("vgg16",)


def test_precisions_compute_as_they_say() -> None:
    layer, data = torch.nn.Linear(4, 4), torch.ones(1, 4)
    dtypes: dict[str, torch.dtype] = {}
    for precision in ("float32", "float16", "bfloat16"):
        with torch.inference_mode(), computing_in(precision, "cpu"):
            dtypes[precision] = layer(data).dtype
    assert dtypes == {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}


def test_tf32_is_on_for_its_own_precision_alone() -> None:
    def allowed() -> tuple[bool, bool]:
        return torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32

    with fake_gpu():
        seen: dict[str, tuple[bool, bool]] = {}
        for precision in ("tf32", "float32", "tf32", "float16"):
            with computing_in(precision, "cuda"):
                seen[precision] = allowed()
    assert seen == {"tf32": (True, True), "float32": (False, False), "float16": (False, False)}


# The clock


def test_times_are_of_every_run_after_others_to_warm_up() -> None:
    """Of runs that take 1, 2, 3 ... units by the clock, the first warms up."""
    clock, taken = Clock("cpu"), iter(range(1, 100))
    clock.once = lambda run: (run(), next(taken))[1]  # type: ignore[method-assign]
    times = clock.times(lambda: None, 0.0)
    assert times == Times(3, 3, 2.5, 3.5)


def test_a_run_is_timed_until_the_device_has_done_it() -> None:
    """CUDA's events are in milliseconds, and are read after the second has happened."""
    calls: list[str] = []

    class Event:
        def __init__(self, enable_timing: bool) -> None:
            assert enable_timing

        def record(self) -> None:
            calls.append("record")

        def synchronize(self) -> None:
            calls.append("synchronize")

        def elapsed_time(self, _: Any) -> float:
            calls.append("elapsed")
            return 250.0

    clock = Clock("cuda", SimpleNamespace(Event=Event))
    assert clock.once(lambda: calls.append("run")) == 0.25
    assert calls == ["record", "run", "record", "synchronize", "elapsed"]
    begin = time.perf_counter()
    assert 0.02 <= Clock("cpu").once(lambda: time.sleep(0.02)) <= time.perf_counter() - begin


class Card:
    """A GPU of a steady power, whose counter moves ten times a second, let us say, and a clock that runs with it."""

    def __init__(self, watts: float, counts: bool = True) -> None:
        self.now, self.watts, self.counts = 1234.567, watts, counts

    def energy(self) -> float | None:
        return self.watts * (self.now // 0.1) / 10 if self.counts else None

    def power(self) -> float | None:
        return self.watts

    def run_for(self, seconds: float) -> Callable[[], None]:
        def run() -> None:
            self.now += seconds

        return run


@pytest.mark.parametrize("taken", [0.0007, 0.013, 0.09, 0.3])
@pytest.mark.parametrize("counts", [True, False])
def test_power_and_energy_of_a_run_are_a_steady_cards(
    monkeypatch: pytest.MonkeyPatch, taken: float, counts: bool
) -> None:
    """Of what lies between two moves of the counter; a window with fixed ends would be off by up to a quarter."""
    card = Card(300, counts)
    monkeypatch.setattr("archcalc.measure.clock.time", SimpleNamespace(perf_counter=lambda: card.now))
    found = Clock("cpu").energy(card.run_for(taken), card)
    assert found is not None
    assert found.watts == pytest.approx(300, rel=0.002 if taken < 0.001 else 0.1)
    assert found.joules == pytest.approx(found.watts * taken)
    assert found.seconds <= 2.4


def test_a_counter_that_stands_still_gives_no_power(monkeypatch: pytest.MonkeyPatch) -> None:
    card = Card(0)
    monkeypatch.setattr("archcalc.measure.clock.time", SimpleNamespace(perf_counter=lambda: card.now))
    assert Clock("cpu").energy(card.run_for(0.1), card) is None


def test_power_that_is_not_always_shown_is_the_mean_of_what_is(monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[int] = []
    shown = iter([100.0, None, *[300.0] * 10**6])
    meter = SimpleNamespace(energy=lambda: None, power=lambda: next(shown))
    monkeypatch.setattr("archcalc.measure.clock.time", SimpleNamespace(perf_counter=lambda: 0.004 * len(runs)))
    found = Clock("cpu").energy(lambda: runs.append(1), meter, 0.03)
    assert found is not None
    assert found.watts == pytest.approx((100 + 300 * (len(runs) - 2)) / (len(runs) - 1))
    assert found.joules == pytest.approx(found.watts * found.seconds / len(runs))


def test_without_a_meter_there_is_no_power() -> None:
    assert Clock("cpu").energy(lambda: None, SimpleNamespace(energy=lambda: None, power=lambda: None), 0.01) is None


# NVML


class NVMLError(Exception):
    """What NVML raises."""


def unsupported(*_: Any) -> Any:
    raise NVMLError("Not Supported")


def library(**others: Any) -> Any:
    """A management library for one GPU."""
    parts: dict[str, Any] = {
        "NVMLError": NVMLError,
        "NVML_CLOCK_SM": "sm",
        "NVML_CLOCK_MEM": "memory",
        "nvmlInit": lambda: None,
        "nvmlDeviceGetHandleByUUID": lambda uuid: {"GPU-1": "handle"}[uuid],
        "nvmlDeviceGetTotalEnergyConsumption": lambda _: 5000,
        "nvmlDeviceGetPowerUsage": lambda _: 70_500,
        "nvmlDeviceGetEnforcedPowerLimit": lambda _: 700_000,
        "nvmlSystemGetDriverVersion": lambda: "580.1",
        "nvmlDeviceGetClockInfo": lambda _, kind: {"sm": 345, "memory": 2619}[kind],
        "nvmlDeviceGetMaxClockInfo": lambda _, kind: {"sm": 1980, "memory": 2619}[kind],
    }
    return SimpleNamespace(**(parts | others))


@pytest.mark.parametrize("uuid", ["1", "GPU-1"])
def test_a_gpu_is_read_in_joules_watts_and_words(monkeypatch: pytest.MonkeyPatch, uuid: str) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", library())
    gpu = nvml.Gpu(uuid)
    assert (gpu.energy(), gpu.power()) == (5.0, 70.5)
    assert gpu.facts() == {
        "driver": "580.1",
        "SM clock": "345 MHz before the runs, 1980 MHz at most",
        "memory clock": "2619 MHz before the runs, 2619 MHz at most",
        "power limit": "700 W",
    }


def test_what_a_card_does_not_offer_is_not_available(monkeypatch: pytest.MonkeyPatch) -> None:
    absent = dict.fromkeys(("nvmlDeviceGetTotalEnergyConsumption", "nvmlDeviceGetEnforcedPowerLimit"), unsupported)
    monkeypatch.setitem(sys.modules, "pynvml", library(**absent))
    gpu = nvml.Gpu("GPU-1")
    assert (gpu.energy(), gpu.power()) == (None, 70.5)
    assert gpu.facts()["power limit"] == "not available"


@pytest.mark.parametrize(
    ("module", "why"), [(None, "pip install 'archcalc[measure]'"), (library(nvmlInit=unsupported), "Not Supported")]
)
def test_without_nvml_every_reading_says_why(monkeypatch: pytest.MonkeyPatch, module: Any, why: str) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", module)
    gpu = nvml.Gpu("GPU-1")
    assert (gpu.energy(), gpu.power()) == (None, None)
    assert why in gpu.facts()["NVML"]


# On a GPU, as far as that can be shown without one


def test_memory_on_a_gpu_is_no_less_than_what_the_network_holds(on_the_fake_gpu: MeasurementRecord) -> None:
    """Before a run there are weights and images; at its peak, all values that are alive at once as well."""
    for name, found in on_the_fake_gpu.networks.items():
        graph = find(name).graph(None, {})
        ours: Any = footprint(graph, costs(graph))
        state = sum(tensor.nbytes for tensor in Model(graph).state_dict().values())
        for way in found.inference:
            memory = way.memory
            assert memory is not None
            assert memory.before <= memory.between_ops <= memory.requested <= memory.allocated
            if way.precision == "float32":
                images = 4 * way.batch * math.prod(found.input)
                assert memory.before == state + images
                assert memory.between_ops - memory.before >= ours.peak_inference * 4 * way.batch - images


def test_a_training_step_holds_gradients_and_its_optimizers_state(on_the_fake_gpu: MeasurementRecord) -> None:
    """SGD with momentum keeps a value for every parameter from step to step, Adam two; and 4 bytes for every tensor."""
    found = on_the_fake_gpu.networks[SMALL]
    model = Model(find(SMALL).graph(None, {}))
    state = sum(tensor.nbytes for tensor in model.state_dict().values())
    weights = list(model.parameters())
    held = {way[:3]: way.memory for way in found.training}
    sgd, adam = held[1, "float32", "sgd_momentum"], held[1, "float32", "adam"]
    assert sgd is not None
    assert adam is not None
    assert sgd.before == state + 4 * math.prod(found.input) + 2 * sum(each.nbytes for each in weights)
    assert adam.before - sgd.before == sum(each.nbytes + 4 for each in weights)
    assert sgd.between_ops > sgd.before


def test_validation_on_a_gpu_compares_the_allocators_peaks() -> None:
    with fake_gpu():
        (outcome,) = validate_one("resnet20_cifar", "cuda", ("memory",)).outcomes
    assert outcome.status == "agrees"
    peaks = [figures for name, figures in outcome.figures.items() if name.startswith("allocator for")]
    assert len(peaks) == 2
    for figures in peaks:
        assert 0 < figures["values"] <= figures["between operators"] <= figures["requested"]
        assert figures["requested"] <= figures["max_memory_allocated"]


def inline(names: list[str], plan: Any) -> Any:
    """Tasks in this process, where the GPU that is not there is seen."""
    plan.prepare()
    for name in names:
        yield name, plan.work(name)


def test_the_command_records_a_gpu_with_what_is_set_on_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archcalc.execution.processes.run", inline)
    file = tmp_path / "gpu.json"
    options = ("--batch", "1", "--precision", "float32", "--precision", "tf32", "--layout", "contiguous")
    with fake_gpu():
        code, said = run(
            "lenet5", "--device", "cuda", *options, "--seconds", "0.01", "--autotune", "--record", str(file)
        )
    kept = read(json.loads(file.read_text()))
    assert code == 0
    assert f"Inference on CUDA ({NAME})" in said
    assert "Memory and power" not in said
    assert f"Power: {MISSING}." in " ".join(said.split())
    assert "workspace" in said
    assert kept.environment["TF32"] == "on in the precision tf32 alone"
    assert kept.environment["cuDNN autotuning"] == "on"
    assert kept.environment["NVML"] == MISSING
    assert kept.device == f"CUDA ({NAME})"
    assert [way[:2] for way in kept.networks["lenet5"].inference] == [(1, "float32"), (1, "tf32")]
    assert f"On CUDA ({NAME}), {kept.date}: 1 network measured." in (tmp_path / "README.md").read_text()


def test_validation_records_a_gpu_with_what_is_set_on_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archcalc.execution.processes.run", inline)
    file = tmp_path / "gpu.json"
    options = ["validate", "lenet5_dense", "--device", "cuda", "--checks", "parameters,field,memory"]
    with fake_gpu():
        result = CliRunner().invoke(cli, [*options, "--record", str(file)])
    (network_,) = json.loads(file.read_text())["networks"]
    assert result.exit_code == 0
    assert json.loads(file.read_text())["environment"]["TF32"] == "off"
    ran_on = {outcome["check"]: outcome["against"].rpartition(" on ")[2] for outcome in network_["checks"]}
    assert ran_on == {"parameters": f"CUDA ({NAME})", "field": "cpu", "memory": f"CUDA ({NAME})"}


@pytest.mark.parametrize(
    ("error", "is_lost"),
    [
        ("AcceleratorError: CUDA error: an illegal memory access was encountered", True),
        ("RuntimeError: CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`", False),
        ("OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.", False),
    ],
)
def test_a_gpu_is_lost_by_its_own_errors_and_not_for_lack_of_memory(error: str, is_lost: bool) -> None:
    assert lost(error) == is_lost


def test_the_page_of_a_gpu_has_time_memory_and_what_was_left_out(on_the_fake_gpu: MeasurementRecord) -> None:
    said = page([on_the_fake_gpu])
    assert f"On CUDA ({NAME}), 2026-11-28: 2 networks measured." in said
    assert "Nothing is measured on CUDA" not in said
    assert "driver 1.2" in said
    lenet = on_the_fake_gpu.networks["lenet5"]
    (first, *_) = lenet.inference
    assert first.time is not None
    assert f"| lenet5 | {milliseconds(first.time.median)} |" in said
    assert "### Latency of inference, contiguous" in said
    assert "### Memory" in said
    assert "adam, float32 x 2" in said
    assert "### Memory, predicted and measured" in said
    ours, requested = predicted(lenet, first), first.memory.requested if first.memory else 0
    assert f"| lenet5 | inference, float32 x {first.batch} | {ours / 1e6:,.1f} | {requested / 1e6:,.1f} |" in said  # type: ignore[operator]
    assert "### Power" not in said
    assert "Power: not available from this card through NVML." in said
    assert "### Left out" not in said


def test_power_is_in_the_page_where_it_was_read(on_the_fake_gpu: MeasurementRecord) -> None:
    found = on_the_fake_gpu.networks["lenet5"]
    first, *others = found.inference
    measured = found._replace(inference=(first._replace(energy=Energy(312.4, 0.5, 0.5)), *others))
    said = page([on_the_fake_gpu._replace(networks={"lenet5": measured})])
    assert "### Power" in said
    assert "| lenet5 | 312 (500) |" in said
    assert "not available" not in said


# What goes wrong


def test_out_of_memory_and_a_missing_kernel_are_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    true = network.images

    def failing(shape: Any, batch: int, layout: str, device: str) -> Any:
        if batch == 2:
            raise torch.OutOfMemoryError("CUDA out of memory.\nTried to allocate 2.00 GiB.")
        return true(shape, batch, layout, device)

    monkeypatch.setattr(network, "images", failing)
    found = measure("lenet5", ways())
    failed = {way[0]: way.reason for way in (*found.inference, *found.training)}
    assert failed == {1: "", 2: "OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB."}
    assert finished(plain(found))


def test_a_network_that_cannot_be_built_says_why_of_every_way(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(*_: Any) -> Any:
        raise NotImplementedError("no kernel")

    monkeypatch.setattr(network, "Model", absent)
    found = measure("lenet5", ways())
    assert {way.reason for way in (*found.inference, *found.training)} == {"NotImplementedError: no kernel"}
    assert len(found.inference) == 2


def test_a_lost_gpu_is_tried_again_when_a_record_is_gone_on_with() -> None:
    found = measure("lenet5", ways(training=False))
    first, *others = found.inference
    for reason in (DIED, "RuntimeError: CUDA error: an illegal memory access was encountered"):
        lost = found._replace(inference=(first._replace(time=None, reason=reason), *others))
        assert not finished(plain(lost))
    assert finished(plain(found))


def test_on_the_cpu_what_takes_too_long_or_does_not_fit_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Times(3, 0.06, 0.06, 0.06)
    monkeypatch.setattr(network, "PATIENCE", 10)
    monkeypatch.setattr(Clock, "times", lambda *_: slow)
    _, second = measure("lenet5", ways(training=False)).inference
    assert second.reason == "one run would take longer than 10 times the seconds that are timed"
    monkeypatch.setattr(network, "free_memory", lambda _: 1)
    assert {way.reason for way in measure("lenet5", ways()).inference} == {"it needs about 0.0 GiB, and 0.0 are free"}


def die(name: str, ways: Any) -> Any:
    """What a process does that the operating system kills."""
    if name == "lenet5":
        os._exit(9)
    return measure(name, ways)


def test_a_process_that_dies_is_an_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archcalc.measure.runner._measure", die)
    file = tmp_path / "cpu.json"
    code, said = run("lenet5", "lenet5_dense", *QUICK, "--no-training", "--record", str(file))
    kept = read(json.loads(file.read_text()))
    assert code == 0
    assert [way.reason for way in kept.networks["lenet5"].inference] == [DIED]
    assert kept.networks["lenet5_dense"].inference[0].time is not None
    assert f"Left out once: {DIED}." in said


# The command


def test_tables_say_what_was_measured_and_records_are_the_same_in_csv_and_json(tmp_path: Path) -> None:
    file = tmp_path / "cpu.json"
    code, said = run("lenet5", *QUICK, "--record", str(file))
    kept = json.loads(file.read_text())
    assert code == 0
    assert "Inference on cpu" in said
    assert "Training steps on cpu" in said
    assert "Memory and power: not available on the CPU." in said
    assert kept["kind"] == "measured"
    assert kept["settings"]["batches"] == [1]
    assert kept["versions"]["torch"] == torch.__version__
    assert set(kept["environment"]) == {"processor", "cores", "threads"}
    assert "Nothing is measured on CUDA yet" in (tmp_path / "README.md").read_text()
    code, said = run("--resume", str(file), *QUICK, "--format", "csv")
    lines = list(csv.DictReader(io.StringIO(said.partition("wrote ")[0])))
    assert code == 0
    timed = [way["time"] for each in kept["networks"] for way in (*each["inference"], *each["training"])]
    assert [float(line["median_s"]) for line in lines] == [time["median"] for time in timed]
    assert [line["run"] for line in lines] == ["inference", "training", "training"]


def test_a_time_limit_leaves_networks_and_resume_goes_on(tmp_path: Path) -> None:
    file = tmp_path / "cpu.json"
    quick = (*QUICK, "--no-training")
    code, said = run("lenet5", "lenet5_dense", *quick, "--record", str(file), "--time-limit", "0.001")
    assert code == 1
    assert f"2 networks were not reached in 0.001 seconds; continue with --resume {file}" in said
    assert json.loads(file.read_text())["left"] == ["lenet5", "lenet5_dense"]
    code, said = run("--resume", str(file), "--batch", "4", "--no-training")
    assert code == 2
    assert "the record has settings" in said
    code, _ = run("--resume", str(file), *quick)
    kept = json.loads(file.read_text())
    assert code == 0
    assert ([each["name"] for each in kept["networks"]], kept["left"]) == (["lenet5", "lenet5_dense"], [])


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((), "measure takes names, or --all"),
        (("vgg16", "--all"), "measure takes names, or --all"),
        (("vgg61",), "nearest"),
        (("vgg16", "--device", "meta"), "the meta device runs nothing"),
        (("vgg16", "--device", "tpu"), "no device is called 'tpu'"),
        (("vgg16", "--precision", "tf32"), "TF32 is a format of NVIDIA's GPUs"),
        (("vgg16", "--precision", "float61"), "nearest: float16"),
        (("vgg16", "--layout", "NCHW"), "there are contiguous, channels_last"),
        (("vgg16", "--record", "nowhere/at/all.json"), "there is no folder"),
        (("--resume", "nowhere.json"), "nowhere.json cannot be read"),
    ],
)
def test_bad_input_is_said_before_any_work(args: tuple[str, ...], message: str) -> None:
    code, said = run(*args)
    assert code == 2
    assert message in said


@pytest.mark.parametrize(
    "option", [("--batch", "0"), ("--seconds", "nan"), ("--time-limit", "nan"), ("--seconds", "0")]
)
def test_numbers_that_are_none_or_out_of_range_are_refused(option: tuple[str, str]) -> None:
    result = CliRunner().invoke(cli, ["measure", "lenet5", *option])
    assert result.exit_code == 2


@pytest.mark.skipif(torch.cuda.is_available(), reason="a CUDA device is here")
def test_cuda_that_is_not_there_is_said() -> None:
    assert run("lenet5", "--device", "cuda") == (
        2, f"no CUDA device is available: torch {torch.__version__} finds none; use --device cpu"
    )  # fmt: skip


# What is kept


def test_the_documentation_says_of_measurements_what_the_records_say() -> None:
    assert summary(records()) in pages.words()


def test_the_committed_page_is_what_its_records_make() -> None:
    assert (ROOT / "reports" / "measured" / "README.md").read_text() == page(records())


def test_another_readme_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# Mine\n")
    assert write_page(tmp_path) is None
    assert (tmp_path / "README.md").read_text() == "# Mine\n"


def test_without_a_folder_nothing_is_measured(tmp_path: Path) -> None:
    assert measurements.records(tmp_path / "nowhere") == ()
    assert summary(()) == "Nothing is measured on CUDA yet: there is no record of a CUDA device."
