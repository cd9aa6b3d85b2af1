"""Cross-checks: archcalc's numbers against what this project did not compute itself.

Each check is a module with one idea and a function `check(subject) -> Outcome`. They need PyTorch; fvcore and the
reference libraries only for the checks of those names.
"""
