from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from kairos_service.wording import clock_time, complaint, sentence, size, span


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "0 B"), (999, "999 B"), (1200, "1.2 kB"), (2000, "2 kB"), (999_949, "999.9 kB"), (999_950, "1 MB")],
)
def test_sizes_are_put_into_words(number: int, words: str) -> None:
    assert size(number) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59, "59 s"), (720, "12 min"), (3600, "1 h"), (12_600, "3.5 h"), (200_000, "2 days")],
)
def test_durations_are_put_into_words(seconds: float, words: str) -> None:
    assert span(seconds) == words


def test_a_moment_is_shown_in_the_readers_zone() -> None:
    now = datetime(2026, 11, 26, 1, tzinfo=timezone(timedelta(hours=2)))
    assert clock_time(datetime(2026, 11, 25, 22, 30, tzinfo=UTC), now) == "00:30"
    assert clock_time(datetime(2026, 11, 25, 21, 30, tzinfo=UTC), now) == "2026-11-25 23:30"


def test_a_command_complains_in_its_last_line() -> None:
    assert complaint(["Traceback", "kairos: It is locked."]) == "It is locked."
    assert complaint(["kairos: No.", "Killed"]) == "Killed"
    assert complaint([]) is None


def test_a_sentence_is_short_and_on_one_line() -> None:
    assert sentence("It\nis \x1b locked.") == r"It is \x1b locked."
    assert len(sentence("x" * 501)) == 500
