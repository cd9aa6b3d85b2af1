"""Latency: the kernels that run a network, and their times on a device by a roofline."""
