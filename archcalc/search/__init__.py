"""Searches on closed forms: values that meet a budget, scaling laws, ratios of networks, and sweeps."""
