"""Running networks as PyTorch models: the model of a graph, the device, the processes that it runs in, its records.

Validation and measuring stand on this. Nothing else in archcalc runs a network.
"""
