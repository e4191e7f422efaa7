from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pytest

from kairos.cli.app import cli
from kairos.cli.judge import read_rows
from kairos.cli.keys import complete_prefix
from kairos.cli.moments import ago, moment_option
from kairos.cli.options import PathAsGiven
from kairos.cli.roots import innermost, located
from kairos.errors import UsageError

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_a_unique_prefix_of_a_key_is_enough() -> None:
    keys = ["abc1", "abc12", "abd"]
    assert complete_prefix("abd", keys, "change", "") == "abd"
    assert complete_prefix("abc1", keys, "change", "") == "abc1"
    with pytest.raises(UsageError, match="more than one change: abc1, abc12"):
        complete_prefix("abc", keys, "change", "")
    with pytest.raises(UsageError, match="no change x"):
        complete_prefix("x", keys, "change", "")


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


def test_a_file_belongs_to_the_deepest_root(tmp_path: Path) -> None:
    outer, inner = str(tmp_path), str(tmp_path / "inner")
    assert innermost(f"{inner}/x", [outer, inner]) == inner
    assert innermost(f"{inner}-not", [inner]) is None
    assert located(tmp_path / "inner" / "gone.md", [outer]) == (outer, "inner/gone.md")
    assert located(Path("/elsewhere/x.md"), [outer]) is None


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (b"x", "not valid JSON"),
        (b"[]", "expected an object"),
        (b'{"id": "1", "a": "x"}', 'expected "b" to be a string'),
        (b'{"a": "x", "b": "y"}', 'expected "id" to be a string or an integer'),
        (b'{"id": true, "a": "x", "b": "y"}', 'expected "id" to be a string or an integer'),
        (b'{"id": "1", "a": "x", "b": "y", "a_date": "soon"}', 'expected "a_date" to be a date'),
        (b'{"id": "\xff"}', "expected UTF-8"),
    ],
)
def test_an_invalid_pair_is_reported_with_its_line(line: bytes, fault: str) -> None:
    with pytest.raises(UsageError, match=f"Line 3: {fault}"):
        read_rows([b'{"id": "1", "a": "x", "b": "y", "b_date": "2026-01-02"}\n', b"\n", line])


def test_a_pair_may_have_a_number_as_its_id() -> None:
    (row,) = read_rows([b'{"id": 7, "a": "x", "b": "y"}'])
    assert row.id == 7


def test_no_command_checks_a_root_before_it_runs() -> None:
    """The check would block on a dead mount, and end the dreams over all other roots with exit code 2."""
    context = click.Context(cli)
    commands = [cli.get_command(context, name) for name in cli.list_commands(context)]
    for command in filter(None, commands):
        for parameter in command.params:
            if isinstance(parameter, click.Argument) and isinstance(parameter.type, click.Path):
                assert isinstance(parameter.type, PathAsGiven), command.name
