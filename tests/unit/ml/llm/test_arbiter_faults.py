"""How the arbiter deals with faulty servers, played by a real one on loopback."""

from __future__ import annotations

import socket
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest

from kairos.ml.llm.anthropic_api import AnthropicProvider
from kairos.ml.llm.openai_api import OpenAIProvider
from kairos.ml.llm.provider import Endpoint, Provider
from tests.unit.ml.llm.court import FIRST, PAIRS, SAME, Court, cut, drop, hang, only_reason, status

if TYPE_CHECKING:
    from tests.conftest import Fault, ModelServer


@pytest.mark.parametrize("fault", [status(500), status(503), status(529), status(429), cut, drop])
def test_transient_faults_are_retried(
    court: Court, provider: Provider, model_server: ModelServer, fault: Fault
) -> None:
    model_server.faults = [fault, fault]
    assert court.ask(provider, FIRST) == [SAME]
    assert len(model_server.requests) == court.arbiter.budget.calls == 4


@pytest.mark.parametrize("fault", [status(500), status(429), cut, drop])
def test_retries_are_limited(
    court: Court, provider: Provider, model_server: ModelServer, fault: Fault
) -> None:
    model_server.faults = [fault] * 9
    reason = only_reason(court.ask(provider, *PAIRS, pairs_per_call=1))
    assert "HTTP" in reason or "broke" in reason
    assert len(model_server.requests) == court.arbiter.budget.calls == 3


def test_a_short_retry_after_is_waited_for(
    court: Court, provider: Provider, model_server: ModelServer
) -> None:
    model_server.faults = [status(429, {"Retry-After": "1"})]
    begin = time.monotonic()
    assert court.ask(provider, FIRST) == [SAME]
    assert time.monotonic() - begin >= 1


@pytest.mark.parametrize("as_date", [False, True])
def test_a_long_retry_after_is_not_waited_for(
    court: Court, provider: Provider, model_server: ModelServer, *, as_date: bool
) -> None:
    after = format_datetime(datetime.now(UTC) + timedelta(seconds=3600)) if as_date else "3600"
    model_server.faults = [status(429, {"Retry-After": after})]
    assert "to wait 3" in only_reason(court.ask(provider, FIRST))
    assert len(model_server.requests) == 1


def test_a_slow_answer_is_not_waited_for(court: Court, model_server: ModelServer) -> None:
    model_server.faults = [hang] * 3
    for slow in (
        OpenAIProvider(Endpoint("tiny", f"{model_server.url}/v1", timeout=0.2)),
        AnthropicProvider(Endpoint("tiny", model_server.url, timeout=0.2)),
    ):
        model_server.faults = [hang] * 3
        assert only_reason(court.ask(slow, FIRST)) == "no answer came within 0.2 seconds"
        assert court.arbiter.budget.tokens_assumed > 0  # the server may have worked on it


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (400, "the server answered HTTP 400: something is wrong here"),
        (401, "refused the key"),
        (403, "refused the key"),
        (404, "HTTP 404"),
        (413, "HTTP 413"),
        (307, "HTTP 307"),
    ],
)
def test_permanent_faults_are_not_retried(
    court: Court, provider: Provider, model_server: ModelServer, code: int, reason: str
) -> None:
    model_server.faults = [status(code, {"Location": "/elsewhere"})]
    assert reason in only_reason(court.ask(provider, *PAIRS, pairs_per_call=1))
    assert len(model_server.requests) == 1
    assert court.arbiter.budget.tokens_assumed == 0


def test_an_unreachable_server_is_reported_after_one_call(court: Court) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        url = f"http://127.0.0.1:{held.getsockname()[1]}"
    for gone in (OpenAIProvider(Endpoint("tiny", f"{url}/v1")), AnthropicProvider(Endpoint("tiny", url))):
        found = court.ask(gone, *PAIRS)
        assert only_reason(found).endswith("cannot be reached")
        budget = court.arbiter.budget
        assert (budget.calls, budget.tokens_in, budget.tokens_assumed) == (1, 0, 0)


@pytest.mark.parametrize("url", ["http://a..b", "http://☃.example"])
def test_an_invalid_address_is_named_in_the_reason(court: Court, url: str) -> None:
    for lost in (OpenAIProvider(Endpoint("tiny", url)), AnthropicProvider(Endpoint("tiny", url))):
        found = only_reason(court.ask(lost, FIRST))
        assert url in found


def test_requests_to_loopback_bypass_proxies(
    court: Court, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert court.ask(provider, FIRST) == [SAME]


def test_keys_come_only_from_the_endpoint(
    court: Court, provider: Provider, model_server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"):
        monkeypatch.setenv(name, "from-the-environment")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
    court.ask(provider, FIRST)
    headers = model_server.requests[0].headers
    assert headers.get("authorization", headers.get("x-api-key", "")).removeprefix("Bearer ") == "key"
    assert "from-the-environment" not in str(headers)
