"""Foreign models as networks: exported programs, ONNX files and layer lists."""
