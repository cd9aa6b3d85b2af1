"""How long tests wait for what should happen.

A bound only ends a test that would hang; what works is done long before it, on a busy machine too.
"""

import time
from typing import Any

HANGS = 300
"""Seconds after which a process or a call hangs."""
FOR_EVER = 3600
"""Seconds that a call is given which must outlive others."""


def settles(holds: Any, within: float = HANGS) -> bool:
    """Return True if something becomes true before long."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.02)
    return bool(holds())
