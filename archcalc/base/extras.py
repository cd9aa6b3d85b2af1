"""Packages that only some commands need: the extra of archcalc that installs each, and the error if one is missing.

`pip install archcalc` installs the command line and the counting; `pip install 'archcalc[plot]'` also the packages for
plots.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from sys import modules
from typing import Any

from archcalc.base.errors import MissingTool

PACKAGES = {
    "connectrpc": ("connectrpc", "web"),
    "cryptography": ("cryptography", "serve"),
    "distributed": ("distributed", "dask"),
    "font_source_sans_pro": ("font-source-sans-pro", "plot"),
    "fvcore": ("fvcore", "validate"),
    "google.protobuf": ("protobuf", "serve"),
    "grpc": ("grpcio", "serve"),
    "grpc_health": ("grpcio-health-checking", "serve"),
    "grpc_reflection": ("grpcio-reflection", "serve"),
    "grpc_status": ("grpcio-status", "serve"),
    "matplotlib": ("matplotlib", "plot"),
    "numpy": ("numpy", "sweep"),
    "opentelemetry.exporter.otlp.proto.grpc": ("opentelemetry-exporter-otlp-proto-grpc", "otel"),
    "opentelemetry.exporter.otlp.proto.http": ("opentelemetry-exporter-otlp-proto-http", "otel"),
    "opentelemetry.instrumentation.asgi": ("opentelemetry-instrumentation-asgi", "otel"),
    "opentelemetry.instrumentation.grpc": ("opentelemetry-instrumentation-grpc", "otel"),
    "opentelemetry.sdk": ("opentelemetry-sdk", "otel"),
    "pandas": ("pandas", "pandas"),
    "prometheus_client": ("prometheus-client", "serve"),
    "pyarrow": ("pyarrow", "sweep"),
    "pygraphviz": ("pygraphviz", "picture"),
    "pynvml": ("nvidia-ml-py", "measure"),
    "pytorchcv": ("pytorchcv", "validate"),
    "sympy": ("sympy", "sympy"),
    "timm": ("timm", "validate"),
    "torch": ("torch", "validate"),
    "torchvision": ("torchvision", "validate"),
    "typst": ("typst", "report"),
    "uvicorn": ("uvicorn", "web"),
    "yaml": ("PyYAML", "yaml"),
}
"""For every module that the base install may lack: its package, and the extra of `pyproject.toml` that installs it."""


def installed(module: str) -> bool:
    """Return True if a module of `PACKAGES` is installed; it is not imported."""
    if modules.get(module) is not None:
        return True
    try:
        return find_spec(module) is not None
    except (ModuleNotFoundError, ValueError):  # its parent package is missing, or its import is blocked
        return False


def missing(module: str, subject: str, *, extra: str = "", otherwise: str = "") -> MissingTool:
    """The error for a module that is not installed: `plot needs matplotlib, ...: pip install 'archcalc[plot]'`.

    `extra` is another extra that installs the package, `otherwise` an alternative for the message.
    """
    package, usual = PACKAGES[module]
    sentence = f"{subject} needs {package}, which is not installed: pip install 'archcalc[{extra or usual}]'"
    return MissingTool(f"{sentence}{otherwise}")


def need(module: str, subject: str, *, extra: str = "", otherwise: str = "") -> Any:
    """Import a module of `PACKAGES`. Raises MissingTool, as `missing` words it, if it is not installed."""
    if not installed(module):
        raise missing(module, subject, extra=extra, otherwise=otherwise)
    return import_module(module)
