"""Where Prometheus reads the figures: on loopback or a Unix socket, for this machine alone."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from socketserver import ThreadingMixIn
from types import TracebackType
from typing import Any, Self
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import CollectorRegistry, make_wsgi_app

from kairos.errors import UsageError

_PATIENCE_SECONDS = 5.0
"""For one request, from its first byte to the last one of the answer."""

_MOST_CLIENTS = 16
_UNIX = "unix:"


class MetricsServer:
    """Serves the figures while the context holds. A slow client keeps neither others waiting nor the end."""

    def __init__(
        self, registry: CollectorRegistry, listen: str, *, patience: float = _PATIENCE_SECONDS
    ) -> None:
        self._server = _server(listen)
        self._server.patience = patience
        self._server.set_app(_only_for_loopback(make_wsgi_app(registry)))
        self._thread = threading.Thread(target=self._server.serve_forever, name="metrics", daemon=True)

    @property
    def port(self) -> int:
        """The port; 0 for a socket."""
        return self._server.server_port

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Quiet(WSGIRequestHandler):
    """Logs no requests."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def address_string(self) -> str:
        """Return what the environment of a request calls its client."""
        return "local"


class _Server(ThreadingMixIn, WSGIServer):
    """A thread for each client, for as long as it may take, and so many at once."""

    daemon_threads = True
    block_on_close = False
    patience = _PATIENCE_SECONDS

    def __init__(self, address: Any) -> None:  # noqa: ANN401 - as socketserver has it
        self._free = threading.BoundedSemaphore(_MOST_CLIENTS)
        super().__init__(address, _Quiet)

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as socketserver has it
        """Serve a client in a thread of its own; one too many is turned away."""
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as socketserver has it
        """Serve a client until its time is up."""
        end = threading.Timer(self.patience, _hang_up, (request,))
        end.daemon = True
        end.start()
        try:
            super().process_request_thread(request, client_address)
        finally:
            end.cancel()
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as socketserver has it
        """Leave a broken client alone."""


def _hang_up(connection: socket.socket) -> None:
    with suppress(OSError):  # it has ended in this moment
        connection.shutdown(socket.SHUT_RDWR)


class _UnixServer(_Server):
    address_family = socket.AF_UNIX

    def server_bind(self) -> None:
        path = str(self.server_address)
        self._remove_socket()  # left over from a daemon that died
        with suppress(OSError):  # on Linux the name is made with these bits
            os.fchmod(self.fileno(), 0o600)
        self.socket.bind(path)
        Path(path).chmod(0o600)
        self.server_name, self.server_port = "localhost", 0
        self.setup_environ()

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, _ = self.socket.accept()
        return connection, ("", 0)

    def server_close(self) -> None:
        super().server_close()
        self._remove_socket()

    def _remove_socket(self) -> None:
        """Remove what is there, but nothing that is no socket."""
        path = Path(str(self.server_address))
        if path.is_socket():
            path.unlink()


class _LoopbackServer(_Server):
    def server_bind(self) -> None:
        # Not the library's own way, which asks a name server who we are.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_name, self.server_port = "localhost", self.socket.getsockname()[1]
        self.setup_environ()


class _LoopbackServer6(_LoopbackServer):
    address_family = socket.AF_INET6


def _server(listen: str) -> _Server:
    if listen.startswith(_UNIX):
        return _UnixServer(listen.removeprefix(_UNIX))
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    if not ip_address("127.0.0.1" if host == "localhost" else host).is_loopback:
        raise UsageError(f"daemon.metrics.listen is {listen}, which others can reach.", "Use 127.0.0.1.")
    kind = _LoopbackServer6 if ":" in host else _LoopbackServer
    return kind((host, int(port)))


_App = Callable[[Any, Any], Any]


def _only_for_loopback(app: _App) -> _App:
    """Refuse requests that name another host: a web page whose name was bound to our address sends them."""

    def guarded(environ: Any, start_response: Any) -> Any:  # noqa: ANN401 - as WSGI has it
        host = str(environ.get("HTTP_HOST", "localhost"))
        name = host if host.endswith("]") or ":" not in host else host.rpartition(":")[0]
        if name not in {"localhost", "127.0.0.1", "[::1]"}:
            start_response("403 Forbidden", [("Content-Type", "text/plain")])
            return [b"only for this machine\n"]
        return app(environ, start_response)

    return guarded
