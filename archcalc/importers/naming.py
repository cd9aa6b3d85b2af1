"""Names of foreign models: prefixes of libraries, suffixes of files, `module:factory`."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import Any

LIBRARIES: Mapping[str, str] = {
    "timm": "timm",
    "torchvision": "torchvision",
    "pytorchcv": "pytorchcv",
    "hf": "transformers",
}
"""The package of each prefix of a name."""

SUFFIXES: Mapping[str, str] = {
    ".pt2": "program",
    ".onnx": "onnx",
    ".toml": "toml",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".json": "keras",
    ".prototxt": "caffe",
}
"""The kind of each file that is read as data."""


def kind_of(name: str) -> str:
    """The kind of source that a name stands for: a library, `file`, `module`, or one of `SUFFIXES`; else empty.

    >>> kind_of("timm:resnet50"), kind_of("net.py:make"), kind_of("model.pt2"), kind_of("resnet50")
    ('timm', 'file', 'program', '')
    """
    prefix, colon, rest = name.partition(":")
    if colon and prefix in LIBRARIES and rest:
        return prefix
    for suffix, kind in SUFFIXES.items():
        if name.lower().endswith(suffix):
            return kind
    if re.fullmatch(r".+\.py:[^:]+", name):
        return "file"
    return "module" if re.fullmatch(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*", name) else ""


def is_module(value: object) -> bool:
    """Return True if something is a PyTorch module; PyTorch is not imported for it."""
    torch: Any = sys.modules.get("torch")
    return torch is not None and hasattr(torch, "nn") and isinstance(value, torch.nn.Module)
