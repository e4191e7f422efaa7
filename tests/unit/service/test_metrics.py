from __future__ import annotations

import http.client
import socket
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kairos.errors import UsageError
from kairos.store.state import State
from kairos_service.metrics import Metrics, RootFigures, root_figures
from kairos_service.metrics_server import MetricsServer

NOW = datetime(2026, 11, 26, 18, 0, tzinfo=UTC)


def filled() -> Metrics:
    metrics = Metrics()
    metrics.dream_ended("applied", 2.5, {"merge": 3, "prune": 1})
    metrics.dream_ended("applied", 0.1, {"merge": 1})
    metrics.dream_ended("crashed", 9.0, {})
    metrics.update(2, (RootFigures("/r/\udcff", NOW, 4, 0.5, 0.25), RootFigures("/new\x1b[2J\u202e")))
    return metrics


EXPECTED = (
    'kairos_dreams_total{outcome="applied"} 2.0',
    'kairos_dreams_total{outcome="crashed"} 1.0',
    'kairos_edits_total{kind="merge"} 4.0',
    'kairos_dream_seconds_bucket{le="2.0"} 1.0',
    "kairos_dream_seconds_count 3.0",
    "kairos_queue_length 2.0",
    r'kairos_open_conflicts{root="/r/\\xff"} 4.0',
    r'kairos_open_conflicts{root="/new\\x1b[2J\\u202e"} 0.0',
    r'kairos_last_success_timestamp_seconds{root="/r/\\xff"} 1.795716e+09',
    r'kairos_index_used_ratio{of="lines",root="/r/\\xff"} 0.5',
)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
def test_metrics_are_served_on_loopback_only_to_local_hosts(host: str) -> None:
    try:
        server = MetricsServer(filled().registry, f"{host}:0")
    except OSError:
        pytest.skip(f"this machine has no {host}")
    with server:
        connection = http.client.HTTPConnection(host.strip("[]"), server.port, timeout=5)
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
        for line in EXPECTED:
            assert line in text
        connection.close()
        stranger = http.client.HTTPConnection(host.strip("[]"), server.port, timeout=5)
        stranger.request("GET", "/metrics", headers={"Host": "rebound.example:9178"})
        assert stranger.getresponse().status == 403
        stranger.close()


def test_metrics_are_served_on_a_private_socket(tmp_path: Path) -> None:
    path = tmp_path / "metrics.sock"
    for _ in range(2):
        with MetricsServer(filled().registry, f"unix:{path}"), socket.socket(socket.AF_UNIX) as client:
            assert path.stat().st_mode & 0o777 == 0o600
            client.connect(str(path))
            client.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
            with client.makefile("rb") as answer:
                assert b"kairos_queue_length 2.0" in answer.read()
        assert not path.exists()


def test_a_file_is_not_taken_for_a_left_over_socket(tmp_path: Path) -> None:
    path = tmp_path / "precious"
    path.write_text("data", encoding="utf-8")
    with pytest.raises(OSError, match="in use"):
        MetricsServer(filled().registry, f"unix:{path}")
    assert path.read_text(encoding="utf-8") == "data"


def test_rubbish_and_silence_do_not_stop_the_server(capfd: pytest.CaptureFixture[str]) -> None:
    with MetricsServer(filled().registry, "127.0.0.1:0") as server:
        address = ("127.0.0.1", server.port)
        for rubbish in (
            b"",
            b"\0" * 70_000,
            b"GET\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost",
            b"POST /m HTTP/1.0\r\n\r\n",
        ):
            with socket.create_connection(address, 5) as client:
                client.sendall(rubbish)
        began = time.monotonic()
        with socket.create_connection(address, 5):  # connects, sends nothing and hangs up
            pass
        connection = http.client.HTTPConnection(*address, timeout=20)
        connection.request("GET", "/")
        assert connection.getresponse().status == 200
        connection.close()
        assert time.monotonic() - began < 15
    assert capfd.readouterr().err == ""


def drip(clients: list[socket.socket]) -> None:
    """Keep sending single bytes, but never a whole request."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        for client in clients:
            client.sendall(b"G")
        time.sleep(0.1)


def test_a_slow_client_keeps_nobody_waiting_and_is_cut_off() -> None:
    with MetricsServer(filled().registry, "127.0.0.1:0", patience=1) as server, ExitStack() as held:
        address = ("127.0.0.1", server.port)
        slow = [held.enter_context(socket.create_connection(address, 5)) for _ in range(5)]
        began = time.monotonic()
        connection = http.client.HTTPConnection(*address, timeout=5)
        connection.request("GET", "/")
        assert connection.getresponse().status == 200
        connection.close()
        with pytest.raises(OSError, match=r"reset|Broken"):
            drip(slow)
        assert time.monotonic() - began < 15
        last = held.enter_context(socket.create_connection(address, 5))
        last.sendall(b"G")
        end = time.monotonic()
    assert time.monotonic() - end < 2


def test_clients_beyond_the_limit_are_turned_away() -> None:
    with MetricsServer(filled().registry, "127.0.0.1:0") as server, ExitStack() as held:
        clients = [
            held.enter_context(socket.create_connection(("127.0.0.1", server.port), 5)) for _ in range(17)
        ]
        assert clients[-1].recv(1) == b""


def test_addresses_that_others_can_reach_are_refused() -> None:
    with pytest.raises(UsageError, match="other machines can reach"):
        MetricsServer(filled().registry, "0.0.0.0:9178")


def test_figures_of_roots_are_read_from_the_state() -> None:
    with State.in_memory() as state:
        stats = {"index_lines": 50, "budget_lines": 200, "index_bytes": None, "budget_bytes": 25_000}
        state.record_dream("/r", at=NOW, today=NOW.date(), outcome="applied", stats=stats)
        assert root_figures(state, {"/r": NOW, "/new": None}) == (
            RootFigures("/r", NOW, 0, 0.25, None),
            RootFigures("/new"),
        )
