"""The edges of the server: addresses, sockets, files and certificates, checked before anything is served."""

from __future__ import annotations

import contextlib
import datetime
import errno
import fcntl
import ipaddress
import os
import re
import socket
import ssl
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import grpc

from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import shown

SOON = datetime.timedelta(days=14)
"""The time before the expiry of a certificate from which the server warns of it."""


def is_local(address: str) -> bool:
    """Return True if only this machine can reach an address: a loopback HOST:PORT, or unix:PATH."""
    if address.startswith(("unix:", "unix-abstract:")):
        return True
    host = address.rpartition(":")[0].strip("[]")
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_address(address: str, option: str, lowest: int = 0) -> None:
    """Raise ArchcalcError unless an address is unix:PATH, or HOST:PORT with a port from `lowest` to 65535."""
    if address.startswith(("unix:", "unix-abstract:")):
        return
    host, _, port = address.rpartition(":")
    if not host or not re.fullmatch(r"\d{1,5}", port, re.ASCII) or not lowest <= int(port) <= 65535:
        raise ArchcalcError(
            f"{option} takes HOST:PORT, a port from {lowest} to 65535, or unix:PATH, not {shown(address)}"
        )


def host_and_port(address: str, option: str) -> tuple[str, int]:
    """The host and the port of HOST:PORT. Raises ArchcalcError."""
    host, _, port = address.rpartition(":")
    if not host or host == "unix" or not re.fullmatch(r"\d{1,5}", port, re.ASCII) or int(port) > 65535:
        raise ArchcalcError(f"{option} takes HOST:PORT, a port from 0 to 65535, not {shown(address)}")
    return host.strip("[]"), int(port)


def addresses_of(address: str, option: str) -> tuple[str, ...]:
    """The addresses with numbers that HOST:PORT means, each of which can be listened on; `localhost` may mean two.

    Raises ArchcalcError if one of them is in use, not of this machine or not allowed; an IPv6 address of a name is left
    out on a machine without IPv6.
    """
    host, port = host_and_port(address, option)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise ArchcalcError(f"{option}: {shown(host)} is no known host: {error}") from None
    several = len({each[4][0] for each in found}) > 1
    result: list[str] = []
    for family, _, _, _, (number, *_) in found:
        text = f"[{number}]:{port}" if family == socket.AF_INET6 else f"{number}:{port}"
        try:
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                probe.bind((number, port))
        except OSError as error:
            if several and family == socket.AF_INET6 and error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                continue
            raise ArchcalcError(f"{option}: cannot listen on {text}: {why(error)}") from None
        if text not in result:
            result.append(text)
    if not result:
        raise ArchcalcError(f"{option}: cannot listen on {address}: {shown(host)} has no address of this machine")
    return tuple(result)


def why(error: OSError) -> str:
    """The reason why an address cannot be listened on."""
    known = {errno.EADDRINUSE: "it is in use", errno.EADDRNOTAVAIL: "it is no address of this machine"}
    return known.get(error.errno or 0, (error.strerror or str(error)).lower())


class OwnedSocket:
    """The path of a Unix socket, which belongs to one server at a time.

    A file beside it, PATH.lock, is locked while the server runs. Raises ArchcalcError if another server owns the path,
    if the path is something else than a socket, or if its folder cannot be written to.
    """

    def __init__(self, address: str, option: str) -> None:
        self._path = Path(address.removeprefix("unix:").removeprefix("//"))
        self._lock = Path(f"{self._path}.lock")
        try:
            self._descriptor = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise ArchcalcError(f"{option}: cannot listen on {address}: {why(error)}") from None
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._check_lock()
            self._check(address, option)
        except OSError:
            os.close(self._descriptor)
            raise ArchcalcError(f"{option}: cannot listen on {address}: another server listens there") from None
        except ArchcalcError:
            self.release()
            raise

    def _check_lock(self) -> None:
        """Raise OSError if the locked file is not the one that is there: its owner has just removed it."""
        if not os.path.samestat(os.fstat(self._descriptor), self._lock.stat()):
            raise OSError(errno.EAGAIN, "its owner has just ended")

    def _check(self, address: str, option: str) -> None:
        try:
            if not stat.S_ISSOCK(self._path.lstat().st_mode):
                raise ArchcalcError(f"{option}: cannot listen on {address}: there is a file that is no socket")
        except FileNotFoundError:
            return
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(1)
            try:
                probe.connect(str(self._path))
            except (ConnectionRefusedError, FileNotFoundError):
                return  # a server that was killed has left it
            except OSError as error:
                raise ArchcalcError(f"{option}: cannot listen on {address}: {why(error)}") from None
        raise ArchcalcError(f"{option}: cannot listen on {address}: another program listens there")

    def release(self) -> None:
        """Let another server have the path."""
        with contextlib.suppress(OSError):
            self._lock.unlink()
        with contextlib.suppress(OSError):
            os.close(self._descriptor)


def read_file(file: str, what: str) -> bytes:
    """The contents of a file that is given by an option. Raises ArchcalcError if it cannot be read."""
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise ArchcalcError(f"{what} {file} cannot be read: {error.strerror}") from error


class Certificate(NamedTuple):
    """The contents of the files for TLS."""

    cert: bytes
    key: bytes
    client_ca: bytes | None
    """The authority of clients' certificates, for mutual TLS."""
    expires: datetime.datetime
    """The time at which the server's certificate, or one of those that it comes with, expires."""


class CertificateFiles(NamedTuple):
    """The files for TLS, as the options name them."""

    cert: str
    key: str
    client_ca: str | None

    @classmethod
    def of(cls, cert: str | None, key: str | None, client_ca: str | None) -> CertificateFiles | None:
        """The files of some options; None if no certificate is given. Raises ArchcalcError."""
        if (cert is None) != (key is None):
            raise ArchcalcError("--cert and --key go together")
        if cert is None or key is None:
            if client_ca is not None:
                raise ArchcalcError("--client-ca needs --cert and --key")
            return None
        return cls(cert, key, client_ca)

    def read(self) -> Certificate:
        """The contents. Raises ArchcalcError if they are no certificate and its key, or if it has expired."""
        from cryptography import x509

        key, cert = read_file(self.key, "--key"), read_file(self.cert, "--cert")
        authority = None if self.client_ca is None else read_file(self.client_ca, "--client-ca")
        try:
            chain = x509.load_pem_x509_certificates(cert)
        except ValueError:
            raise ArchcalcError(f"--cert {self.cert} is no certificate in PEM") from None
        if authority is not None:
            try:
                x509.load_pem_x509_certificates(authority)
            except ValueError:
                raise ArchcalcError(f"--client-ca {self.client_ca} is no certificate in PEM") from None
        _check_key(self.key, key, chain[0])
        self.context()
        expires = min([each.not_valid_after_utc for each in chain])
        now = datetime.datetime.now(datetime.UTC)
        if expires <= now:
            raise ArchcalcError(f"--cert {self.cert} has expired on {expires:%Y-%m-%d %H:%M} UTC")
        begins = chain[0].not_valid_before_utc
        if begins > now:
            raise ArchcalcError(f"--cert {self.cert} is not valid before {begins:%Y-%m-%d %H:%M} UTC")
        return Certificate(cert, key, authority, expires)

    def context(self) -> ssl.SSLContext:
        """The TLS context of these files, for servers other than gRPC's. Raises ArchcalcError."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            context.load_cert_chain(self.cert, self.key, password=b"")
            if self.client_ca is not None:
                context.load_verify_locations(self.client_ca)
                context.verify_mode = ssl.CERT_REQUIRED
        except (OSError, ValueError) as error:  # SSLError is an OSError
            raise ArchcalcError(f"--cert {self.cert} and --key {self.key} cannot be used: {error}") from None
        return context


def _check_key(file: str, key: bytes, cert: Any) -> None:
    """Raise ArchcalcError unless a key in PEM is that of a certificate."""
    from cryptography.hazmat.primitives import serialization

    try:
        private = serialization.load_pem_private_key(key, None)
    except TypeError:
        raise ArchcalcError(f"--key {file} is encrypted: the server takes a key without a password") from None
    except Exception:  # noqa: BLE001  # an unknown kind of key has an exception of its own
        raise ArchcalcError(f"--key {file} is no private key in PEM") from None
    form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    if private.public_key().public_bytes(*form) != cert.public_key().public_bytes(*form):
        raise ArchcalcError(f"--key {file} is not the key of the certificate")


def server_credentials(current: Callable[[], Certificate | None]) -> grpc.ServerCredentials:
    """Credentials for TLS that ask, for every connection, for the certificate of the moment.

    They are for one address: gRPC keeps a certificate for each, and is told of a new one once.
    """
    given: Certificate | None = None

    def fetch() -> Any:
        nonlocal given
        certificate = current()
        if certificate is None or certificate is given:
            return None  # as before
        given = certificate
        return grpc.ssl_server_certificate_configuration([(certificate.key, certificate.cert)], certificate.client_ca)

    first = fetch()
    mutual = given is not None and given.client_ca is not None
    return grpc.dynamic_ssl_server_credentials(first, fetch, require_client_authentication=mutual)
