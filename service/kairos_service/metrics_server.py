"""Serves the figures to Prometheus, on loopback or a Unix socket only: never to other machines."""

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
"""The time limit of one request, from accepting the connection to the last byte of the answer."""

_MOST_CLIENTS = 16
"""How many clients are served at once, each in its own thread; any more are disconnected."""

_UNIX = "unix:"


class MetricsServer:
    """Serves the figures while the context is open. A slow client delays neither other clients nor the shutdown."""

    def __init__(
        self, registry: CollectorRegistry, listen: str, *, patience: float = _PATIENCE_SECONDS
    ) -> None:
        self._server = _server(listen)
        self._server.patience = patience
        self._server.set_app(_only_for_loopback(make_wsgi_app(registry)))
        self._thread = threading.Thread(target=self._server.serve_forever, name="metrics", daemon=True)

    @property
    def port(self) -> int:
        """The TCP port; 0 for a Unix socket."""
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
    """A request handler that logs nothing."""

    def log_message(self, *_: object) -> None:
        """Log nothing."""

    def address_string(self) -> str:
        """Return the client's name for the WSGI environment."""
        return "local"


class _Server(ThreadingMixIn, WSGIServer):
    """One thread per client, with a time limit each, and at most _MOST_CLIENTS at once."""

    daemon_threads = True
    block_on_close = False
    patience = _PATIENCE_SECONDS

    def __init__(self, address: Any) -> None:  # noqa: ANN401 - as socketserver has it
        self._free = threading.BoundedSemaphore(_MOST_CLIENTS)
        super().__init__(address, _Quiet)

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as socketserver has it
        """Serve a client in its own thread; one over the limit is disconnected."""
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as socketserver has it
        """Serve a client, and disconnect it when its time is up."""
        end = threading.Timer(self.patience, _hang_up, (request,))
        end.daemon = True
        end.start()
        try:
            super().process_request_thread(request, client_address)
        finally:
            end.cancel()
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as socketserver has it
        """Ignore the errors of a broken connection."""


def _hang_up(connection: socket.socket) -> None:
    with suppress(OSError):  # it has just ended by itself
        connection.shutdown(socket.SHUT_RDWR)


class _UnixServer(_Server):
    address_family = socket.AF_UNIX

    def server_bind(self) -> None:
        path = str(self.server_address)
        self._remove_socket()  # left over from a daemon that died
        with suppress(OSError):  # on Linux, bind creates the file with this mode
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
        """Remove the file at our address, but only if it is a socket."""
        path = Path(str(self.server_address))
        if path.is_socket():
            path.unlink()


class _LoopbackServer(_Server):
    def server_bind(self) -> None:
        # Not the library's version, which queries the name server for our own name.
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
        raise UsageError(
            f"daemon.metrics.listen is {listen}, which other machines can reach.", "Use 127.0.0.1."
        )
    kind = _LoopbackServer6 if ":" in host else _LoopbackServer
    return kind((host, int(port)))


_App = Callable[[Any, Any], Any]


def _only_for_loopback(app: _App) -> _App:
    """Refuse requests with another Host header: a web page sends those after DNS rebinding."""

    def guarded(environ: Any, start_response: Any) -> Any:  # noqa: ANN401 - as WSGI has it
        host = str(environ.get("HTTP_HOST", "localhost"))
        name = host if host.endswith("]") or ":" not in host else host.rpartition(":")[0]
        if name not in {"localhost", "127.0.0.1", "[::1]"}:
            start_response("403 Forbidden", [("Content-Type", "text/plain")])
            return [b"only for this machine\n"]
        return app(environ, start_response)

    return guarded
