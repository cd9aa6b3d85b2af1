"""The cost of a request, estimated from the request alone."""

from __future__ import annotations

from typing import Any, NamedTuple

from archcalc.service.calls import Call


class Estimate(NamedTuple):
    """The time that an answer takes on one core."""

    milliseconds: float | None
    """None if it is not known before the answer is computed."""
    reason: str = ""


def estimate(call: Call[..., Any], _request: Any) -> Estimate:
    """The estimated cost of a request."""
    return Estimate(None if call.heavy else 5.0)
