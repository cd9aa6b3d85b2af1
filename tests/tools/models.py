"""Models that are not of the catalogue: public ones by name, and the small ones of `tests/torch_models.py`.

Tools are asked about the model itself, on the CPU, in evaluation mode, with one image; archcalc about its import.

    python tests/tools/models.py [--only NAME ...]

writes the exported programs of these models, or of some of them, as `tests/data/models.tar.xz`: the JSON that the
importer reads, without weights. With it the tests need no export, which takes a minute for some models.
"""

from __future__ import annotations

import argparse
import importlib
import io
import lzma
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import nn

TIMM = (
    *("resnet18", "resnet26d", "resnext26ts", "seresnet18", "ecaresnet26t", "resnetv2_18", "skresnet18"),
    *("vit_tiny_patch16_224", "deit_tiny_patch16_224", "cait_xxs24_224", "xcit_nano_12_p16_224"),
    *("eva02_tiny_patch14_224", "swin_tiny_patch4_window7_224", "swinv2_cr_tiny_224", "twins_pcpvt_small"),
    *("pvt_v2_b0", "levit_128s", "convnext_atto", "convnextv2_atto", "mixer_s32_224", "resmlp_12_224"),
    *("gmlp_ti16_224", "poolformer_s12", "poolformerv2_s12", "coatnet_nano_rw_224", "maxvit_rmlp_pico_rw_256"),
    *("coat_lite_tiny", "mobilenetv2_050", "mobilenetv3_small_050", "mobilevit_xxs", "mobileone_s0"),
    *("efficientnet_b0", "efficientnet_lite0", "ghostnet_050", "regnety_002", "densenet121", "inception_v3"),
    *("repvgg_a0", "edgenext_xx_small", "fastvit_t8", "nf_regnet_b0", "visformer_tiny", "efficientformer_l1"),
    *("efficientvit_b0", "tinynet_e", "hardcorenas_a"),
)
TORCHVISION = (
    *("alexnet", "squeezenet1_1", "mobilenet_v2", "mobilenet_v3_small", "shufflenet_v2_x0_5", "mnasnet0_5"),
    *("googlenet", "regnet_y_400mf", "swin_t", "swin_v2_t"),
)
PROGRAMS = Path(__file__).parents[1] / "data" / "models.tar.xz"
LATER = {
    *("parts in place", "sequences of a map", "weights of a batch norm"),
    "blocks with types and gradients of their own",
}
"""Small models that are newer than the record: the tools were not asked about them."""
MEMBER = "archcalc/models/model.json"


def names() -> list[str]:
    """All models: `timm:resnet18`, `torchvision:alexnet`, `case:residual`."""
    from torch_models import CASES

    cases = {name: case for name, case in CASES.items() if name not in LATER}
    single = [name for name, case in cases.items() if len(case.shapes) == 1 and not case.integers]
    return [
        *[f"timm:{name}" for name in TIMM],
        *[f"torchvision:{name}" for name in TORCHVISION],
        *[f"case:{name}" for name in single],
    ]


def made(name: str) -> tuple[nn.Module, torch.Tensor]:
    """A model with memory for its weights, which nothing fills, and an input of zeros."""
    for each in dir(nn.init):
        if each.endswith("_") and not each.startswith("_"):
            setattr(nn.init, each, lambda tensor, *_, **__: tensor)  # most of the time of making a model
    library, _, own = name.partition(":")
    if library == "case":
        from torch_models import CASES

        module, shape = CASES[own].make(), CASES[own].shapes[0]
    elif library == "timm":
        timm: Any = importlib.import_module("timm")
        module = timm.create_model(own, pretrained=False)
        shape = module.pretrained_cfg["input_size"]
    else:
        models: Any = importlib.import_module("torchvision.models")
        more = {"init_weights": False} if own == "googlenet" else {}
        module, shape = models.get_model(own, weights=None, **more), (3, 224, 224)
    return module.eval(), torch.zeros(1, *shape)


def exported(name: str) -> bytes:
    """The exported program of a model, as the importer of names has it."""
    from archcalc.importers.exporting import export
    from archcalc.importers.worker import build

    library, _, own = name.partition(":")
    if library == "case":
        from torch_models import CASES

        case = CASES[own]
        with torch.device("meta"):
            module = case.make().eval()
        return export(module, tuple([torch.empty(2, *shape, device="meta") for shape in case.shapes]))
    try:
        module, inputs = build(library, name, {}, None)
    except NotImplementedError:  # it computes its widths with tensors: not on the meta device
        module, x = made(name)
        module, inputs = module.to("meta"), (torch.empty(2, *x.shape[1:], device="meta"),)
    return export(module.eval(), inputs)


def graph_of(archive: bytes) -> bytes:
    """The JSON in a `.pt2` file."""
    with zipfile.ZipFile(io.BytesIO(archive)) as file:
        return file.read(MEMBER)


def archive_of(graph: bytes) -> bytes:
    """A `.pt2` file with a graph."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as file:
        file.writestr(MEMBER, graph)
    return target.getvalue()


def programs() -> dict[str, bytes]:
    """The graphs that are kept, by the names of their models."""
    with tarfile.open(PROGRAMS, "r:xz") as archive:
        return {
            member.name.replace("+", ":"): each.read() for member in archive if (each := archive.extractfile(member))
        }


def keep(graphs: dict[str, bytes]) -> None:
    """Write the graphs, in the order of the names, without dates."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        for name in [name for name in names() if name in graphs]:
            member = tarfile.TarInfo(name.replace(":", "+"))
            member.size = len(graphs[name])
            archive.addfile(member, io.BytesIO(graphs[name]))
    PROGRAMS.write_bytes(lzma.compress(plain.getvalue(), preset=9 | lzma.PRESET_EXTREME))


def subjects(kind: type[Any]) -> Iterator[Any]:
    """All models as subjects of the tools."""
    sys.path.append(str(Path(__file__).parents[1]))
    for library in ("timm", "torchvision.models"):
        importlib.import_module(library)  # once, not in the process of each model
    for name in names():
        yield kind("models", name, "model", {}, lambda n=name: made(n))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", default=[])
    given = parser.parse_args()
    sys.path.append(str(Path(__file__).parents[1]))
    graphs = programs() if PROGRAMS.exists() and given.only else {}
    for name in given.only or names():
        graphs[name] = graph_of(exported(name))
        print(name, len(graphs[name]), file=sys.stderr)
    keep(graphs)


if __name__ == "__main__":
    main()
