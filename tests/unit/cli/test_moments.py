from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click
import pytest

from kairos.cli.moments import ago, moment_option

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=5), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=5), "5 hours ago"),
        (timedelta(days=3), "3 days ago"),
        (timedelta(days=-3), "in the future"),
    ],
)
def test_elapsed_time_is_put_into_words(passed: timedelta, words: str) -> None:
    assert ago(NOW - passed, NOW) == words


def test_days_and_moments_are_read() -> None:
    context, parameter = click.Context(click.Command("x")), click.Option(["--now"])
    day = moment_option(context, parameter, "2026-03-02")
    assert day is not None
    assert (day.date().isoformat(), day.tzinfo is None) == ("2026-03-02", False)
    assert moment_option(context, parameter, "2026-03-02T12:00:00+00:00") == NOW
    assert moment_option(context, parameter, None) is None
    with pytest.raises(click.BadParameter, match="not a date"):
        moment_option(context, parameter, "soon")
