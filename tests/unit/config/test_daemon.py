from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairos.config import ConfiguredRoot, Gates, Schedule, dump, parse_config
from kairos.config.cron import Cron, parse_cron
from kairos.config.hours import parse_hours
from tests.unit.config.problems import only_problem_of


def the_root(text: str) -> ConfiguredRoot:
    config = parse_config(text, "config.yaml")
    (root,) = config.roots_expanded(Path("/h"))
    (again,) = parse_config(dump(config), "dump").roots_expanded(Path("/h"))
    assert again == root
    return root


# --- the keys --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "cron", "hours"),
    [
        ("", "30 3 * * *", None),
        ("daemon: {schedule: {cron: 0 4 * * 7}}", "0 4 * * 7", None),
        ("daemon: {schedule: {every_hours: 6}}", None, 6),
        ("daemon: {schedule: {every_hours: 6, cron: null}}", None, 6),
        ("daemon: {schedule: {every_hours: null}}", "30 3 * * *", None),
    ],
)
def test_a_schedule_has_either_cron_or_hours(text: str, cron: str | None, hours: float | None) -> None:
    config = parse_config(text, "config.yaml")
    assert (config.daemon.schedule.cron, config.daemon.schedule.every_hours) == (cron, hours)
    assert parse_config(dump(config), "dump") == config


def test_a_root_inherits_schedule_and_gates_of_the_daemon() -> None:
    root = the_root("roots: [/a]\ndaemon: {schedule: {every_hours: 2}, gates: {min_hours: 1}}")
    assert root.schedule == Schedule(every_hours=2)
    assert root.gates == Gates(min_hours=1)


def test_a_root_replaces_only_what_it_names() -> None:
    root = the_root(
        "roots: [{path: /a, schedule: {every_hours: 2}, gates: {min_hours: 1, quiet_hours: '00:00-00:00'}}]\n"
        "daemon:\n  schedule: {cron: 0 1 * * *, timezone: Europe/Berlin, jitter_minutes: 3}\n"
        "  gates: {quiet_minutes: 7, min_hours: 30, quiet_hours: '09:00-18:00'}"
    )
    assert root.schedule == Schedule(every_hours=2, timezone="Europe/Berlin", jitter_minutes=3)
    assert root.gates == Gates(quiet_minutes=7, min_hours=1, quiet_hours="00:00-00:00")
    other = the_root("roots: [{path: /a, schedule: {cron: 0 2 * * *}}]\ndaemon: {schedule: {every_hours: 2}}")
    assert other.schedule == Schedule(cron="0 2 * * *")


def test_the_first_line_that_matches_a_root_decides(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    config = parse_config("roots: [{path: ~/a, gates: {min_hours: 1}}, '~/*']", "config.yaml")
    (root,) = config.roots_expanded(tmp_path)
    assert root.gates.min_hours == 1


@pytest.mark.parametrize("listen", ["127.0.0.1:9178", "localhost:1", "'[::1]:9178'", "unix:/run/kairos.sock"])
def test_metrics_may_listen_on_this_machine(listen: str) -> None:
    text = f"daemon: {{metrics: {{listen: {listen}}}}}"
    assert parse_config(text, "config.yaml").daemon.metrics.listen == listen.strip("'")


@pytest.mark.parametrize(
    "listen",
    [
        "0.0.0.0:9178",
        "192.168.1.5:9178",
        "127.0.0.1",
        "127.0.0.1:0",
        "':9178'",
        "9178.example.com:80",
        "unix:run.sock",
        "127.0.0.1:9178/x",
        "me@127.0.0.1:9178",
        "'127.0.0.1:99999'",
        "'[::1'",
        '"unix:/\\0"',
    ],
)
def test_metrics_may_not_listen_anywhere_else(listen: str) -> None:
    assert only_problem_of(f"daemon: {{metrics: {{listen: {listen}}}}}").startswith("daemon.metrics.listen: ")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "daemon: {schedule: {cron: 0 1 * * *, every_hours: 1}}",
            "daemon.schedule: expected cron or every_hours, not both",
        ),
        (
            "roots: [{path: /a, schedule: {cron: 0 1 * * *, every_hours: 1}}]",
            "roots[0].schedule: expected cron or every_hours, not both",
        ),
        (
            "daemon: {schedule: {timezone: Europe/Atlantis}}",
            "daemon.schedule.timezone: expected the name of a time zone, like Europe/Berlin, got 'Europe/Atlantis'",
        ),
        (
            "daemon: {schedule: {timezone: ../../etc/passwd}}",
            "daemon.schedule.timezone: expected the name of a time zone, like Europe/Berlin, got '../../etc/passwd'",
        ),
        (
            "daemon: {schedule: {timezone: Europe}}",
            "daemon.schedule.timezone: expected the name of a time zone, like Europe/Berlin, got 'Europe'",
        ),
        (
            "daemon: {schedule: {cron: hourly}}",
            "daemon.schedule.cron: expected five fields, minute hour day month weekday, like 30 3 * * *, got 'hourly'",
        ),
        (
            "daemon: {schedule: {every_hours: 0}}",
            "daemon.schedule.every_hours: expected at least 0.01, got 0",
        ),
        (
            "daemon: {gates: {quiet_hours: 9-18}}",
            "daemon.gates.quiet_hours: expected hours like 09:00-18:00, got '9-18'",
        ),
        (
            "daemon: {watch: {quiet_seconds: 9, at_most_seconds: 5}}",
            "daemon.watch: expected at_most_seconds (5) not to be below quiet_seconds (9)",
        ),
        (
            "daemon: {watch: {polling: sometimes}}",
            "daemon.watch.polling: expected 'auto', 'always' or 'never', got 'sometimes'",
        ),
        (
            "daemon: {worker: {at_once: 0}}",
            "daemon.worker.at_once: expected at least 1, got 0",
        ),
        (
            "daemon: {gates: {min_hour: 1}}",
            "daemon.gates.min_hour: unknown key; did you mean min_hours?",
        ),
        (
            "roots: [{path: /a, gates: {at_once: 1}}]",
            "roots[0].gates.at_once: unknown key; did you mean daemon.worker.at_once?",
        ),
        (
            "daemon: {min_hours: 1}",
            "daemon.min_hours: unknown key; did you mean roots.gates.min_hours?",
        ),
        ("daemon: {watch: {quiet_seconds: 0}}", "daemon.watch.quiet_seconds: expected more than 0, got 0"),
    ],
)
def test_a_fault_is_reported_with_key_and_expectation(text: str, problem: str) -> None:
    assert only_problem_of(text) == problem


# --- cron ------------------------------------------------------------------------------------------

EVERY_DAY, EVERY_MONTH, EVERY_WEEKDAY = tuple(range(1, 32)), tuple(range(1, 13)), tuple(range(7))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30 3 * * *", Cron((30,), (3,), EVERY_DAY, EVERY_MONTH, EVERY_WEEKDAY, either_day=False)),
        (
            "*/20 8-18/5 1,15 jan-Mar *",
            Cron((0, 20, 40), (8, 13, 18), (1, 15), (1, 2, 3), EVERY_WEEKDAY, either_day=False),
        ),
        ("0 0 * * 0", Cron((0,), (0,), EVERY_DAY, EVERY_MONTH, (0,), either_day=False)),
        ("0 0 1 * 7", Cron((0,), (0,), (1,), EVERY_MONTH, (0,), either_day=True)),
        ("0 0 */2 * 1", Cron((0,), (0,), EVERY_DAY[::2], EVERY_MONTH, (1,), either_day=False)),
        ("0 0 30 2 1", Cron((0,), (0,), EVERY_DAY, (2,), (1,), either_day=False)),
        (
            "50/5 22/1 * * *",
            Cron((50, 55), (22, 23), EVERY_DAY, EVERY_MONTH, EVERY_WEEKDAY, either_day=False),
        ),
    ],
)
def test_cron_expressions_are_read_like_cron_does(text: str, expected: Cron) -> None:
    assert parse_cron(text) == expected


@pytest.mark.parametrize(
    ("weekdays", "expected"),
    [
        ("1-5", (1, 2, 3, 4, 5)),
        ("5-7", (0, 5, 6)),
        ("0-6", EVERY_WEEKDAY),
        ("0-7", EVERY_WEEKDAY),
        ("*/2", (0, 2, 4, 6)),
        ("*/7", (0,)),
        ("mon-fri", (1, 2, 3, 4, 5)),
        ("fri-sun", (0, 5, 6)),
        ("sun,WED", (0, 3)),
        ("1/2", (0, 1, 3, 5)),
    ],
)
def test_sunday_is_zero_and_seven(weekdays: str, expected: tuple[int, ...]) -> None:
    assert parse_cron(f"0 0 * * {weekdays}").weekdays == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "* * * *",
        "* * * * * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * 32 * *",
        "* * * 13 *",
        "* * * * 8",
        "5-1 * * * *",
        "*/0 * * * *",
        "a * * * *",
        "-1 * * * *",
        "1, * * * *",
        "@daily",
        "* * * * mon-xyz",
        "0 0 30 2 *",
        "0 0 31 4,6 *",
        "٣ * * * *",
        "1-2-3 * * * *",
        "* * * jan-0 *",
    ],
)
def test_invalid_cron_expressions_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^expected "):
        parse_cron(text)


@given(st.text(alphabet="0123456789*/-, monjasu", max_size=20))
def test_any_cron_expression_is_read_or_explained(text: str) -> None:
    try:
        cron = parse_cron(text)
    except ValueError as error:
        sentence = str(error)
    else:
        sentence = "expected "
        assert all((cron.minutes, cron.hours, cron.days, cron.months, cron.weekdays))
    assert sentence.startswith("expected ")


# --- hours -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("09:00-18:00", [time(9), time(17, 59, 59)], [time(8, 59), time(18)]),
        ("22:00 - 06:30", [time(22), time(0), time(6, 29)], [time(6, 30), time(21, 59)]),
        ("00:00-00:00", [], [time(0), time(12)]),
    ],
)
def test_hours_may_run_over_midnight(text: str, inside: list[time], outside: list[time]) -> None:
    hours = parse_hours(text)
    assert all(moment in hours for moment in inside)
    assert not any(moment in hours for moment in outside)
