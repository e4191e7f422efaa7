"""Finds what is provably stale: by what a note says about itself, never by its age.

A wrong prune is the worst that can happen, so anything less than certain waits for a person.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from kairos.core.dates.days import may_name_a_day, mentions
from kairos.core.dates.today import Today
from kairos.core.markdown.claims import sentences_of
from kairos.core.markdown.links import slug_of
from kairos.core.staleness.beyond import SAYS_MORE, reason_to_wait
from kairos.core.staleness.days_expiry import names_an_end
from kairos.core.staleness.days_finished import (
    is_closing,
    is_finished_task,
)
from kairos.core.staleness.entry_content import FAR_FUTURE, IS_VOID, Reason, judge_content, row_doubt
from kairos.core.staleness.heads import Voided
from kairos.core.staleness.superseded import successor_of_entry, successor_of_note
from kairos.core.staleness.void import voided
from kairos.core.text.sentences import split
from kairos.model import Entry, EntryKind, Evidence, Finding, Note, Role

_JUDGED = frozenset({Role.INDEX, Role.NOTE, Role.DAILY, Role.SECTIONS})
_RECORD_HEADING = re.compile(
    r"\b(?:change ?logs?|history|timeline|archives?|log|release notes|milestones|verlauf|historie|chronik|"
    r"historique|historial|histórico|cronologia)\b|历史|历程|履歴|история",
    re.IGNORECASE,
)
"""Headings of records, whose entries are meant to describe the past."""
_PLACEHOLDER = re.compile(
    r"^\W*(?:todo|tbd|fixme|n/?a|<[^<>\n:@/]+>|\{\{[^{}\n]+\}\}|\[placeholder\])\W*$",
    re.IGNORECASE,
)
"""A placeholder that nobody has replaced."""
_STOCK_HEADING = re.compile(
    r"\W*(?:why|what|how(?: to (?:apply|use))?|when|where|who|context|background|summary|overview|details?|notes?|"
    r"usage|examples?|rationale|reasons?|evidence|sources?|references?|links?|related|see also|status|decisions?|"
    r"facts?|next steps?|todo|warum|wann|wie|anwendung|hintergrund|beispiele?|quellen?|zusammenfassung|notizen|"
    r"pourquoi|contexte|résumé|por qué|contexto|resumen|motivo|почему|контекст|原因|背景|如何应用|为什么)\W*",
    re.IGNORECASE,
)
"""Headings that templates have. Any other heading may be all that somebody had to say."""
_SILENT_FIELDS = frozenset(
    "type node_type tags date created created_at modified updated updated_at originsessionid".split()
)
"""Front matter that says nothing. Any other field may be all that somebody had to say."""
_LONGEST_NAME = 4  # words; a longer heading is a sentence, even if the file is named after it
_OPEN_TASK = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+\[ \]", re.MULTILINE)
_LONGEST_WEEKDAY = 12  # characters, with the comma after it
_HEADING_MARKS = 12  # bytes of a heading that are not its text: marks, line breaks, blank lines
_SHORTEST_LIST = 2  # ticked items


def is_stock_heading(text: str) -> bool:
    """Whether a heading is one that templates have, such as "Why" or "Next steps"."""
    return _STOCK_HEADING.fullmatch(text) is not None


def stale(note: Note, *, today: Today, exists: Callable[[str], bool]) -> tuple[Finding, ...]:
    """Return the stale entries of a note on the day `today`, or one finding if the whole note is stale.

    A finding about the whole note has `entry_id` None. `exists` tells whether the root has a path.
    """
    if note.role not in _JUDGED:
        return ()
    reason = _judge_note(note, today, exists)
    if reason is not None:
        return (_finding(note, None, reason),)
    is_log = _is_log(note)
    found = ((entry, _judge_entry(entry, today, exists, is_log=is_log)) for entry in note.entries)
    return tuple(_finding(note, entry, reason) for entry, reason in found if reason is not None)


def goes_stale(entry: Entry) -> bool:
    """Whether an entry is stale already, or will be once some day has passed."""
    return (
        any(map(names_an_end, sentences_of(entry)))
        or _judge_entry(entry, Today(FAR_FUTURE), _never_exists, is_log=False) is not None
    )


def _is_log(note: Note) -> bool:
    """Whether a note records what happened: what it once planned, or took back, belongs to the record."""
    return note.role is Role.DAILY or any(
        _RECORD_HEADING.search(text.replace("_", " ")) for text in (note.title, note.path)
    )


def _is_of_a_day(heading: str) -> bool:
    """Whether a heading opens with a day, as those of a log do: "2026-05-12", "Monday, 4 May"."""
    found = mentions(heading, reference=FAR_FUTURE) if may_name_a_day(heading) else ()
    if found:
        return found[0].start <= _LONGEST_WEEKDAY
    numbered = f"1. {heading}"  # the number of "4. Mai" was taken for that of a heading
    return any(mention.end == len(numbered) for mention in mentions(numbered, reference=FAR_FUTURE))


def _never_exists(_path: str) -> bool:
    return False


def _finding(note: Note, entry: Entry | None, reason: Reason) -> Finding:
    return Finding(
        path=note.path,
        entry_id=entry.id if entry else None,
        reason=reason.text,
        evidence=(
            Evidence(reason.kind, f'{reason.text}: "{reason.clause}"' if reason.clause else reason.text),
        ),
        waits=_protection(note) or reason_to_wait(reason.doubt),
        successor=reason.successor,
    )


def _protection(note: Note) -> str:
    """Return why a note is never pruned unattended, whatever is found; "" if it is not protected."""
    if not note.protected:
        return ""
    if note.path.startswith("team/"):
        return "a team's notes are removed only by you"
    if note.front and note.front.fields.get("pinned") is True:
        return "a pinned note is removed only by you"
    return f"notes of type {note.type} are removed only by you"


def _judge_note(note: Note, today: Today, exists: Callable[[str], bool]) -> Reason | None:
    """Judge a note as a whole. One that is always loaded never is: each of its entries goes for a reason of its own."""
    if note.role in {Role.INDEX, Role.SECTIONS}:
        return None
    if note.role is Role.NOTE and note.expires is not None and today.is_past(note.expires):
        return Reason("expiry", f"its front matter says that it expired on {note.expires}", "")
    successor = successor_of_note(note, exists)
    if successor is not None:
        says = "it says" if successor.clause else "its front matter says"
        text = f"{says} that {successor.path} supersedes it"
        return Reason("superseded", text, successor.clause, successor.doubt, successor.path)
    return _empty(note) or _finished_list(note, today) or _void_note(note)


def _void_note(note: Note) -> Reason | None:
    """Judge whether a note of several entries opens with the words that it no longer holds, and why."""
    if len(note.entries) < 2 or note.role is not Role.NOTE or _is_log(note):
        return None
    opening = note.entries[0]
    found = voided(sentences_of(opening), is_note=True) if opening.kind is EntryKind.PARAGRAPH else None
    if found is None or found[0] is not Voided.NOTE or opening.raw.lstrip().startswith(">"):
        return None
    return Reason("void", IS_VOID, found[1], found[2] or "only its opening says so")


def _empty(note: Note) -> Reason | None:
    """Judge whether a note is empty: an empty file, headings alone, or a template that nobody filled in."""
    silent = not note.description and all(
        name.casefold() in _SILENT_FIELDS for name in (note.front.fields if note.front else ())
    )
    if note.entries:
        return _unfilled_template(note, silent=silent)
    if note.body.end - note.body.start <= len(b"\r\n"):
        text = "it is empty" if silent else "it has no text besides its front matter"
        return Reason("empty", text, "", _front_matter_doubt(silent=silent))
    if not note.outline or (note.role is not Role.NOTE and len(note.outline) == 1):
        return None
    text = "it has headings but no text"
    if len(note.outline) == 1:
        text = "it has a heading but no text"
    doubt = _front_matter_doubt(silent=silent) or _heading_doubt(note.outline, note) or _role_doubt(note)
    return Reason("empty", text, "", doubt)


def _unfilled_template(note: Note, *, silent: bool) -> Reason | None:
    """Judge whether every entry is a placeholder. Certain if the note has nothing else but stock headings."""
    if not all(_PLACEHOLDER.match(entry.raw) for entry in note.entries):
        return None
    headings = {heading for entry in note.entries for heading in entry.headings}
    accounted_for = sum(entry.span.end - entry.span.start for entry in note.entries)
    accounted_for += sum(len(heading.encode()) + _HEADING_MARKS for heading in headings)
    nothing_else = note.body.end - note.body.start <= accounted_for
    doubt = (
        _front_matter_doubt(silent=silent)
        or _heading_doubt(headings, note)
        or ("" if nothing_else else SAYS_MORE)
        or _role_doubt(note)
    )
    return Reason("empty", "it is a template that nobody filled in", note.entries[0].raw, doubt)


def _heading_doubt(headings: Iterable[str], note: Note) -> str:
    telling = sorted(heading for heading in headings if not _is_stock(heading, note))
    return f'its heading may say something ("{telling[0]}")' if telling else ""


def _front_matter_doubt(*, silent: bool) -> str:
    return "" if silent else "its front matter may say something"


def _role_doubt(note: Note) -> str:
    return "" if note.role is Role.NOTE else "it is a log of one day"


def _is_stock(heading: str, note: Note) -> bool:
    """Whether a heading says nothing by itself: it is the name of the file, or templates have it."""
    if _STOCK_HEADING.fullmatch(heading):
        return True
    named = slug_of(heading) in (slug_of(note.path), slug_of(note.path).removeprefix(f"{note.type}-"))
    return named and len(heading.split()) <= _LONGEST_NAME


def _finished_list(note: Note, today: Today) -> Reason | None:
    """Judge whether a note is a finished to-do list: all boxes ticked, all its days past, only closing remarks besides.

    Certain only if there is such a remark ("all done") and every item is a bare task.
    """
    boxes = [entry for entry in note.entries if entry.done is not None]
    others = [entry for entry in note.entries if entry.done is None]
    if len(boxes) < _SHORTEST_LIST or not all(box.done for box in boxes):
        return None
    texts = (
        [entry.raw for entry in note.entries]
        + [entry.lead for entry in note.entries]
        + list(boxes[0].headings)
    )
    days = [
        mention
        for text in texts
        for mention in mentions(text, reference=note.dated.day if note.dated else None)
    ]
    if not days or not all(today.is_past(mention.last) for mention in days):
        return None
    closing = [sentence for entry in others for sentence in split(entry.text)]
    if not all(is_closing(sentence) for sentence in closing):
        return None
    are_bare_tasks = all(len(box.parts) == 1 and is_finished_task(box.text) for box in boxes)
    text = f"a finished to-do list whose last date, {max(mention.last for mention in days)}, has passed"
    doubt = (
        ("" if are_bare_tasks else "an item says more than what was to do")
        or ("" if closing else "no line says that everything is done")
        or _role_doubt(note)
    )
    return Reason("done", text, closing[-1] if closing else boxes[-1].text, doubt)


def _judge_entry(entry: Entry, today: Today, exists: Callable[[str], bool], *, is_log: bool) -> Reason | None:
    if entry.struck:
        return Reason("struck", "it is struck out", entry.raw, row_doubt(entry))
    if any(
        _RECORD_HEADING.search(text) for text in (*entry.headings, entry.lead)
    ) or entry.raw.lstrip().startswith(">"):
        return None
    if _OPEN_TASK.search(entry.raw):
        return None  # an overdue open task is worth knowing
    return _superseded(entry, exists) or judge_content(
        entry, today, is_log=is_log or any(map(_is_of_a_day, entry.headings))
    )


def _superseded(entry: Entry, existing: Callable[[str], bool]) -> Reason | None:
    successor = successor_of_entry(entry, existing)
    if successor is None:
        return None
    text = f"it says that {successor.path} supersedes it"
    return Reason("superseded", text, successor.clause, SAYS_MORE, successor.path)
