"""What was found stale on one day is found on every later day up to `Today.through`."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import event, example, given
from hypothesis import strategies as st

from kairos.core.dates.today import Today
from kairos.core.markdown.parse import parse
from kairos.core.staleness.stale import stale
from kairos.model import Finding, Role, Source

DAYS = st.dates(date(2025, 6, 1), date(2027, 6, 1))
WRITTEN = st.builds(
    lambda day, form: day.strftime(form),
    DAYS,
    st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%d %B", "%B %d", "%B %Y", "%Y", "%m/%d/%Y", "%m月%d日"]),
)
SENTENCES = st.sampled_from(
    [
        "Closed until {}.",
        "The office is closed until {}, and reopens on {}.",
        "Use the VPN until {}.",
        "Gilt bis {}.",
        "Reminder: pay the rent by {}.",
        "Register by {} (done).",
        "The script sync.sh was deleted on {}.",
        "Since {} we use Postgres.",
        "All done.",
        "The office is closed from {} to {}.",
        "Talk in the library on {} at 18:00, bring the slides.",
        "To do by {}: pay the rent. Done on {}.",
        "The form must be sent by {}.",
        "No longer valid since {}: pay the rent in cash.",
        "Ada is in Vienna from {} to {}, no calls.",
        "The crane is rented from {} to {} for the roof.",
        "To do: pay the rent by {}.",
        "For the fair on {} the stand needs 22 kegs.",
        "The cut-over is on {}.",
        "Closed until {} because the floor is being sanded.",
        "有效期至 {}.",
    ]
)
SAID = st.builds(lambda sentence, one, other: sentence.format(one, other), SENTENCES, WRITTEN, WRITTEN)
LINES = st.builds(
    lambda mark, said: f"- {mark}{' '.join(said)}\n",
    st.sampled_from(["", "[x] ", "`sync.sh` copied the files. "]),
    st.lists(SAID, min_size=1, max_size=2),
)
NOTES = st.builds(
    lambda expires, lines: (f"---\nexpires: {expires}\n---\n\n" if expires else "") + "".join(lines),
    st.none() | DAYS,
    st.lists(LINES, min_size=1, max_size=3),
)


@given(NOTES, DAYS, st.integers(0, 500))
@example("- `sync.sh` copied the files. The script was deleted on 2026-03-01.\n", date(2026, 2, 1), 40)
def test_stale_findings_hold_through_the_day_that_is_named(text: str, day: date, later: int) -> None:
    today = Today(day)
    found = look(text, today)
    event("stale" if found else "not stale")
    assert today.through >= day
    if today.through < date.max:
        event("changes")
    on = min(day + timedelta(later), today.through)
    assert look(text, Today(on)) == found


def look(text: str, today: Today) -> tuple[Finding, ...]:
    note = parse(Source("note.md", text.encode(), "", 0, 0o644, Role.NOTE))
    return stale(note, today=today, exists=lambda _path: False)
