"""Why a dream may start unattended now, or why not: one verdict per gate, computed from what was measured.

Nothing here looks at a clock or a disk. No gate stays shut for good because a clock was set back, a file has a date in
the future, or something could not be measured.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from kairos.config import Backoff, Gates
from kairos.config.hours import parse_hours
from kairos.control.status import FOREVER
from kairos.core.text.counts import count
from kairos_service.wording import clock_time, size, span

_MOST_DOUBLINGS = 40  # bounds the exponent; by then the pause is beyond any ceiling


@dataclass(frozen=True, slots=True)
class GateFacts:
    """What was measured of one root and of the machine. None means unknown, which never shuts a gate.

    Ages are in seconds, and negative if a file has a date in the future. `problem` says why the root cannot be dreamt
    over at all. `changed_entries` is an estimate. `asked_for`: a person wants this dream.
    """

    problem: str | None = None
    enabled: bool = True
    paused_until: datetime | None = None
    has_dreamt: bool = False
    last_success: datetime | None = None
    last_failure: datetime | None = None
    failures: int = 0
    changed_entries: int = 0
    changed_bytes: int = 0
    last_write_age_s: float | None = None
    transcript_growth_age_s: float | None = None
    sessions_since: int | None = None
    lock_holder: str | None = None
    load_per_core: float | None = None
    on_battery: bool | None = None
    battery_percent: float | None = None
    asked_for: bool = False


@dataclass(frozen=True, slots=True)
class GateVerdict:
    """One gate: whether it is open, what was found and is required, and when it opens by itself, if known."""

    name: str
    is_open: bool
    value: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Question:
    facts: GateFacts
    gates: Gates
    backoff: Backoff
    now: datetime


def verdicts(facts: GateFacts, gates: Gates, backoff: Backoff, now: datetime) -> tuple[GateVerdict, ...]:
    """Return the verdict of every gate, cheapest to measure first.

    A dream that a person asked for passes all gates except `there` and `lock`.
    """
    question = _Question(facts, gates, backoff, now)
    found = tuple(gate(question) for gate in _GATES)
    return tuple(map(_waived, found)) if facts.asked_for else found


def first_shut(found: Sequence[GateVerdict]) -> GateVerdict | None:
    """Return the first shut gate; None means that a dream may start."""
    return next((verdict for verdict in found if not verdict.is_open), None)


def _waived(verdict: GateVerdict) -> GateVerdict:
    if verdict.is_open or verdict.name in ("there", "lock"):
        return verdict
    return replace(
        verdict, is_open=True, value=f"{verdict.value}; ignored, because a dream was asked for", until=None
    )


# --- the gates -------------------------------------------------------------------------------------


def _there(q: _Question) -> GateVerdict:
    well = "there" if q.facts.enabled else "not checked"
    return GateVerdict("there", q.facts.problem is None, q.facts.problem or well)


def _enabled(q: _Question) -> GateVerdict:
    return GateVerdict(
        "enabled", q.facts.enabled, "yes" if q.facts.enabled else "switched off in the configuration"
    )


def _paused(q: _Question) -> GateVerdict:
    until = q.facts.paused_until
    if until is None or until <= q.now:
        return GateVerdict("paused", is_open=True, value="no")
    if until >= FOREVER:
        return GateVerdict("paused", is_open=False, value="until it is resumed")
    return GateVerdict("paused", is_open=False, value=f"until {clock_time(until, q.now)}", until=until)


def _failures(q: _Question) -> GateVerdict:
    failures, last = q.facts.failures, q.facts.last_failure
    if failures <= 0 or last is None:
        rest = span(rest_after(1, q.backoff).total_seconds())
        return GateVerdict("failures", is_open=True, value=f"none; waits {rest} after the first")
    value = f"{count(failures, 'failure')} in a row"
    if last > q.now:
        return GateVerdict("failures", is_open=True, value=f"{value}, in the future: the clock was set back")
    until = last + rest_after(failures, q.backoff)
    if until <= q.now:
        return GateVerdict("failures", is_open=True, value=value)
    return GateVerdict(
        "failures", is_open=False, value=f"{value}; waits until {clock_time(until, q.now)}", until=until
    )


def rest_after(failures: int, backoff: Backoff) -> timedelta:
    """Return how long a root rests after this many failures in a row (at least one)."""
    minutes = backoff.first_minutes * 2 ** min(failures - 1, _MOST_DOUBLINGS)
    return timedelta(minutes=min(minutes, backoff.at_most_hours * 60))


def _hours(q: _Question) -> GateVerdict:
    last = q.facts.last_success
    if last is None:
        return GateVerdict("hours", is_open=True, value=f"no dream yet; needs {q.gates.min_hours:g} h")
    if last > q.now:
        return GateVerdict(
            "hours", is_open=True, value="the last dream is in the future: the clock was set back"
        )
    value = f"the last dream was {span((q.now - last).total_seconds())} ago; needs {q.gates.min_hours:g} h"
    until = last + timedelta(hours=q.gates.min_hours)
    is_open = until <= q.now
    return GateVerdict("hours", is_open, value, None if is_open else until)


def _quiet_hours(q: _Question) -> GateVerdict:
    if q.gates.quiet_hours is None:
        return GateVerdict("quiet_hours", is_open=True, value="none")
    hours = parse_hours(q.gates.quiet_hours)
    value = f"it is {q.now:%H:%M}; no dreams {q.gates.quiet_hours}"
    if q.now.time() not in hours:
        return GateVerdict("quiet_hours", is_open=True, value=value)
    until = q.now.replace(hour=hours.end.hour, minute=hours.end.minute, second=0, microsecond=0)
    if until <= q.now:
        until += timedelta(days=1)
    return GateVerdict("quiet_hours", is_open=False, value=value, until=until)


def _changed(q: _Question) -> GateVerdict:
    entries, enough = q.facts.changed_entries, q.gates.min_changed_entries
    number, enough_bytes = q.facts.changed_bytes, q.gates.min_changed_bytes
    wanted = f"needs {count(enough, 'entry', 'entries')} or {size(enough_bytes)}"
    if not q.facts.has_dreamt:
        return GateVerdict("changed", is_open=True, value=f"no dream yet; {wanted}")
    value = f"{count(entries, 'entry', 'entries')}, {size(number)}; {wanted}"
    return GateVerdict("changed", entries >= enough or number >= enough_bytes, value)


def _quiet(q: _Question) -> GateVerdict:
    return _open_after("quiet", "last write", q.facts.last_write_age_s, q.gates.quiet_minutes, q.now)


def _transcripts(q: _Question) -> GateVerdict:
    age, minutes = q.facts.transcript_growth_age_s, q.gates.transcript_quiet_minutes
    return _open_after("transcripts", "a transcript grew", age, minutes, q.now)


def _sessions(q: _Question) -> GateVerdict:
    count, enough = q.facts.sessions_since, q.gates.min_sessions
    if count is None:
        value = f"no transcripts are known for this root; needs {enough:,} sessions"
        return GateVerdict("sessions", is_open=True, value=value)
    return GateVerdict("sessions", count >= enough, f"{count:,} since the last dream; needs {enough:,}")


def _lock(q: _Question) -> GateVerdict:
    holder = q.facts.lock_holder
    return GateVerdict("lock", holder is None, "free" if holder is None else f"held by {holder}")


def _load(q: _Question) -> GateVerdict:
    load, most = q.facts.load_per_core, q.gates.max_load_per_core
    if load is None:
        return GateVerdict("load", is_open=True, value=f"unknown; may be at most {most:g} per processor")
    return GateVerdict("load", load <= most, f"{load:.2f} per processor; may be at most {most:g}")


def _battery(q: _Question) -> GateVerdict:
    percent, least = q.facts.battery_percent, q.gates.min_battery_percent
    if not q.facts.on_battery:
        return GateVerdict("battery", is_open=True, value=f"not in use; needs {least} % if it is")
    if percent is None:
        return GateVerdict("battery", is_open=True, value=f"in use, charge unknown; needs {least} %")
    return GateVerdict("battery", percent >= least, f"{percent:.0f} %; needs {least} %")


_GATES: tuple[Callable[[_Question], GateVerdict], ...] = (
    _there, _enabled, _paused, _failures, _hours, _quiet_hours, _changed, _quiet, _transcripts, _sessions, _lock,
    _load, _battery,
)  # fmt: skip


def _open_after(name: str, what: str, age: float | None, minutes: float, now: datetime) -> GateVerdict:
    """A gate that is shut until `minutes` have passed since something that happened `age` seconds ago.

    An age slightly in the future stems from another machine's clock and counts as just now; one further ahead than
    `minutes` is ignored.
    """
    wanted = minutes * 60
    if age is None:
        return GateVerdict(name, is_open=True, value=f"nothing known; needs {minutes:g} min")
    if age < -wanted:
        return GateVerdict(
            name, is_open=True, value=f"{what} is dated {span(-age)} in the future: does not count"
        )
    value = f"{what} {span(max(age, 0))} ago; needs {minutes:g} min"
    is_open = age >= wanted
    return GateVerdict(name, is_open, value, None if is_open else now + timedelta(seconds=wanted - age))
