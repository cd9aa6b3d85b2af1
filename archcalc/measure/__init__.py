"""Measuring networks on a device: what the analytic figures stand beside.

Time, memory and power of archcalc's own PyTorch models, run eagerly: one module an op, none in place, weights as
PyTorch draws them, images drawn at random. It needs PyTorch, and for power nvidia-ml-py.
"""
