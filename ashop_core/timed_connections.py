"""Connections of which every step ends by one deadline, however slowly the other side goes on.

A time-out for each step is not enough: whoever sends a byte a second would be listened to for ever.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from httpcore2 import (
    SOCKET_OPTION,
    ConnectError,
    ConnectTimeout,
    NetworkBackend,
    NetworkStream,
    ReadTimeout,
    SyncBackend,
    WriteTimeout,
)

OVER = "the time is up"


class DeadlineBackend(NetworkBackend):
    """Opens connections for `httpcore2`; the time runs from when it is made."""

    def __init__(self, within: timedelta) -> None:
        self._end = time.monotonic() + within.total_seconds()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> NetworkStream:
        """Connect to the first address of the host that answers; each gets its share of the time that is left."""
        found = _addresses(host, port)
        for number, address in enumerate(found, start=1):
            share = _left(self._end, ConnectTimeout) / (len(found) - number + 1)
            try:
                stream = SyncBackend().connect_tcp(address, port, share, local_address, socket_options)
            except (ConnectError, ConnectTimeout):
                if number == len(found):
                    raise
            else:
                return _Bounded(stream, self._end)
        raise ConnectError(f"{host} has no address")


class _Bounded(NetworkStream):
    """A connection whose reads and writes have the time that is left, together."""

    def __init__(self, inner: NetworkStream, end: float) -> None:
        self._inner = inner
        self._end = end

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(self._end, ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _left(self._end, WriteTimeout))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> NetworkStream:
        stream = self._inner.start_tls(ssl_context, server_hostname, _left(self._end, ConnectTimeout))
        return _Bounded(stream, self._end)

    def close(self) -> None:
        self._inner.close()

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _addresses(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ConnectError(str(error)) from error
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


def _left(end: float, over: type[Exception]) -> float:
    """Return the seconds that are left; raise `over` where there are none."""
    left = end - time.monotonic()
    if left <= 0:
        raise over(OVER)
    return left
