"""Closed and exact forms of a network."""
