"""Running networks as PyTorch models: the model of a graph, devices, processes, and records of runs.

Validation and measurement use this package. Nothing else in archcalc runs a network.
"""
