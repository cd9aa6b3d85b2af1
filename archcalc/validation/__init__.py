"""Cross-checks of archcalc's numbers against independent computations.

Each check is a module with a function `check(subject) -> Outcome`. The checks need PyTorch; the checks `fvcore` and
`references` also need fvcore and the reference libraries.
"""
