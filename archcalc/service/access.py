"""Who may ask: bearer tokens, and the identity of a client for limits."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

from google.rpc import code_pb2

from archcalc.base.errors import ArchcalcError
from archcalc.service import faults
from archcalc.service.answering import Failed

SHORTEST_TOKEN = 16
NAME = re.compile(rb"[\w.@-]{1,64}")
LOCAL = "local"
"""The identity of clients on a Unix socket."""


def read_tokens(file: str | None) -> dict[bytes, str]:
    """The tokens in a file and the name of each; empty if no file is given.

    A line is `TOKEN` or `NAME TOKEN`; a token has at least 16 characters. A token without a name is named by the
    beginning of its SHA-256. Empty lines and those that begin with # are left out. Raises ArchcalcError, without a
    token in its text.
    """
    if file is None:
        return {}
    try:
        content = Path(file).read_bytes()
    except OSError as error:
        raise ArchcalcError(f"--token-file {file} cannot be read: {error.strerror}") from error
    tokens: dict[bytes, str] = {}
    for number, line in enumerate(content.splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith(b"#"):
            continue
        *names, token = words
        if len(token) < SHORTEST_TOKEN or len(names) > 1 or not all(map(NAME.fullmatch, names)):
            text = f"TOKEN or NAME TOKEN, a token of at least {SHORTEST_TOKEN} characters"
            raise ArchcalcError(f"--token-file {file}, line {number}: {text}")
        if token in tokens:
            raise ArchcalcError(f"--token-file {file}, line {number}: the same token as on a line before")
        tokens[token] = names[0].decode() if names else hashlib.sha256(token).hexdigest()[:8]
    if not tokens:
        raise ArchcalcError(f"--token-file {file} has no token")
    return tokens


class Access:
    """Identifies clients, and refuses those without a token if tokens are needed."""

    def __init__(self, tokens: dict[bytes, str] | None = None) -> None:
        """`tokens` are the accepted tokens and their names; none: every client is answered."""
        self.tokens = tokens or {}

    def identify(self, authorization: str | bytes | None, peer: str) -> str:
        """The identity of a client: `token NAME`, or that of its address.

        `authorization` is the header of that name, `peer` an address as gRPC writes it, or an IP address alone.
        Raises Failed.

        >>> Access({b"a-token-of-the-docs": "docs"}).identify("Bearer a-token-of-the-docs", "ipv4:192.0.2.1:4711")
        'token docs'
        """
        if not self.tokens:
            return client_of(peer)
        given = authorization.encode() if isinstance(authorization, str) else authorization or b""
        scheme, _, token = given.partition(b" ")
        found = ""
        for known, name in self.tokens.items():  # every one is compared, so that the time tells nothing
            if hmac.compare_digest(token.strip(), known):
                found = name
        if not found or scheme.lower() != b"bearer":
            other = " that this server knows" if token.strip() and scheme.lower() == b"bearer" else ""
            text = f"a bearer token is needed{other}: authorization: Bearer TOKEN"
            raise Failed(faults.status(code_pb2.UNAUTHENTICATED, text))
        return f"token {found}"


@lru_cache(4096)
def client_of(peer: str) -> str:
    """The identity of a client by its address, as gRPC writes that or alone; for IPv6 the network of 64 bits.

    >>> client_of("ipv4:192.0.2.1:4711"), client_of("192.0.2.1")
    ('ip 192.0.2.1', 'ip 192.0.2.1')
    >>> client_of("ipv6:%5B2001:db8::1%5D:4711"), client_of("unix:")
    ('ip 2001:db8::/64', 'local')
    """
    kind, _, rest = unquote(peer).partition(":")
    host = rest.rpartition(":")[0].strip("[]") if kind in ("ipv4", "ipv6") else peer
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return LOCAL
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            return f"ip {ipaddress.ip_network((address, 64), strict=False)}"
        address = address.ipv4_mapped
    return f"ip {address}"
