"""How long tests wait for what should happen.

A bound only ends a test that would hang; what works is done long before it, on a busy machine too.
"""

HANGS = 300
"""Seconds after which a process or a call hangs."""
FOR_EVER = 3600
"""Seconds that a call is given which must outlive others."""
