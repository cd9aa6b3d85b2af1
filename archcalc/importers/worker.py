"""The process that builds models of PyTorch by name and writes their exported programs: it runs the models' code.

It is started by `archcalc.importers.sources` for the command line and for Python, never for the service. Each line of
its standard input is a job: a JSON object with `kind`, `name`, `settings`, `input`, `output`, and the `folder` in which
names of files are meant.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import inspect
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from archcalc.base.errors import ArchcalcError
from archcalc.base.extras import need
from archcalc.importers.exporting import export, keep_compiled_ops_out

IMAGE = (3, 224, 224)


def main() -> None:
    """Do the jobs on the standard input, one a line; answer each with a line: empty, or why there is no program."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a model prints is no answer
    for line in sys.stdin:
        answers.write(f"{done(json.loads(line))}\n")
        answers.flush()


def done(job: Mapping[str, Any]) -> str:
    """Build, trace and write one model. Returns why that failed, in one line; empty if it did not."""
    try:
        os.chdir(job["folder"])
        module, inputs = build(job["kind"], job["name"], job["settings"], job["input"])
        parameters = _parameters(job["kind"], job["name"])
        try:
            program = export(module, inputs, parameters=parameters)
        except ArchcalcError:
            tokens = _tokens(job["kind"], job["input"])
            if tokens is None:
                raise
            program = export(module, tokens, parameters=parameters)
        Path(job["output"]).write_bytes(program)
    except ArchcalcError as error:
        said = str(error)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a model's code raises
        said = f"{type(error).__name__}: {error}"
    else:
        return ""
    text = " ".join(said.split())
    return text if text.startswith(job["name"]) else f"{job['name']}: {text}"


def _tokens(kind: str, shape: Sequence[int] | None) -> tuple[Any, ...] | None:
    """Token numbers as example inputs, where a model of one's own takes no vector: numbers of words, not features."""
    if kind not in ("file", "module") or shape is None or len(shape) != 1:
        return None
    torch = importlib.import_module("torch")
    return (torch.zeros(2, *shape, dtype=torch.long, device="meta"),)


def build(kind: str, name: str, settings: Mapping[str, Any], shape: Sequence[int] | None) -> tuple[Any, Any]:
    """A module without memory for its weights, and example inputs of a batch of two."""
    torch = need("torch", name, extra="import")
    keep_compiled_ops_out()
    builders: Mapping[str, Callable[..., tuple[Any, Any]]] = {
        "timm": _timm,
        "torchvision": _torchvision,
        "pytorchcv": _pytorchcv,
        "hf": _transformers,
    }
    if kind in builders:
        given = dict(settings) | ({"shape": shape} if kind == "timm" else {})
        module, own = _without_memory(torch, lambda: builders[kind](torch, name.partition(":")[2], dict(given)))
    else:
        module, own = _without_memory(torch, lambda: (_factory(torch, kind, name, settings), None))
    if shape is not None or own is None:
        if shape is None:
            raise ArchcalcError("give the shape of its input: --input 3x224x224", about="input")
        own = (torch.empty(2, *shape, device="meta"),)
    return module, own


def _without_memory(torch: Any, make: Callable[[], tuple[Any, Any]]) -> tuple[Any, Any]:
    """A module and its inputs on the meta device; one that reads values while it is built is moved there afterwards."""
    try:
        with torch.device("meta"):
            return make()
    except (NotImplementedError, RuntimeError) as error:
        if "meta" not in str(error):
            raise
    module, inputs = make()
    moved = torch.utils._pytree.tree_map_only(torch.Tensor, _to_meta, inputs)  # noqa: SLF001 - PyTorch names it so
    return module.to("meta"), moved


def _to_meta(tensor: Any) -> Any:
    return tensor.to("meta")


def _classes(settings: dict[str, Any], key: str) -> dict[str, Any]:
    if "classes" in settings:
        settings[key] = settings.pop("classes")
    return settings


def _timm(torch: Any, name: str, settings: dict[str, Any]) -> tuple[Any, Any]:
    timm: Any = importlib.import_module("timm")
    if not timm.is_model(name):
        raise ArchcalcError(f"timm has no model {name}{_nearest(name, timm.list_models())}", about="name")
    shape = settings.pop("shape")
    given = _classes(settings, "num_classes")
    module = timm.create_model(name, pretrained=False, **given)
    known: Any = module.pretrained_cfg
    size: Any = known["input_size"] if known and "input_size" in known else IMAGE
    if shape is not None and tuple(shape) != tuple(size):
        with contextlib.suppress(TypeError):  # a model without a size of its own
            module = timm.create_model(name, pretrained=False, img_size=tuple(shape[1:]), **given)
    return module, (torch.empty(2, *size),)


def _torchvision(torch: Any, name: str, settings: dict[str, Any]) -> tuple[Any, Any]:
    models: Any = importlib.import_module("torchvision.models")
    if name not in models.list_models():
        raise ArchcalcError(f"torchvision has no model {name}{_nearest(name, models.list_models())}", about="name")
    given = _classes(settings, "num_classes")
    if "segmentation" in models.get_model_builder(name).__module__:
        given["weights_backbone"] = None
    if name in ("googlenet", "inception_v3"):
        given.setdefault("init_weights", False)
    module = models.get_model(name, weights=None, **given)
    if ".video" in type(module).__module__:
        side = 224 if name.startswith(("mvit", "swin3d", "s3d")) else 112
        return module, (torch.empty(2, 3, 16, side, side),)
    return module, (torch.empty(2, *((3, 299, 299) if name == "inception_v3" else IMAGE)),)


def _pytorchcv(torch: Any, name: str, settings: dict[str, Any]) -> tuple[Any, Any]:
    provider: Any = importlib.import_module("pytorchcv.model_provider")
    known = list(provider._models)  # noqa: SLF001 - it has no public list
    if name not in known:
        raise ArchcalcError(f"pytorchcv has no model {name}{_nearest(name, known)}", about="name")
    module = provider.get_model(name, pretrained=False, **_classes(settings, "num_classes"))
    size = (getattr(module, "in_channels", 3), *getattr(module, "in_size", IMAGE[1:]))
    return module, (torch.empty(2, *size),)


def _transformers(torch: Any, path: str, settings: dict[str, Any]) -> tuple[Any, Any]:
    library: Any = importlib.import_module("transformers")
    data = json.loads(Path(path).read_text(encoding="utf-8"))
    kind = data.pop("model_type", "")
    length = settings.pop("length", 128)
    config = library.AutoConfig.for_model(kind, **data)
    for key, value in settings.items():
        setattr(config, key, value)
    names: Any = data.get("architectures") or []
    maker = getattr(library, names[0], None) if names else None
    module = maker(config) if maker is not None else library.AutoModel.from_config(config)
    module.config.use_cache = False
    main_input = getattr(module, "main_input_name", "input_ids")
    if main_input == "pixel_values":
        size: Any = getattr(config, "image_size", 224)
        sides: list[int] = [size, size] if isinstance(size, int) else list(size)
        return module, {"pixel_values": torch.empty(2, getattr(config, "num_channels", 3), *sides)}
    return module, {main_input: torch.zeros(2, int(length), dtype=torch.long)}


def _parameters(kind: str, name: str) -> dict[str, Any]:
    """The arguments of a factory of a Python module or file that have a plain default value."""
    if kind not in ("file", "module"):
        return {}
    value: Any = _object(kind, name, _changed(kind, name))
    try:
        every = inspect.signature(value).parameters.values()
    except (TypeError, ValueError):
        return {}
    plain = (bool, int, float, str)
    return {each.name: each.default for each in every if isinstance(each.default, plain)}


def _changed(kind: str, name: str) -> int:
    """The time of the last change of a model's file."""
    return Path(name.rpartition(":")[0]).stat().st_mtime_ns if kind == "file" else 0


@cache
def _object(kind: str, name: str, _changed: int) -> Any:
    """The object of a Python module or file, which is imported or run once for each change."""
    place, _, wanted = name.rpartition(":")
    if kind == "file":
        spec: Any = importlib.util.spec_from_file_location(Path(place).stem, place)
        sys.path.insert(0, str(Path(place).resolve().parent))
        found: Any = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(found)
    else:
        sys.path.insert(0, "")
        found = importlib.import_module(place)
    if not hasattr(found, wanted):
        raise ArchcalcError(f"{place} has nothing called {wanted}{_nearest(wanted, dir(found))}", about="name")
    return getattr(found, wanted)


def _factory(torch: Any, kind: str, name: str, settings: Mapping[str, Any]) -> Any:
    """The module that a factory of a Python module or file makes, or that it is."""
    value = _object(kind, name, _changed(kind, name))
    if isinstance(value, torch.nn.Module):
        return value.to("meta")
    module = value(**settings)
    if not isinstance(module, torch.nn.Module):
        raise ArchcalcError(f"{name} makes no torch.nn.Module, but {type(module).__name__}", about="name")
    return module.to("meta")


def _nearest(name: str, known: Sequence[str]) -> str:
    from archcalc.base.spelling import nearest

    near = nearest(name, known)
    return f"; did you mean {', '.join(near[:3])}?" if near else ""


if __name__ == "__main__":
    main()
