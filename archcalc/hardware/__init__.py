"""Devices that networks run on: memory, bandwidth and peak rates, each with its source."""
