"""Connections that speak HTTP/2 frame by frame, so that they may break off, wait or flood where a client would not."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
from typing import Self

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RESET, SETTINGS, PING, CONTINUATION = 0, 1, 3, 4, 6, 9
END_STREAM, ACK, END_HEADERS = 1, 1, 4
CANCEL = 8


def frame(kind: int, flags: int, stream: int, content: bytes = b"") -> bytes:
    """The bytes of a frame (RFC 9113, section 4.1)."""
    return struct.pack(">I", len(content))[1:] + bytes((kind, flags)) + struct.pack(">I", stream) + content


def fields(**given: str) -> bytes:
    """Header fields as literals that are not indexed (RFC 7541, section 6.2.2); `_` stands for `-`."""
    return b"".join([b"\0" + _text(name.replace("_", "-")) + _text(value) for name, value in given.items()])


def _text(value: str) -> bytes:
    raw = value.encode()
    if len(raw) < 127:
        return bytes((len(raw),)) + raw
    left, size = len(raw) - 127, bytearray((127,))
    while left >= 128:
        size.append(left % 128 + 128)
        left //= 128
    return bytes((*size, left)) + raw


def message(content: bytes) -> bytes:
    """A message as gRPC has it in the body."""
    return struct.pack(">BI", 0, len(content)) + content


class Frames:
    """A connection to a server of gRPC, from a chosen address of this machine."""

    def __init__(
        self, address: str, source: str = "127.0.0.2", token: str = "", ca: str | None = None, room: int = 0
    ) -> None:
        """`room`: bytes of kernel memory for what comes in; 0: as the system has it. Raises OSError."""
        host, _, port = address.rpartition(":")
        plain = socket.socket()
        self.socket: socket.socket = plain
        try:
            if room:
                plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
            plain.bind((source, 0))
            plain.settimeout(10)
            plain.connect((host, int(port)))
            if ca is not None:
                context = ssl.create_default_context(cafile=ca)
                context.set_alpn_protocols(["h2"])
                self.socket = context.wrap_socket(plain, server_hostname="localhost")
            self.socket.sendall(PREFACE + frame(SETTINGS, 0, 0) + frame(SETTINGS, ACK, 0))
        except OSError:
            self.close()
            raise
        self._authority = address
        self._token = token
        self._next = 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.socket.close()

    def begun(self, path: str, *, end_headers: bool = True) -> tuple[int, bytes]:
        """The number of a new stream, and the frame of its headers, a call of gRPC."""
        stream, self._next = self._next, self._next + 2
        said = {"authorization": f"Bearer {self._token}"} if self._token else {}
        head = {":method": "POST", ":scheme": "http", ":path": path, ":authority": self._authority}
        content = fields(**head, te="trailers", content_type="application/grpc", **said)
        return stream, frame(HEADERS, END_HEADERS if end_headers else 0, stream, content)

    def ask(self, path: str, content: bytes, *, end: bool = True) -> int:
        """Send a call with its request; the number of its stream."""
        stream, head = self.begun(path)
        self.socket.sendall(head + frame(DATA, END_STREAM if end else 0, stream, message(content)))
        return stream

    def drain(self) -> bool:
        """Read what has come, and throw it away; False if the other end has closed."""
        self.socket.settimeout(0)
        try:
            while self.socket.recv(2**16):
                pass
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return True
        except OSError:
            return False
        else:
            return False
        finally:
            with contextlib.suppress(OSError):
                self.socket.settimeout(10)
