"""Conversion of results and arguments to messages and back, field by field, with a module for each group.

`fields` has the kinds of fields; tests check that every result is equal after the conversion to a message and back.
"""
