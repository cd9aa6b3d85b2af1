"""Errors as google.rpc.Status with details, and back: the client raises the error that the server raised."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import grpc
from google.rpc import code_pb2, error_details_pb2, status_pb2

from archcalc.base.cancellation import Cancelled
from archcalc.base.errors import ArchcalcError, MissingTool, TooCostly, UnknownName
from archcalc.v1 import archcalc_pb2 as contract

DOMAIN = "archcalc"
DETAILS = "grpc-status-details-bin"
LONGEST, LONGEST_NAME = 2000, 100
"""The most characters of a message and of a name."""

METADATA = 7000
"""The most bytes of a status in the metadata of a response, of which clients accept 8 KiB."""
SHORT = 100

CODES = {code.value[0]: code for code in grpc.StatusCode}
OURS = (code_pb2.INVALID_ARGUMENT, code_pb2.NOT_FOUND, code_pb2.FAILED_PRECONDITION, code_pb2.OUT_OF_RANGE)
"""Codes whose message is that of an ArchcalcError."""


class Refused(ArchcalcError):
    """A request that does not fit the contract, although its bytes do; `about` is the field."""


class ServerError(ArchcalcError):
    """The server did not answer: it cannot be reached, is too busy, or failed."""


def status(code: int, message: str, *details: Any) -> status_pb2.Status:
    """A status with its details."""
    shown = message if len(message) <= LONGEST else message[: LONGEST - 3] + "..."
    result = status_pb2.Status(code=code, message=shown)
    for detail in details:
        result.details.add().Pack(detail)
    return result


def too_costly(seconds: float, most: float, why: str) -> status_pb2.Status:
    """The status of a request that would take more seconds than the server allows; `why` says what it consists of."""
    message = (
        f"an answer would take about {seconds:,.0f} seconds ({why}), and this server allows {most:,.0f}: ask about "
        "fewer networks, points or settings at a time, or compute it on a machine of your own"
    )
    return status(code_pb2.INVALID_ARGUMENT, message, _reason("TOO_COSTLY"))


def retry_after(seconds: int) -> error_details_pb2.RetryInfo:
    """The detail of a refusal that says when to ask again."""
    result = error_details_pb2.RetryInfo()
    result.retry_delay.seconds = seconds
    return result


def fitting(failure: status_pb2.Status) -> status_pb2.Status:
    """A status whose text and details fit into the metadata of a response, if need be with a shorter text or without
    details.
    """
    while _metadata_size(failure) > METADATA:
        shorter = status_pb2.Status(code=failure.code, message=failure.message)
        if failure.details and len(failure.message) <= SHORT:
            failure = shorter
            continue
        shorter.message = failure.message[: len(failure.message) // 2] + "..."
        for detail in failure.details:
            if not detail.Is(error_details_pb2.BadRequest.DESCRIPTOR):
                shorter.details.add().CopyFrom(detail)
                continue
            found = error_details_pb2.BadRequest()
            detail.Unpack(found)
            for violation in found.field_violations:
                violation.description = shorter.message
            shorter.details.add().Pack(found)
        failure = shorter
    return failure


def _metadata_size(failure: status_pb2.Status) -> int:
    """The bytes of a status in metadata: its text percent-encoded, and itself in base 64."""
    return 3 * len(failure.message.encode()) + (4 * failure.ByteSize()) // 3


def of_error(error: Exception, place: Callable[[str], str]) -> status_pb2.Status | None:  # noqa: PLR0911
    """The status of an error, or None for an unexpected one; `place` turns its `about` into a field of the request."""
    if isinstance(error, Cancelled):
        return status(code_pb2.CANCELLED, "the request was cancelled")
    if isinstance(error, MemoryError):
        return status(code_pb2.RESOURCE_EXHAUSTED, "the answer takes more memory than there is")
    if isinstance(error, MissingTool):
        return status(code_pb2.FAILED_PRECONDITION, str(error), _reason("MISSING_TOOL"))
    if isinstance(error, UnknownName):
        return status(
            code_pb2.NOT_FOUND,
            str(error),
            error_details_pb2.ResourceInfo(resource_type=error.kind, resource_name=error.given[:LONGEST_NAME]),
            contract.NearestNames(names=error.nearest),
            _bad_request(place(error.about), error),
            _reason("UNKNOWN_NAME"),
        )
    if isinstance(error, ArchcalcError):
        if isinstance(error, Refused):
            return of_refusal(error)
        details = (
            _bad_request(place(error.about), error),
            _reason("TOO_COSTLY" if isinstance(error, TooCostly) else "NO_ANSWER"),
        )
        return status(code_pb2.INVALID_ARGUMENT, str(error), *details)
    return None


def of_refusal(error: Refused) -> status_pb2.Status:
    """The status of a request that does not fit the contract."""
    return status(code_pb2.INVALID_ARGUMENT, str(error), _bad_request(error.about, error), _reason("BAD_REQUEST"))


def _bad_request(field: str, error: Exception) -> error_details_pb2.BadRequest:
    violation = error_details_pb2.BadRequest.FieldViolation(field=field, description=str(error)[:LONGEST])
    return error_details_pb2.BadRequest(field_violations=[violation])


def _reason(reason: str) -> error_details_pb2.ErrorInfo:
    return error_details_pb2.ErrorInfo(reason=reason, domain=DOMAIN)


def as_error(error: Any, server: str) -> ArchcalcError:
    """The error that a failed call raises in the client."""
    failure = _details_of(error)
    code: grpc.StatusCode = error.code()
    if failure is not None and failure.code in OURS:
        if failure.code == code_pb2.NOT_FOUND:
            nearest, resource = contract.NearestNames(), error_details_pb2.ResourceInfo()
            for detail in failure.details:
                detail.Unpack(nearest)
                detail.Unpack(resource)
            return UnknownName(
                failure.message, tuple(nearest.names), kind=resource.resource_type, given=resource.resource_name
            )
        kind = MissingTool if failure.code == code_pb2.FAILED_PRECONDITION else ArchcalcError
        return kind(failure.message)
    details = " ".join((error.details() or "").split())
    if code is grpc.StatusCode.UNAVAILABLE:
        details = unreachable(details)
    elif code is grpc.StatusCode.UNAUTHENTICATED:
        details += " (--token-file on the command line, token= in Python)"
    return ServerError(f"server {server}: {code.name.lower().replace('_', ' ')}: {details[:LONGEST]}")


_UNREACHABLE = (
    ("Connection refused", "no server listens there"),
    ("http1.x server", "a server over HTTP is there; the port of gRPC is that of `archcalc serve --listen`"),
    ("CERTIFICATE_VERIFY_FAILED", "its certificate is not of the authority that was given (--ca, ca=)"),
    ("Hostname Verification Check failed|not match", "its certificate has another name"),
    ("WRONG_VERSION_NUMBER", "it does not use TLS: ask without an authority (--ca, ca=)"),
    ("[Hh]andshake", "there is no TLS with it"),
    (
        "Socket closed|onnection reset",
        "it closed the connection; it may need TLS (--ca, ca=) or a certificate of the client (--cert, cert=)",
    ),
    ("Failed to parse port|Misformatted", "HOST:PORT is needed"),
    ("Domain name not found|lookup failed|lookup error", "the host is not known"),
    ("No such file", "no server listens there"),
)
"""What gRPC's texts about a server that cannot be reached contain, and what that means."""


def unreachable(details: str) -> str:
    """What gRPC says of a server that cannot be reached, in a sentence, and then in its own words.

    >>> unreachable("connections to all backends failing; last error: UNKNOWN: ipv4:127.0.0.1:9: Connection refused")
    'no server listens there (ipv4:127.0.0.1:9: Connection refused)'
    >>> unreachable("the server is shutting down")
    'the server is shutting down'
    """
    own = re.sub(
        r"^(connections to all backends failing; last error: |failed to connect to all addresses.*?: )", "", details
    )
    own = re.sub(r"^[A-Z]+: (?=ipv|unix)", "", own)
    for pattern, meaning in _UNREACHABLE:
        if re.search(pattern, own):
            return f"{meaning} ({own})"
    return own


def _details_of(error: Any) -> status_pb2.Status | None:
    for key, value in error.trailing_metadata() or ():
        if key == DETAILS:
            return status_pb2.Status.FromString(value)
    return None
