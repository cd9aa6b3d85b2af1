"""Generated from proto/archcalc/v1/archcalc.proto by tests/generate.py; not to be edited."""
