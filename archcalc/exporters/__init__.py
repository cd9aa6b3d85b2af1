"""Networks as workloads of tools that model hardware, one module for each format: the mirror of `archcalc.importers`.

Every file that is written sums to the mult-adds of the network, to the unit, by the formula of the tool that reads it.
"""
