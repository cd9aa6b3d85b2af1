"""Design spaces: sets of networks as data, their sizes, the points in them, and what is found in them.

A space has axes, constraints on them, and the network that is built at a point: see `archcalc.spaces.space`.
"""
