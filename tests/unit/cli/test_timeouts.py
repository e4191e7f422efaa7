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


class Clock:
    """Replaces the module `time`: each reading is an eighth of a second after the one before."""

    now = 0.0

    def monotonic(self) -> float:
        self.now += 0.125
        return self.now


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
    calls = [TimedCall(number, never.wait) for number in range(40)]
    for call in calls:
        with pytest.raises(SilenceError):
            call.result()
    assert time.monotonic() - began < 10  # one after the other, they would take 20 seconds


def test_turning_to_another_place_restarts_the_timeout(
    never: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, turned = Clock(), threading.Event()
    monkeypatch.setattr(timeouts, "time", clock)

    def ask() -> None:
        clock.now = 0.5
        switch_place("/other")
        turned.set()
        never.wait()

    call = TimedCall("/start", ask)
    turned.wait()
    with pytest.raises(SilenceError, match="/other does not answer: "):
        call.result()
    assert clock.now > 1


def test_outside_a_question_turning_does_nothing() -> None:
    switch_place("/here")
