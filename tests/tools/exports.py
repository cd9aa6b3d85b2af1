"""SCALE-Sim and ZigZag themselves on exported files: what they count of a network, and what they simulate.

    python tests/tools/exports.py NAME [--tool scalesim] [--layout gemm] [--batch 2] [--simulate]

in an environment with archcalc, scalesim==3.0.0 and numpy<2, with which it simulates, or zigzag-dse==3.9.1 and six,
which it imports and does not require. Timeloop is no package: its programs are built from NVlabs/timeloop.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import io
import logging
import sys
import tempfile
from pathlib import Path
from typing import Any

from archcalc.exporters.export import Export, export

CONFIG = """[general]
run_name = run
[architecture_presets]
ArrayHeight: 32
ArrayWidth: 32
IfmapSramSzkB: 64
FilterSramSzkB: 64
OfmapSramSzkB: 64
IfmapOffset: 0
FilterOffset: 10000000
OfmapOffset: 20000000
Dataflow: ws
ReadRequestBuffer: 32
WriteRequestBuffer: 32
[layout]
IfmapCustomLayout: False
IfmapSRAMBankBandwidth: 10
IfmapSRAMBankNum: 10
IfmapSRAMBankPort: 2
FilterCustomLayout: False
FilterSRAMBankBandwidth: 10
FilterSRAMBankNum: 10
FilterSRAMBankPort: 2
[sparsity]
SparsitySupport: false
[run_presets]
InterfaceBandwidth: CALC
UseRamulatorTrace: False
"""


def saved(exported: Export, folder: Path) -> str:
    file = folder / ("network.csv" if exported.tool == "scalesim" else "network.yaml")
    exported.save(str(file))
    return str(file)


def inputs() -> Path:
    """The folder of accelerators and mappings that come with ZigZag."""
    spec = importlib.util.find_spec("zigzag")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "inputs"


def counted(exported: Export, layout: str, folder: Path) -> int:
    """The multiply-accumulates that the tool counts as it reads the file."""
    file = saved(exported, folder)
    if exported.tool == "scalesim":
        from scalesim.topology_utils import topologies

        topology = topologies()
        topology.load_arrays(file, mnk_inputs=layout == "gemm")
        return topology.get_all_mac_ops()
    from zigzag.stages.parser.workload_parser import WorkloadParserStage

    logging.disable(logging.WARNING)
    stage = WorkloadParserStage([WorkloadParserStage], workload=file, mapping=str(inputs() / "mapping/tpu_like.yaml"))
    return sum(node.total_mac_count for node in stage.parse_workload().node_list)


def simulated(exported: Export, layout: str, folder: Path) -> tuple[int, float]:
    """The multiply-accumulates of the layers that the tool simulates, and its cycles."""
    file = saved(exported, folder)
    if exported.tool == "scalesim":
        from scalesim.scale_sim import scalesim

        (folder / "config.cfg").write_text(CONFIG)
        (folder / "layout.csv").write_text("the layout of memories is not used\n")
        given: dict[str, Any] = {"config": str(folder / "config.cfg"), "layout": str(folder / "layout.csv")}
        tool = scalesim(save_disk_space=True, verbose=False, topology=file, input_type_gemm=layout == "gemm", **given)
        tool.run_scale(top_path=str(folder / "out"))
        layers = tool.runner.single_layer_sim_object_list
        return sum(layer.num_compute for layer in layers), sum(layer.total_cycles for layer in layers)
    from zigzag.api import get_hardware_performance_zigzag

    logging.disable(logging.CRITICAL)
    chosen = [str(inputs() / kind / "tpu_like.yaml") for kind in ("hardware", "mapping")]
    out = str(folder / "out")
    more: dict[str, Any] = {"lpf_limit": 5, "loma_show_progress_bar": False, "pickle_filename": f"{out}/kept.pickle"}
    _, cycles, results = get_hardware_performance_zigzag(file, *chosen, opt="latency", dump_folder=out, **more)[:3]
    return sum(result.layer.total_mac_count for result, _ in results[0][1]), cycles


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="+")
    parser.add_argument("--tool", choices=("scalesim", "zigzag"), default="scalesim")
    parser.add_argument("--layout", choices=("convolution", "gemm"), default="convolution")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--simulate", action="store_true")
    given = parser.parse_args()
    wrong = 0
    for name in given.names:
        exported = export(name, given.tool, given.layout, batch=given.batch, dtype="int8")
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
            found = counted(exported, given.layout, Path(folder))
            run, cycles = simulated(exported, given.layout, Path(folder)) if given.simulate else (found, None)
        wrong += {found, run} != {exported.mult_adds}
        said = "" if cycles is None else f", {run:,} simulated in {cycles:,.0f} cycles"
        print(f"{name}: {exported.mult_adds:,} mult-adds; {given.tool} counts {found:,}{said}")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
