"""Results and arguments as messages and back: one module for each group of them, field by field.

`fields` has the kinds of fields; a test holds every result to the law that it comes back equal.
"""
