"""Memory of training steps and inferences of public models, as PyTorch keeps it: the record of an oracle.

`python tests/benchmarks/step_memory.py --record FILE [--processes N] [NETWORK...]` builds models of torchvision and
timm without weights and runs them on fake tensors, on the CPU and, if PyTorch is built with CUDA and there is a
compiler, on CUDA, each network in a process of its own. FILE gets a line of JSON for each step; what is there is not
done again. `--pack FILE` writes the record of FILE into tests/data/step_memory.json.xz.

A line has the network as archcalc spells it, input, batch, precision, device, optimizer and implementation; `depth` is
"off" where stochastic depth was set to 0. Of what `training_step` and `inference` of tests/live_storages.py return:
bytes before by kind, after the forward pass, of gradients, and the peak of each phase with its operator, how many
came before it, and the bytes by kind. A line with `optimizers` has the last phase alone for each optimizer: bytes of
its state and the peak of its step. A line with `flops` has those of the forward and of the backward pass, and
how many of the latter PyTorch's counter has too many.
"""

from __future__ import annotations

import argparse
import json
import lzma
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parent.parent))

import torch
from live_storages import (
    FUSED,
    IMPLEMENTATIONS,
    OPTIMIZERS,
    PRECISIONS,
    Peak,
    fake_cuda,
    fake_tensors,
    faked,
    flops,
    inference,
    optimizer_steps,
    targets,
    training_step,
)
from torch import nn
from torch._subclasses.fake_tensor import unset_fake_temporarily

from archcalc.importers.exporting import keep_compiled_ops_out

PACKED = Path(__file__).parent.parent / "data" / "step_memory.json.xz"
NETWORKS = {
    "torchvision": (
        *("alexnet", "vgg11", "vgg16_bn", "resnet18", "resnet50", "resnext50_32x4d", "wide_resnet50_2", "densenet121"),
        *("squeezenet1_0", "squeezenet1_1", "googlenet", "inception_v3", "mobilenet_v2", "mobilenet_v3_small"),
        *("mobilenet_v3_large", "shufflenet_v2_x1_0", "mnasnet1_0", "efficientnet_b0", "efficientnet_v2_s"),
        *("regnet_y_400mf", "regnet_x_400mf", "convnext_tiny", "vit_b_16", "swin_t", "swin_v2_t", "maxvit_t"),
        *("fcn_resnet50", "deeplabv3_mobilenet_v3_large", "lraspp_mobilenet_v3_large"),
    ),
    "timm": (
        *("mixer_s32_224", "resmlp_12_224", "gmlp_ti16_224", "poolformer_s12", "deit_tiny_patch16_224"),
        *("vit_tiny_patch16_224", "xcit_nano_12_p16_224", "cait_xxs24_224", "edgenext_xx_small", "mobilevit_xxs"),
        *("ghostnet_100", "hrnet_w18_small", "dla34", "res2net50_26w_4s", "skresnet18", "ecaresnet26t", "dm_nfnet_f0"),
        *("nf_resnet50", "vgg11_bn", "legacy_xception", "xception41", "nasnetalarge", "repvgg_a0", "coatnet_0_rw_224"),
        *("convmixer_768_32", "levit_128s", "tiny_vit_5m_224", "efficientformer_l1", "davit_tiny", "fastvit_t8"),
        *("convnext_atto", "pit_ti_224", "resnetv2_50", "inception_v4", "cspresnet50", "rexnet_100", "selecsls42b"),
        *("mobilenetv4_conv_small", "darknet53", "volo_d1_224", "twins_svt_small", "pvt_v2_b0", "crossvit_tiny_240"),
        *("beit_base_patch16_224",),
    ),
}
BATCHES = (2, 8, 32)
DEFAULT = {"cpu": "forloop", "cuda": "foreach"}
"""The implementation of an optimizer that PyTorch takes."""
Line = dict[str, Any]


def names() -> list[str]:
    """The networks: first one of each kind."""
    columns = [[f"{library}:{name}" for name in each] for library, each in NETWORKS.items()]
    longest = max(map(len, columns))
    return [column[number] for number in range(longest) for column in columns if number < len(column)]


def depth_of(model: nn.Module) -> list[nn.Module]:
    """The modules of a network that leave out branches by chance."""
    random = [each for each in model.modules() if type(each).__name__ in ("DropPath", "StochasticDepth")]
    return [each for each in random if getattr(each, "drop_prob", None) or getattr(each, "p", None)]


def built(network: str, device: str, *, depth: bool) -> tuple[nn.Module, tuple[int, ...], Line]:
    """A model of fake tensors, the shape of an image, and what it has of chance in training."""
    from archcalc.importers.worker import build

    with unset_fake_temporarily():
        module, (example,) = build(network.partition(":")[0], network, {}, None)
    random = depth_of(module)
    dropout = any(isinstance(each, nn.Dropout) and each.p for each in module.modules())
    if not depth:
        for each in random:
            setattr(each, "drop_prob" if hasattr(each, "drop_prob") else "p", 0.0)
    return faked(module, device), tuple(example.shape[1:]), {"dropout": dropout, "stochastic_depth": bool(random)}


def peak(each: Peak) -> list[Any]:
    found = asdict(each)
    kinds = {kind: size for kind, size in found["kinds"].items() if size}
    return [each.bytes, each.operator.removeprefix("aten."), each.index, kinds]


def optimizer_of(model: nn.Module, name: str, implementation: str) -> torch.optim.Optimizer:
    return OPTIMIZERS[name](model.parameters(), **IMPLEMENTATIONS[implementation])


def settings(device: str, *, more: bool) -> Iterator[tuple[int, str, str, str]]:
    """Batch, precision, optimizer and implementation of each step: the first ones, or the others."""
    own = DEFAULT[device]
    if not more:
        for precision in ("float32", "amp_bf16"):
            for batch in BATCHES:
                yield batch, precision, "sgd_momentum", own
        return
    if device == "cuda":
        yield 8, "amp_fp16", "sgd_momentum", own
    yield 8, "float32", "adamw", own
    yield 8, "amp_bf16", "adamw", own
    yield 8, "bfloat16", "sgd_momentum", own


def key(line: Line) -> tuple[Any, ...]:
    return tuple(
        line.get(each) for each in ("network", "device", "depth", "batch", "precision", "optimizer", "implementation")
    )


class Subject:
    """A network on a device, and an optimizer, which are made when they are first asked for."""

    def __init__(self, network: str, device: str, *, depth: bool) -> None:
        self.network, self.device, self.depth = network, device, depth
        self.made: dict[Any, Any] = {}

    def model(self, dtype: torch.dtype) -> tuple[nn.Module, tuple[int, ...], Line]:
        if dtype not in self.made:
            model, shape, chance = built(self.network, self.device, depth=self.depth)
            if dtype != torch.float32:
                model = _to(model, dtype, self.device)
            self.made[dtype] = model, shape, {"input": list(shape), **chance}
        return self.made[dtype]

    def data(self, dtype: torch.dtype, batch: int) -> tuple[torch.Tensor, Any]:
        if (dtype, batch) not in self.made:
            model, shape, _ = self.model(dtype)
            data = torch.empty(batch, *shape, dtype=dtype, device=self.device)
            self.made[dtype, batch] = data, targets(model, data)
        return self.made[dtype, batch]

    def optimizer(self, dtype: torch.dtype, name: str, implementation: str) -> torch.optim.Optimizer:
        known = (dtype, name, implementation)
        if known not in self.made:
            self.made[known] = optimizer_of(self.model(dtype)[0], name, implementation)
        return self.made[known]

    def step(self, batch: int, precision: str, name: str, implementation: str) -> Line:
        dtype = PRECISIONS[precision][0]
        model, _, about = self.model(dtype)
        data, target = self.data(dtype, batch)
        step = training_step(model, data, target, self.optimizer(dtype, name, implementation), precision)
        line = about | {"before": dict(step.before), "after_forward": step.after_forward, "gradients": step.gradients}
        line |= {phase: peak(each) for phase, each in step.peaks.items()}
        if name == "sgd_momentum":
            model.zero_grad()
            line["inference"] = peak(inference(model, data, precision))
        return line

    def optimizers(self) -> Line:
        model, _, about = self.model(torch.float32)
        model.zero_grad()
        makers = {
            f"{name}/{how}": partial(optimizer_of, model, name, how)
            for name in OPTIMIZERS
            for how in IMPLEMENTATIONS
            if how != "fused" or name in FUSED
        }
        found = optimizer_steps(model, *self.data(torch.float32, 8), makers)
        model.zero_grad()
        return about | {"optimizers": {name: [state, peak(each)] for name, (state, each) in found.items()}}

    def flops(self) -> Line:
        model, _, about = self.model(torch.float32)
        return about | {"flops": flops(model, *self.data(torch.float32, 2))}


def lines(network: str, device: str, done: set[tuple[Any, ...]], *, depth: bool, more: bool) -> Iterator[Line]:
    """The lines of a network on a device that are not done."""
    subject = Subject(network, device, depth=depth)
    jobs: list[tuple[Line, Callable[[], Line]]] = []
    for batch, precision, optimizer, implementation in settings(device, more=more):
        line = {"batch": batch, "precision": precision, "optimizer": optimizer, "implementation": implementation}
        jobs.append((line, partial(subject.step, batch, precision, optimizer, implementation)))
    if more:
        jobs.append(({"batch": 8, "precision": "float32", "optimizer": "all"}, subject.optimizers))
    elif device == "cpu":
        jobs.append(({"batch": 2, "precision": "float32", "optimizer": "flops"}, subject.flops))
    for about, job in jobs:
        line = {"network": network, "device": device, "depth": "as built" if depth else "off"} | about
        if key(line) in done:
            continue
        try:
            line |= job()
        except Exception as error:  # noqa: BLE001 - whatever a model raises is written down
            line["failed"] = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
        yield line


def _to(model: nn.Module, dtype: torch.dtype, device: str) -> nn.Module:
    """`model.to(dtype)`, which does not take fake tensors."""
    for module in model.modules():
        for tensors in (module._parameters, module._buffers):
            for name, tensor in tensors.items():
                if tensor is not None and tensor.is_floating_point():
                    other = torch.empty_strided(tensor.shape, tensor.stride(), dtype=dtype, device=device)
                    tensors[name] = nn.Parameter(other) if isinstance(tensor, nn.Parameter) else other  # type: ignore[assignment]
    return model


def record(network: str, devices: list[str], file: Path, done: set[tuple[Any, ...]], *, more: bool) -> None:
    """Write the lines of a network that are not done; the first ones without stochastic depth."""
    warnings.simplefilter("ignore")
    for device in devices:
        with fake_tensors(device):
            depth = not depth_of(built(network, device, depth=True)[0])
            found = [lines(network, device, done, depth=depth, more=more)]
            if more and not depth:
                found.append(lines(network, device, done, depth=True, more=False))
            for line in chain(*found):
                with file.open("a", encoding="utf-8") as out:
                    out.write(json.dumps(line) + "\n")


def versions() -> Line:
    import timm
    import torchvision

    return {each.__name__: each.__version__ for each in (torch, torchvision, timm)}


def pack(file: Path) -> None:
    """Write a record into the tests' data, a line each, sorted."""
    every = {key(line): line for line in map(json.loads, file.read_text(encoding="utf-8").splitlines())}
    text = json.dumps({"versions": versions()}) + "\n"
    text += "".join(json.dumps(every[each], separators=(",", ":")) + "\n" for each in sorted(every, key=str))
    PACKED.write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))


def run(wanted: list[str], devices: list[str], file: Path, processes: int, *, more: bool) -> None:
    """Record each network in a process of its own."""
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    done = {key(line) for line in map(json.loads, text.splitlines())}
    running: dict[int, str] = {}

    def wait() -> None:
        child, status = os.wait()
        print(f"{running.pop(child)}: {'failed' if status else 'done'}", flush=True)

    for network in wanted:
        if len(running) == processes:
            wait()
        child = os.fork()
        if not child:
            status = 1
            try:
                record(network, devices, file, done, more=more)
                status = 0
            except Exception as error:  # noqa: BLE001
                print(f"{network}: {type(error).__name__}: {' '.join(str(error).split())[:300]}", flush=True)
            os._exit(status)
        running[child] = network
    while running:
        wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--record", type=Path)
    parser.add_argument("--pack", type=Path)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("networks", nargs="*")
    given = parser.parse_args()
    keep_compiled_ops_out()
    torch.set_num_threads(1)
    versions()
    if given.record:
        os.nice(10)
        devices = ["cpu"]
        if torch.backends.cuda.is_built():
            fake_cuda()
            devices.append("cuda")
        for more in (False, True):
            run(given.networks or names(), devices, given.record, given.processes, more=more)
    if given.pack:
        pack(given.pack)


if __name__ == "__main__":
    main()
