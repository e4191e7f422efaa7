"""Cached answers are not asked for again."""

from __future__ import annotations

import stat
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kairos.ml.llm.openai_api import OpenAIProvider
from kairos.ml.llm.provider import Endpoint, Provider
from tests.unit.ml.llm.court import FIRST, PAIRS, SAME, Court, only_reason, status

if TYPE_CHECKING:
    from tests.conftest import ModelServer


def test_cached_answers_cost_nothing(court: Court, provider: Provider, model_server: ModelServer) -> None:
    court.ask(provider, FIRST)
    assert court.ask(provider, FIRST.mirrored(), PAIRS[1]) == [SAME, SAME]
    assert [pair["a"]["text"] for request in model_server.requests[2:] for pair in request.pairs] == [
        PAIRS[1].a.text,
        PAIRS[1].b.text,
    ]
    assert court.arbiter.recalled == {FIRST.key, FIRST.mirrored().key}
    assert stat.S_IMODE(court.cache.stat().st_mode) == 0o600


def test_one_of_the_two_answers_is_cached_too(
    court: Court, provider: Provider, model_server: ModelServer
) -> None:
    model_server.faults = [lambda handler, reply: handler.send(200, reply), status(400)]
    assert "HTTP 400" in only_reason(court.ask(provider, FIRST))
    assert court.ask(provider, FIRST) == [SAME]
    assert len(model_server.requests) == 3


def test_another_model_is_asked_again(court: Court, model_server: ModelServer) -> None:
    for model in ("tiny", "large"):
        court.ask(OpenAIProvider(Endpoint(model, f"{model_server.url}/v1")), FIRST)
    assert [request.body["model"] for request in model_server.requests] == ["tiny", "tiny", "large", "large"]


def test_the_same_model_name_on_another_server_is_asked_again(
    court: Court, model_server: ModelServer
) -> None:
    for host in ("127.0.0.1", "localhost", "localhost"):
        url = model_server.url.replace("127.0.0.1", host)
        assert court.ask(OpenAIProvider(Endpoint("tiny", f"{url}/v1")), FIRST) == [SAME]
    assert len(model_server.requests) == 4


@pytest.mark.parametrize("damage", [b"", b"not a database" * 99])
def test_a_damaged_cache_is_set_aside(court: Court, model_server: ModelServer, damage: bytes) -> None:
    provider = OpenAIProvider(Endpoint("tiny", f"{model_server.url}/v1"))
    court.cache.parent.mkdir()
    court.cache.write_bytes(damage)
    assert court.ask(provider, FIRST) == [SAME]
    assert len(court.arbiter.cache.notices) == (1 if damage else 0)
    assert court.ask(provider, FIRST) == [SAME]
    assert len(model_server.requests) == 2


def test_an_unusable_cache_is_reported_and_stops_nothing(court: Court, model_server: ModelServer) -> None:
    court.cache.parent.write_bytes(b"a file where the directory should be")
    found = court.ask(OpenAIProvider(Endpoint("tiny", f"{model_server.url}/v1")), FIRST)
    assert found == [SAME]
    (notice,) = court.arbiter.cache.notices
    assert "cannot be used" in notice


def test_two_dreams_at_once_share_the_cache(tmp_path: Path, model_server: ModelServer) -> None:
    results: list[object] = []

    def one() -> None:
        results.append(
            Court(tmp_path).ask(OpenAIProvider(Endpoint("tiny", f"{model_server.url}/v1")), *PAIRS)
        )

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [[SAME] * 5] * 4
