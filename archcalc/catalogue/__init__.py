"""The catalogue of networks as data."""
