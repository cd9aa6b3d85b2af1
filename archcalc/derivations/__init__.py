"""Derivations: for every kind of op the general formulas of its numbers, and how a teacher works them out.

The formulas are data in the language of `archcalc.algebra.expressions`, each with its source, written down apart from
the ops: that both agree is a law over the whole catalogue.
"""
