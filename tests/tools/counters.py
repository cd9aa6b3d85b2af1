"""How each counting tool is asked, and what of its answer is kept. Every function runs in its tool's own environment.

Totals are whole numbers as the tool returns them, under the tool's own words; `by` splits them by operator or by class
of module. Nothing is computed here that the tool does not say, except these sums over its own parts.
"""

from __future__ import annotations

import importlib.util
import io
import math
import re
import sys
import warnings
from collections import Counter
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import torch
from torch import nn

Answer = dict[str, Any]


class Tool(NamedTuple):
    """A counting tool."""

    distribution: str
    """The package whose version is recorded."""
    unit: str
    """What it prints beside the number."""
    quantity: str
    """The key of its answer that is its headline number."""
    count: Callable[[nn.Module, torch.Tensor], Answer]


def whole(value: Any) -> int:
    """A count as an int. Raises ValueError if it is a fraction."""
    number = value.item() if hasattr(value, "item") else value
    if int(number) != number:
        raise ValueError(f"{number!r} is no whole number")
    return int(number)


def wholes(counts: Any) -> dict[str, int]:
    """Counts by name, without zeros, sorted by name."""
    found = {str(name): whole(value) for name, value in counts.items()}
    return {name: found[name] for name in sorted(found) if found[name]}


def by_fvcore(model: nn.Module, x: torch.Tensor) -> Answer:
    from fvcore.nn import FlopCountAnalysis, parameter_count

    analysis: Any = FlopCountAnalysis(model, x)
    analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False).tracer_warnings("none")  # noqa: FBT003
    return {
        "flops": whole(analysis.total()),
        "params": whole(parameter_count(model)[""]),
        "by": wholes(analysis.by_operator()),
        "unsupported": wholes(analysis.unsupported_ops()),
    }


def by_torch(model: nn.Module, x: torch.Tensor) -> Answer:
    from torch.utils.flop_counter import FlopCounterMode

    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        model(x)
    operators = {str(name): value for name, value in counter.get_flop_counts().get("Global", {}).items()}
    return {"flops": counter.get_total_flops(), "by": wholes(operators)}


def by_ptflops(backend: str) -> Callable[[nn.Module, torch.Tensor], Answer]:
    def count(model: nn.Module, x: torch.Tensor) -> Answer:
        from ptflops import get_model_complexity_info

        log = io.StringIO()
        with torch.no_grad():
            macs, params = get_model_complexity_info(
                model,
                tuple(x.shape[1:]),
                input_constructor=lambda _: x,
                as_strings=False,
                print_per_layer_stat=False,
                backend=backend,
                ost=log,
            )
        if macs is None:
            raise RuntimeError("it returned None")
        return {"macs": whole(macs), "params": whole(params)}

    return count


def by_thop(model: nn.Module, x: torch.Tensor) -> Answer:
    import thop

    total, params, parts = thop.profile(model, inputs=(x,), verbose=False, ret_layer_info=True)
    classes: Counter[str] = Counter()

    def leaves(parts: Any, module: nn.Module) -> None:
        for name, (macs, _, inner) in parts.items():
            child = getattr(module, name)
            if inner:
                leaves(inner, child)
            else:
                classes[type(child).__name__] += whole(macs)

    leaves(parts, model)
    return {"macs": whole(total), "params": whole(params), "by": wholes(classes)}


def by_torchinfo(model: nn.Module, x: torch.Tensor) -> Answer:
    from torchinfo import summary

    found: Any = summary(model, input_data=x, verbose=0)
    classes: Counter[str] = Counter()
    for layer in found.summary_list:
        if layer.is_leaf_layer:
            classes[layer.class_name] += layer.macs
    return {
        "mult_adds": whole(found.total_mult_adds),
        "params": whole(found.total_params),
        "trainable": whole(found.trainable_params),
        "input_bytes": whole(found.total_input),
        "forward_backward_bytes": whole(found.total_output_bytes),
        "param_bytes": whole(found.total_param_bytes),
        "by": wholes(classes),
    }


def by_torchsummary(model: nn.Module, x: torch.Tensor) -> Answer:
    """Bytes from the shapes that it prints: what it prints of them itself is rounded, in MB of 1024^2 bytes."""
    from torchsummary import summary

    printed = io.StringIO()
    with torch.no_grad(), redirect_stdout(printed):
        summary(model, tuple(x.shape[1:]), device="cpu")
    text = printed.getvalue()
    shapes = re.findall(r"^ *\w+-\d+ +\[-1, ([\d, ]+)\] +[\d,]+$", text, re.MULTILINE)
    size = 8 * sum(math.prod(map(int, shape.split(", "))) for shape in shapes)
    if f"Forward/backward pass size (MB): {size / 1024**2:.2f}\n" not in text:
        raise ValueError(f"{size} is not what it prints")
    return {"forward_backward_bytes": size}


def by_torchscan(model: nn.Module, x: torch.Tensor) -> Answer:
    from torchscan import crawl_module

    report: Any = crawl_module(model, args=(x,))
    totals = report["totals"]
    answer: Answer = {}
    for name in ("macs", "module_flops", "operator_flops", "dmas", "parameters"):
        value = totals[name]["known_value"] if totals[name].get("value") is None else totals[name]["value"]
        answer[{"parameters": "params", "module_flops": "flops"}.get(name, name)] = value
    answer["status"] = {name: totals[name]["status"] for name in ("macs", "module_flops", "operator_flops")}
    for key, metric in (("by", "macs"), ("by_flops", "module_flops")):
        classes: Counter[str] = Counter()
        for layer in report["layers"]:
            classes[layer["type"]] += layer["metrics"].get(metric, {}).get("known_value") or 0
        answer[key] = wholes(classes)
    return answer


def by_torchprofile(model: nn.Module, x: torch.Tensor) -> Answer:
    from torchprofile import profile_macs

    with warnings.catch_warnings(record=True) as caught, torch.no_grad():
        warnings.simplefilter("always")
        nodes: Any = profile_macs(model, x, reduction=None)
    operators: Counter[str] = Counter()
    for node, macs in nodes.items():
        operators[node.operator] += macs
    said = (str(each.message) for each in caught)
    skipped = sorted({text.split('"')[1] for text in said if text.startswith("No handlers found")})
    return {"macs": whole(sum(nodes.values())), "by": wholes(operators), "skipped": skipped}


def by_calflops(model: nn.Module, x: torch.Tensor) -> Answer:
    from calflops import calculate_flops

    note: Answer = {}
    if next(model.parameters(), None) is None:
        model.register_parameter("unused", nn.Parameter(torch.zeros(1)))
        note = {"note": "with one unused parameter; without any it raises StopIteration"}
    with torch.no_grad():
        flops, macs, params = calculate_flops(
            model, input_shape=tuple(x.shape), output_as_string=False, print_results=False, print_detailed=False
        )
    return {"flops": whole(flops), "macs": whole(macs), "params": whole(params), **note}


def by_deepspeed(model: nn.Module, x: torch.Tensor) -> Answer:
    from deepspeed.profiling.flops_profiler import get_model_profile

    with torch.no_grad():
        flops, macs, params = get_model_profile(
            model, args=[x], print_profile=False, detailed=False, warm_up=0, as_string=False
        )
    return {"flops": whole(flops), "macs": whole(macs), "params": whole(params)}


def by_bianco(checkout: Path) -> Callable[[nn.Module, torch.Tensor], Answer]:
    """The counter of CeLuigi/models-comparison.pytorch, from a copy of that repository."""

    def count(model: nn.Module, x: torch.Tensor) -> Answer:
        sys.modules.setdefault("munch", ModuleType("munch")).munchify = None  # type: ignore[attr-defined]
        spec: Any = importlib.util.spec_from_file_location("bianco", checkout / "pretrainedmodels/utils.py")
        utils: Any = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(utils)
        counted = utils.add_flops_counting_methods(model)
        counted.start_flops_count()
        with torch.no_grad():
            counted(x)
        flops = counted.compute_average_flops_cost()
        counted.stop_flops_count()
        return {"flops": whole(flops)}

    return count


def first_line(error: BaseException) -> str:
    """An exception as one line, without paths."""
    text = (str(error).strip().splitlines() or [""])[0]
    words = [word if not word.startswith("/") else Path(word).name for word in text.split(" ")]
    return f"{type(error).__name__}: {' '.join(words)}"[:200]


def tools(checkouts: Path | None = None) -> dict[str, Tool]:
    """All tools that count PyTorch models; Bianco's only where its repository is at hand."""
    found = {
        "fvcore": Tool("fvcore", "flops, one a multiply-accumulate", "flops", by_fvcore),
        "torch": Tool("torch", "FLOPs, two a multiply-accumulate", "flops", by_torch),
        "ptflops pytorch": Tool("ptflops", "GMac", "macs", by_ptflops("pytorch")),
        "ptflops aten": Tool("ptflops", "GMac", "macs", by_ptflops("aten")),
        "thop": Tool("thop", "MACs", "macs", by_thop),
        "ultralytics-thop": Tool("ultralytics-thop", "MACs", "macs", by_thop),
        "torchinfo": Tool("torchinfo", "mult-adds", "mult_adds", by_torchinfo),
        "torchsummary": Tool("torchsummary", "MB", "forward_backward_bytes", by_torchsummary),
        "torchscan": Tool("torchscan", "MACs; FLOPs; DMAs", "macs", by_torchscan),
        "torchprofile": Tool("torchprofile", "MACs", "macs", by_torchprofile),
        "calflops": Tool("calflops", "FLOPS and MACs", "macs", by_calflops),
        "deepspeed": Tool("deepspeed", "FLOPS and MACs", "macs", by_deepspeed),
    }
    if checkouts is not None and (checkouts / "models-comparison.pytorch").is_dir():
        folder = checkouts / "models-comparison.pytorch"
        found["bianco"] = Tool("", "GFLOPs, halved by the script that calls it", "flops", by_bianco(folder))
    return found
