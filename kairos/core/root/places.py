"""What an entry is in its place: a fact by itself, a line of a list, a log or a longer text, or a mere pointer.

The judge sees what two entries say. Whether one can take the place of the other depends on what they are for.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection

from kairos.core.dates.written_days import Day
from kairos.core.root.facts import FileFacts
from kairos.core.root.forms import are_of_one_form
from kairos.core.root.purpose import points_elsewhere
from kairos.core.root.reading import Reading
from kairos.core.root.survivor import is_step, says
from kairos.core.values.values import located_values
from kairos.model import Entry, EntryKind, Note, Role

_DAY = re.compile(r"(?<!\d)(?:19|20)\d\d([-_.]?)(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])(?!\d)")
_LABEL = re.compile(r"\w[\w /-]{1,29}:\s")
_NOTE_METADATA = re.compile(
    r"\W*(?:extracted|source|sources|validated|status|state|date|created|created on|updated|last updated|last update|"
    r"last modified|last verified|author|owner|version|type|tags?|category|priority|session|session id|branch|commit|"
    r"reviewed|reviewed by|confidence|atomicity|related|see also|origin session|stand|datum|autor|quelle|fecha|estado|"
    r"fuente|auteur|statut|日期|状态|来源)\W*[:：]",
    re.IGNORECASE,
)
"""How a line begins that only says when, by whom and from what its note was written."""
_TERSE_BELOW = 6
"""A line with fewer words only completes its heading: "Location: src/app.py"."""
_RECORDS = 3
"""Sections that have a line with one label from which they are records."""
_LONGEST_OCCASION = 3  # words
_AFTER_A_FIRST_DAY = tuple(",:;–—-")


def documents(reading: Reading) -> frozenset[str]:
    """Return the paths of the notes that are texts to be read as a whole."""
    return frozenset(path for path, facts in reading.facts.items() if facts.purpose.is_document)


def is_logged(entry: Entry, note: Note) -> bool:
    """Whether an entry reports on one day among others: a line of a daily log, or dated by its path or headings."""
    if entry.kind is EntryKind.FACT:
        return False
    return note.role is Role.DAILY or any(map(_DAY.search, (entry.path, *entry.headings)))


def is_comparable(a: Entry, b: Entry, reading: Reading, composed: Collection[str]) -> bool:
    """Whether two entries can be weighed against each other by what they say alone.

    One of them (both, within one file) is a fact by itself, as a section is, or a bullet of an index, a log or a bare
    list: these stand for nothing but what they say. Neither leads elsewhere, or belongs to a note to be read as a whole
    (`composed` are the paths of such notes), and the two notes are not records of one form.
    """
    if a.path in composed or b.path in composed or points_elsewhere(a) or points_elsewhere(b):
        return False
    if _depend_on_sections(a, b, reading):
        return False
    found = [_stands_alone(entry, reading.note_of(entry)) for entry in (a, b)]
    is_enough = all(found) if a.path == b.path else any(found)
    return is_enough and not are_of_one_form(a, b, reading)


def are_lines_of_a_list(a: Entry, b: Entry, reading: Reading, composed: Collection[str]) -> bool:
    """Whether two entries are lines of a list that grows: facts in no order, of which one may repeat another.

    They are bullets of one section with a line between them, whole sentences, neither steps nor tasks; their note is
    not to be read as a whole (`composed` are the paths of such notes), and no record of a day. Whoever writes one line
    below another means both, and lines with labels ("Impact: …", "Fix: …") describe one thing.
    """
    if not in_one_section(a, b, reading) or a.path in composed or reading.note_of(a).role is Role.DAILY:
        return False
    if (a.headings, a.lead) in reading.facts[a.path].cached_for(_records, None):
        return False
    return all(map(_is_whole_line, (a, b))) and _are_apart(a, b, reading)


def _is_whole_line(entry: Entry) -> bool:
    is_bullet = entry.kind is EntryKind.BULLET and entry.done is None
    return is_bullet and not is_step(entry) and not points_elsewhere(entry) and says(entry) >= _TERSE_BELOW


def _records(facts: FileFacts, _: None) -> frozenset[tuple[tuple[str, ...], str]]:
    """Return the headings and leads of the lists of a file in which at least half of the lines begin with a label."""
    bullets = [entry for entry in facts.note.entries if entry.kind is EntryKind.BULLET]
    lines = Counter((entry.headings, entry.lead) for entry in bullets)
    labelled = Counter((entry.headings, entry.lead) for entry in bullets if is_labelled(entry))
    return frozenset(section for section, count in labelled.items() if 2 * count >= lines[section])


def _are_apart(a: Entry, b: Entry, reading: Reading) -> bool:
    """Whether another entry stands between two of one file."""
    lines = reading.facts[a.path].cached_for(_lines, None)
    return abs(bisect_left(lines, a.line) - bisect_left(lines, b.line)) > 1


def _lines(facts: FileFacts, _: None) -> tuple[int, ...]:
    return tuple(entry.line for entry in facts.note.entries)


def are_about_different_things(a: Entry, b: Entry, reading: Reading) -> bool:
    """Whether like words of two entries mean two different things.

    That is so for events of two days, for texts that begin with two days ("2026-05-12, Leith: …"), for pointers, for
    what two notes or sections say about themselves ("Status: draft"), for an entry that links to the note of the other,
    for two entries of one file in different sections of which one is terse, for two terse lines of two files in
    sections of the same name, for a line whose label begins lines of several sections of its file, and for two notes of
    one form: the lines of such records are about what each record is about.
    """
    if points_elsewhere(a) or points_elsewhere(b) or _begin_with_two_days(a, b):
        return True
    if _is_of_a_record(a, reading) or _is_of_a_record(b, reading):
        return True
    one, other = reading.note_of(a), reading.note_of(b)
    if a.path == b.path:
        logged = one.role is not Role.DAILY and is_logged(a, one) and is_logged(b, other)
        return logged or _depend_on_sections(a, b, reading)
    if (is_logged(a, one) and is_logged(b, other)) or _links_to_note_of(a, b) or _links_to_note_of(b, a):
        return True
    return (
        (_is_field(a, one) and _is_field(b, other))
        or _are_form_fields(a, b)
        or are_of_one_form(a, b, reading)
    )


def _begin_with_two_days(a: Entry, b: Entry) -> bool:
    """Whether each of two entries is about a day of its own, which its first words name."""
    one, other = _first_day(a), _first_day(b)
    if one is None or other is None:
        return False
    return one[1:] != other[1:] or (0 not in {one[0], other[0]} and one[0] != other[0])


def _first_day(entry: Entry) -> Day | None:
    """Return the day with which a text begins, perhaps after the name of an occasion: "Visit 12 May 2026, Leith"."""
    found = located_values(entry.text)
    if not found.days:
        return None
    (start, end), day = found.days[0]
    begins = all(day[1:]) and len(found.text[:start].split()) <= _LONGEST_OCCASION
    return day if begins and found.text[end:].lstrip()[:1] in _AFTER_A_FIRST_DAY else None


def in_one_section(a: Entry, b: Entry, reading: Reading) -> bool:
    """Whether two entries of one file share their headings and lead and, if they are bullets, their list."""
    same = a.path == b.path and a.headings == b.headings and a.lead == b.lead
    return same and not in_two_lists(a, b, reading)


def in_two_lists(a: Entry, b: Entry, reading: Reading) -> bool:
    """Whether another entry stands between two bullets of a file; often it is the bold title of the second list."""
    if a.path != b.path or {a.kind, b.kind} != {EntryKind.BULLET}:
        return False
    between = reading.facts[a.path].cached_for(_between_lists, None)
    return bisect_left(between, a.line) != bisect_left(between, b.line)


def _between_lists(facts: FileFacts, _: None) -> tuple[int, ...]:
    return tuple(entry.line for entry in facts.note.entries if entry.kind is not EntryKind.BULLET)


def _depend_on_sections(a: Entry, b: Entry, reading: Reading) -> bool:
    """Whether two entries of one file are in different sections, and one is too terse to be understood without it."""
    return a.path == b.path and min(says(a), says(b)) < _TERSE_BELOW and not in_one_section(a, b, reading)


def _are_form_fields(a: Entry, b: Entry) -> bool:
    """Whether two terse lines of two files stand below a heading or lead of one name, in different outer sections."""
    if max(says(a), says(b)) >= _TERSE_BELOW:
        return False
    (*above_a, name_a), (*above_b, name_b) = (
        ("", *one.headings, *filter(None, [one.lead])) for one in (a, b)
    )
    return name_a == name_b and len(above_a) > 1 and len(above_b) > 1 and above_a != above_b


_LINK = re.compile(r"\[\[([^\]|#\n]+)|\]\(<?([^)#>\n]+?)(?:#[^)\n]*)?>?\)")


def _links_to_note_of(a: Entry, b: Entry) -> bool:
    """Whether an entry links to the note of another: it sends the reader there rather than contradicting it."""
    if "[" not in a.raw:
        return False
    name = b.path.rpartition("/")[2].removesuffix(".md")
    targets = (wiki or path for wiki, path in _LINK.findall(a.raw))
    return any(target.strip().rpartition("/")[2].removesuffix(".md") == name for target in targets)


def tells_of_its_note(entry: Entry) -> bool:
    """Whether every line of an entry only says when, by whom and from what its note was written."""
    lines = [line for line in entry.raw.splitlines() if line.strip()]
    return bool(lines) and all(map(_NOTE_METADATA.match, lines))


def is_labelled(entry: Entry) -> bool:
    """Whether an entry begins with a label, like "Module: src/app.py": it describes what it stands below."""
    return _LABEL.match(entry.text) is not None


def _is_field(entry: Entry, note: Note) -> bool:
    """Whether a labelled text tells something of the note, or of the section within the note, that it stands in."""
    if not is_labelled(entry):
        return False
    in_section = note.role is Role.NOTE and len(entry.headings) > 1 and says(entry) < _TERSE_BELOW
    return entry.kind is EntryKind.PARAGRAPH or (entry.kind is EntryKind.BULLET and in_section)


def _is_of_a_record(entry: Entry, reading: Reading) -> bool:
    """Whether a bullet is a field of one of several records of its file: each person there has "Role: …"."""
    is_note = reading.note_of(entry).role is Role.NOTE
    if not is_note or entry.kind is not EntryKind.BULLET or not is_labelled(entry):
        return False
    return _label(entry) in reading.facts[entry.path].cached_for(_labels_of_records, None)


def _labels_of_records(facts: FileFacts, _: None) -> frozenset[str]:
    """Return the labels with which bullets of at least `_RECORDS` sections of a file begin."""
    bullets = [entry for entry in facts.note.entries if entry.kind is EntryKind.BULLET and is_labelled(entry)]
    sections = Counter(label for label, _ in {(_label(entry), entry.headings) for entry in bullets})
    return frozenset(label for label, count in sections.items() if count >= _RECORDS)


def _label(entry: Entry) -> str:
    return entry.text.partition(":")[0].casefold()


def _stands_alone(entry: Entry, note: Note) -> bool:
    if entry.kind in {EntryKind.FACT, EntryKind.SECTION}:
        return True
    return (
        entry.kind is EntryKind.BULLET
        and not is_step(entry)
        and (note.role in {Role.INDEX, Role.DAILY} or _is_bare_list(note))
    )


def _is_bare_list(note: Note) -> bool:
    """Whether a note is nothing but bullets: no paragraph, and no front matter that says what the whole is about."""
    return note.front is None and all(entry.kind is EntryKind.BULLET for entry in note.entries)
