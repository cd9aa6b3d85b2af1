"""Analyses of a graph: costs, receptive fields and memory of its nodes. The formulas of layers are in the ops."""
