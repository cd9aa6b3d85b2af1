"""Measurement of networks on a device, for comparison with the computed figures.

Time, memory and power are those of archcalc's own PyTorch models, run eagerly: one module for each op, none in place,
with PyTorch's initial weights and random images. PyTorch is needed, and for power nvidia-ml-py.
"""
