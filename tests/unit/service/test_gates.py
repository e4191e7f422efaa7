from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairos.config import Backoff, Gates
from kairos.control.status import FOREVER
from kairos_service.blocking import GateBlock, blocking_gate
from kairos_service.gates import GateFacts, GateVerdict, first_shut, rest_after, verdicts

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=ZoneInfo("Europe/Berlin"))
HOUR = timedelta(hours=1)
READY = GateFacts(
    has_dreamt=True,
    last_success=NOW - 25 * HOUR,
    changed_entries=3,
    changed_bytes=1200,
    last_write_age_s=3600,
    transcript_growth_age_s=3600,
    load_per_core=0.2,
)


def found(facts: GateFacts, gates: Gates | None = None, now: datetime = NOW) -> dict[str, GateVerdict]:
    return {verdict.name: verdict for verdict in verdicts(facts, gates or Gates(), Backoff(), now)}


def shut(facts: GateFacts, gates: Gates | None = None, now: datetime = NOW) -> list[str]:
    return [verdict.name for verdict in found(facts, gates, now).values() if not verdict.is_open]


def test_a_root_that_is_ready_may_dream() -> None:
    assert shut(READY) == []
    assert first_shut(verdicts(READY, Gates(), Backoff(), NOW)) is None


def test_an_unknown_root_may_dream() -> None:
    assert shut(GateFacts()) == []


BOUNDS = Gates(
    min_changed_entries=41,
    min_changed_bytes=42,
    min_hours=43,
    quiet_minutes=44,
    transcript_quiet_minutes=45,
    min_sessions=46,
    quiet_hours="23:47-23:48",
    max_load_per_core=49,
    min_battery_percent=50,
)


@pytest.mark.parametrize(
    "facts",
    [
        GateFacts(),
        GateFacts(on_battery=True),
        replace(READY, sessions_since=1, on_battery=True, battery_percent=9, last_success=NOW - HOUR),
    ],
)
def test_each_gate_names_its_bound(facts: GateFacts) -> None:
    told = {name: verdict.value for name, verdict in found(facts, BOUNDS).items()}
    wanted = {
        "failures": "15 min" if not facts.failures else "", "hours": "43 h", "quiet_hours": "23:47-23:48",
        "changed": "41 entries or 42 B", "quiet": "44 min", "transcripts": "45 min", "sessions": "46",
        "load": "at most 49", "battery": "50 %",
    }  # fmt: skip
    assert {name: words for name, words in wanted.items() if words not in told[name]} == {}


def test_cheap_gates_come_first() -> None:
    names = [*found(READY)]
    assert names[:3] == ["there", "enabled", "paused"]
    assert names[-2:] == ["load", "battery"]
    assert len(names) == len(set(names)) == 13


@pytest.mark.parametrize(
    ("facts", "name", "value", "until"),
    [
        (replace(READY, problem="is gone since 10:00"), "there", "is gone since 10:00", None),
        (replace(READY, enabled=False), "enabled", "switched off in the configuration", None),
        (replace(READY, paused_until=NOW + HOUR), "paused", "until 13:00", NOW + HOUR),
        (replace(READY, paused_until=NOW + 24 * HOUR), "paused", "until 2026-11-27 12:00", NOW + 24 * HOUR),
        (replace(READY, paused_until=FOREVER), "paused", "until it is resumed", None),
        (
            replace(READY, failures=1, last_failure=NOW - timedelta(minutes=10)),
            "failures",
            "1 failure in a row; waits until 12:05",
            NOW + timedelta(minutes=5),
        ),
        (
            replace(READY, last_success=NOW - 2 * HOUR),
            "hours",
            "the last dream was 2 h ago; needs 20 h",
            NOW + 18 * HOUR,
        ),
        (
            replace(READY, changed_entries=0, changed_bytes=150),
            "changed",
            "0 entries, 150 B; needs 1 entry or 200 B",
            None,
        ),
        (
            replace(READY, last_write_age_s=40),
            "quiet",
            "last write 40 s ago; needs 10 min",
            NOW + timedelta(seconds=560),
        ),
        (
            replace(READY, transcript_growth_age_s=300.0),
            "transcripts",
            "a transcript grew 5 min ago; needs 10 min",
            NOW + timedelta(seconds=300),
        ),
        (
            replace(READY, lock_holder="Claude Code (PID 7)"),
            "lock",
            "held by Claude Code (PID 7)",
            None,
        ),
        (replace(READY, load_per_core=1.5), "load", "1.50 per processor; may be at most 1", None),
        (replace(READY, on_battery=True, battery_percent=29.6), "battery", "30 %; needs 30 %", None),
    ],
)
def test_one_shut_gate_is_named_with_its_value(
    facts: GateFacts, name: str, value: str, until: datetime | None
) -> None:
    assert shut(facts) == [name]
    assert found(facts)[name] == GateVerdict(name, is_open=False, value=value, until=until)


@pytest.mark.parametrize(
    "facts",
    [
        replace(READY, paused_until=NOW),
        replace(READY, failures=1, last_failure=NOW - timedelta(minutes=15)),
        replace(READY, last_success=NOW - 20 * HOUR),
        replace(READY, changed_entries=1, changed_bytes=0),
        replace(READY, changed_entries=0, changed_bytes=200),
        replace(READY, has_dreamt=False, changed_entries=0, changed_bytes=0),
        replace(READY, last_write_age_s=600, transcript_growth_age_s=600),
        replace(READY, load_per_core=1.0),
        replace(READY, on_battery=True, battery_percent=30),
        replace(READY, on_battery=True, battery_percent=None),
        replace(READY, on_battery=False, battery_percent=5),
    ],
)
def test_at_its_bound_a_gate_is_open(facts: GateFacts) -> None:
    assert shut(facts) == []


def test_sessions_are_required_only_if_they_are_known() -> None:
    gates = Gates(min_sessions=3)
    assert shut(replace(READY, sessions_since=2), gates) == ["sessions"]
    assert shut(replace(READY, sessions_since=3), gates) == []
    assert shut(replace(READY, sessions_since=None), gates) == []


@pytest.mark.parametrize(
    ("hours", "now", "until"),
    [
        ("09:00-18:00", NOW, NOW.replace(hour=18)),
        ("22:00-06:30", NOW.replace(hour=23), NOW.replace(day=27, hour=6, minute=30)),
        ("22:00-06:30", NOW.replace(hour=5), NOW.replace(hour=6, minute=30)),
        ("12:01-11:00", NOW, None),
        ("00:00-00:00", NOW, None),
    ],
)
def test_quiet_hours_end(hours: str, now: datetime, until: datetime | None) -> None:
    verdict = found(READY, Gates(quiet_hours=hours), now)["quiet_hours"]
    assert (verdict.is_open, verdict.until) == (until is None, until)


def test_quiet_hours_end_by_the_local_clock_even_when_it_changes() -> None:
    late = datetime(2026, 10, 24, 22, tzinfo=ZoneInfo("Europe/Berlin"))  # clocks go back that night
    until = found(READY, Gates(quiet_hours="21:00-07:00"), late)["quiet_hours"].until
    assert until is not None
    assert until.astimezone(UTC) - late.astimezone(UTC) == 10 * HOUR


def test_a_requested_dream_passes_all_gates_but_absence_and_locks() -> None:
    worst = GateFacts(
        problem=None,
        enabled=False,
        paused_until=FOREVER,
        has_dreamt=True,
        last_success=NOW - HOUR,
        last_failure=NOW,
        failures=9,
        last_write_age_s=0,
        transcript_growth_age_s=0,
        sessions_since=0,
        load_per_core=9,
        on_battery=True,
        battery_percent=1,
    )
    gates = Gates(min_sessions=1, quiet_hours="11:00-13:00")
    assert len(shut(worst, gates)) == 11
    asked = replace(worst, asked_for=True)
    assert shut(asked, gates) == []
    assert found(asked, gates)["load"].value.endswith("; ignored, because a dream was asked for")
    assert shut(replace(asked, lock_holder="PID 7"), gates) == ["lock"]
    assert shut(replace(asked, problem="is gone"), gates) == ["there"]


def test_a_clock_set_back_shuts_no_gate_for_good() -> None:
    year = timedelta(days=365)
    odd = replace(
        READY,
        last_success=NOW + year,
        last_failure=NOW + year,
        failures=3,
        last_write_age_s=-year.total_seconds(),
        transcript_growth_age_s=-year.total_seconds(),
    )
    assert shut(odd) == []


def test_a_write_slightly_in_the_future_counts_as_just_now() -> None:
    assert found(replace(READY, last_write_age_s=-30))["quiet"].until == NOW + timedelta(seconds=630)


def test_backoff_doubles_up_to_its_ceiling() -> None:
    backoff = Backoff(first_minutes=15, at_most_hours=2)
    minutes = [rest_after(number, backoff) / timedelta(minutes=1) for number in (1, 2, 3, 4, 5, 10_000)]
    assert minutes == [15, 30, 60, 120, 120, 120]


AGES = st.none() | st.floats(-1e12, 1e12)
MOMENTS = st.none() | st.datetimes(datetime(1970, 1, 1), datetime(9998, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(
    facts=st.builds(
        GateFacts,
        problem=st.none(),
        enabled=st.just(value=True),
        paused_until=st.none(),
        has_dreamt=st.booleans(),
        last_success=MOMENTS,
        last_failure=MOMENTS,
        failures=st.integers(0, 10**9),
        changed_entries=st.integers(1, 10**9),
        last_write_age_s=AGES,
        transcript_growth_age_s=AGES,
        lock_holder=st.none(),
        load_per_core=st.none() | st.floats(0, 1),
        on_battery=st.none(),
    ),
    now=st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_gates_that_only_wait_for_time_open_within_a_day(facts: GateFacts, now: datetime) -> None:
    first = verdicts(facts, Gates(), Backoff(), now)
    if first_shut(first) is None:
        return
    ends = [verdict.until for verdict in first if not verdict.is_open]
    opens = max(end for end in ends if end is not None)
    assert None not in ends
    assert now < opens <= now + timedelta(days=1)
    passed = (opens - now).total_seconds() + 1e-3

    def later(age: float | None) -> float | None:
        return None if age is None else age + passed

    then = replace(
        facts,
        last_write_age_s=later(facts.last_write_age_s),
        transcript_growth_age_s=later(facts.transcript_growth_age_s),
    )
    shut_later = [
        v for v in verdicts(then, Gates(), Backoff(), opens + timedelta(seconds=1)) if not v.is_open
    ]
    # A gate may be shut again only because a time that was in the future has passed meanwhile.
    dreams_ahead = any(at is not None and at > now for at in (facts.last_success, facts.last_failure))
    ahead = {
        "hours": dreams_ahead,
        "failures": dreams_ahead,
        "quiet": (facts.last_write_age_s or 0) < 0,
        "transcripts": (facts.transcript_growth_age_s or 0) < 0,
    }
    assert all(ahead[verdict.name] for verdict in shut_later)


# --- kept out --------------------------------------------------------------------------------------


def gate(name: str, *, is_open: bool = False) -> GateVerdict:
    return GateVerdict(name, is_open, "")


def test_gates_that_take_turns_count_from_the_first() -> None:
    first = GateBlock.after(None, "quiet", NOW)
    assert first == GateBlock("quiet", NOW)
    second = GateBlock.after(first, "load", NOW + 8 * 24 * HOUR)
    assert second == GateBlock("load", NOW)
    assert second.warning(NOW + 7 * 24 * HOUR) is None
    assert second.warning(NOW + 8 * 24 * HOUR) == "No dream for 8 days: the gate 'load' is shut."


def test_the_first_shut_gate_blocks() -> None:
    load = gate("load")
    assert blocking_gate([gate("quiet", is_open=True), load, gate("battery")]) is load
    assert blocking_gate([gate("load", is_open=True)]) is None


@pytest.mark.parametrize("name", ["enabled", "changed", "hours"])
def test_a_dream_that_nobody_wants_is_not_kept_out(name: str) -> None:
    assert blocking_gate([gate("paused"), gate(name)]) is None


def test_a_clock_that_was_set_back_starts_the_count_anew() -> None:
    assert GateBlock.after(GateBlock("quiet", NOW + HOUR), "quiet", NOW) == GateBlock("quiet", NOW)
