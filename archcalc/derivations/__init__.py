"""Derivations: the general formulas of every kind of op, worked out step by step as a teacher would.

The formulas are data in the language of `archcalc.algebra.expressions`, each with its source, and independent of the
code that counts: tests check over the whole catalogue that both agree.
"""
