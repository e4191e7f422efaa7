from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from kairos.cli import timeouts
from kairos.cli.timeouts import TimedCall, switch_place, with_timeout
from kairos.errors import SilenceError


@pytest.fixture
def never() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeouts, "TIMEOUT_SECONDS", 0.5)


def test_an_answer_is_what_the_work_returns_or_raises() -> None:
    assert with_timeout("/here", lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        with_timeout("/here", lambda: 1 // 0)


def test_a_silent_place_is_named(never: threading.Event) -> None:
    with pytest.raises(SilenceError, match="/there does not answer: "):
        with_timeout("/there", never.wait)


def test_several_questions_share_one_timeout(never: threading.Event) -> None:
    began = time.monotonic()
    calls = [TimedCall(number, never.wait) for number in range(5)]
    for call in calls:
        with pytest.raises(SilenceError):
            call.result()
    assert time.monotonic() - began < 2


def test_turning_to_another_place_restarts_the_timeout(never: threading.Event) -> None:
    def ask() -> None:
        for place in ("/first", "/second", "/third"):
            time.sleep(0.3)
            switch_place(place)
        never.wait()

    with pytest.raises(SilenceError, match="/third does not answer: "):
        with_timeout("/start", ask)


def test_outside_a_question_turning_does_nothing() -> None:
    switch_place("/here")
