"""Judges whether what an entry says is done, gone, past or taken back by itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kairos.core.dates.days import may_name_a_day, mentions
from kairos.core.dates.today import Today
from kairos.core.markdown.claims import sentences_of
from kairos.core.staleness.beyond import SAYS_MORE
from kairos.core.staleness.days_expiry import came_back, ended_period, expiry, only_meanwhile
from kairos.core.staleness.days_finished import (
    LONGEST_TASK,
    due_passed,
    explains,
    is_reminder,
    past_subject,
    retired,
)
from kairos.core.staleness.invalidity import may_be_void
from kairos.core.staleness.meanwhile import Passing, all_held, hands_over, passing
from kairos.core.staleness.occasions import occasion
from kairos.core.staleness.periods import period
from kairos.core.staleness.tasks import deadline, finished
from kairos.core.staleness.void import voided
from kairos.model import Entry, EntryKind

_OPENING_DAY = re.compile(
    r"\W*(?:(?:19|20)\d\d[-/.]\d|\d{1,2}[./]\d{1,2}[./]|\d{1,2}\s?月|(?:19|20)\d\d\s?年)"
)
_LONGEST_PERIOD = 60  # characters
IS_VOID = "it says itself that it no longer holds"
FAR_FUTURE = date(9000, 1, 1)
"""A day after any that a note names."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something may go: a stable slug, a sentence for people, and the verbatim clause that says so.

    `doubt` says what is missing for that to be certain; "" if nothing is. With a doubt, it waits for a person.
    `successor` is the path of the note that takes its place.
    """

    kind: str
    text: str
    clause: str
    doubt: str = ""
    successor: str | None = None


def judge_content(entry: Entry, today: Today, *, is_log: bool) -> Reason | None:
    """Judge whether what an entry describes is done, gone or past.

    Most entries are ruled out first: they name no day, and do not open with a thing that may be gone.
    """
    subject = past_subject(entry.raw)
    dated = any(may_name_a_day(part.text) for part in entry.parts)
    if subject is None and not dated and not may_be_void(entry.raw):
        return None
    sentences = sentences_of(entry)
    if not sentences:
        return None
    return (
        (None if is_log else _void(entry, sentences))
        or _finished_task(entry, sentences, today)
        or (_retired(entry, subject, sentences, today) if subject else None)
        or _past(entry, sentences, today, is_log=is_log)
    )


def _past(entry: Entry, sentences: Sequence[str], today: Today, *, is_log: bool) -> Reason | None:
    """Judge whether what an entry says held or was planned for days that are over; the more certain reason counts."""
    expired = _expired(entry, sentences, today, is_log=is_log or _is_record(entry))
    if is_log or (expired is not None and not expired.doubt):
        return expired
    over = _over(entry, sentences, today)
    return over if expired is None or (over is not None and not over.doubt) else expired


def _void(entry: Entry, sentences: Sequence[str]) -> Reason | None:
    """Judge whether an entry says of itself that it no longer holds. About its note, only a whole body can say so."""
    if entry.kind is EntryKind.TABLE_ROW:
        return None
    found = voided(sentences, is_note=entry.kind is EntryKind.FACT)
    return Reason("void", IS_VOID, found[1], found[2]) if found is not None else None


def _over(entry: Entry, sentences: Sequence[str], today: Today) -> Reason | None:
    """Judge whether all that an entry says was planned for days that are over, or had to be done by then."""
    if entry.kind is EntryKind.TABLE_ROW or _is_log_line(entry):
        return None
    if (planned := occasion(sentences, today)) is not None:
        return Reason("over", f"what it plans was on {planned[0]}", sentences[0], planned[1])
    due = deadline(sentences[0], today) if len(sentences) == 1 else None
    if due is None:
        return None
    return Reason("over", f"its deadline, {due}, has passed", sentences[0], "nothing says that it was met")


def _is_log_line(entry: Entry) -> bool:
    """Whether an entry opens with a day, as lines of a log do: they tell what happened."""
    return bool(_OPENING_DAY.match(entry.text))


def _is_record(entry: Entry) -> bool:
    """Whether an entry opens with the day of what it tells, and not with a period."""
    if not _is_log_line(entry):
        return False
    span = period(entry.text, mentions(entry.text[:_LONGEST_PERIOD], reference=FAR_FUTURE))
    return span is None or bool(entry.text[: span.start].strip("*_ "))


def _finished_task(entry: Entry, sentences: Sequence[str], today: Today) -> Reason | None:
    if entry.kind is EntryKind.TABLE_ROW:
        return None
    if (done := finished(sentences, today)) is not None:
        text = f"it is done, and its date, {done[0]}, has passed"
        return Reason("done", text, sentences[0], done[1])
    due = due_passed(sentences[0], ticked=bool(entry.done), today=today)
    if due is None:
        return None
    says_nothing_else = (
        len(sentences) == 1 and len(sentences[0]) <= LONGEST_TASK and not explains(sentences[0])
    )
    was = "was a reminder" if is_reminder(sentences[0]) else "is done"
    text = f"it {was}, and its date, {due}, has passed"
    return Reason("done", text, sentences[0], "" if says_nothing_else else SAYS_MORE)


def _retired(entry: Entry, subject: str, sentences: Sequence[str], today: Today) -> Reason | None:
    clause = retired(subject, sentences)
    if clause is None or not all(
        today.has_come(mention.last) for mention in mentions(entry.raw, reference=None)
    ):
        return None
    doubt = row_doubt(entry) or ("" if len(sentences) <= 2 else SAYS_MORE)
    return Reason("retired", "it says that what it describes is gone", clause, doubt)


def _expired(entry: Entry, sentences: Sequence[str], today: Today, *, is_log: bool) -> Reason | None:
    for at, sentence in enumerate(sentences):
        over = ended_period(sentence, today=today, is_log=is_log)
        ends = (
            expiry(sentence, today=today, is_log=is_log),
            over,
            None if is_log else came_back(sentence, today=today),
        )
        found = min(filter(None, ends), key=lambda end: end.doubt != "", default=None)
        if found is None:
            continue
        days = mentions(entry.raw, reference=over.day) if over else today.mentions(entry.raw)
        if not all(today.is_past(mention.last) for mention in days):
            return None
        says_nothing_else = all(map(only_meanwhile, sentences[:at])) and all(
            only_meanwhile(other) or (not is_log and _is_held(other, sentences, at))
            for other in sentences[at + 1 :]
        )
        doubt = row_doubt(entry) or ("" if says_nothing_else else SAYS_MORE) or found.doubt
        return Reason("expiry", f"what it describes ended on {found.day}", sentence, doubt)
    return None


def _is_held(other: str, sentences: Sequence[str], at: int) -> bool:
    """Whether a sentence says what is so only during the state of the one at `at`.

    After a full stop, that is certain only of who does what an absent person cannot do.
    """
    state = passing(sentences[at])
    if sentences[at].endswith((";", "；")) and len(sentences) == at + 2:
        return state is not None and all_held(other, state)
    return state is Passing.ABSENCE and hands_over(other)


def row_doubt(entry: Entry) -> str:
    """Return why a row of a table waits; "" for any other entry."""
    return "a row of a table may be needed there" if entry.kind is EntryKind.TABLE_ROW else ""
