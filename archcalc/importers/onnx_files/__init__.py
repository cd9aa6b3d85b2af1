"""Networks from ONNX files: the graph is read as data, without the `onnx` package, and weights are never loaded.

Source: onnx.proto3 and the operators' definitions of ONNX 1.23 (opset 26), https://onnx.ai/onnx/operators.
"""

from __future__ import annotations

from archcalc.importers.onnx_files.network import onnx_file as onnx_file
from archcalc.importers.onnx_files.network import read_onnx as read_onnx
