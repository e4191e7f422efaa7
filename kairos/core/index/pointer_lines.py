"""How an index writes its pointers: the line for a note, with a hook that lasts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kairos.core.dates.relative import words_for_days
from kairos.core.markdown.links import LinkForm, link_target
from kairos.core.root.credentials import credentials
from kairos.core.root.facts import FileFacts
from kairos.core.root.instructions import commands
from kairos.core.root.pointers import Pointer
from kairos.core.staleness.stale import goes_stale
from kairos.core.text.escape import visible
from kairos.core.text.sentences import split
from kairos.model import Conflict, Entry, EntryKind, Note

_DASHES = re.compile(r"\)[*_`]*\s*(—|–|--|-|:)\s")
_HOOK_LENGTH = 120

Disputed = frozenset[tuple[str, str]]
"""The entries in open conflicts, as (path, text)."""


def disputed(conflicts: Iterable[Conflict]) -> Disputed:
    """Return the entries of these conflicts."""
    return frozenset((side.file, side.text) for conflict in conflicts for side in (conflict.a, conflict.b))


@dataclass(frozen=True, slots=True)
class Style:
    """How an index writes its pointers."""

    marker: str = "- "
    separator: str = " — "
    path_as_title: bool = False


def style_of(found: Sequence[Pointer]) -> Style:
    """Return the style of the last bullet that points with an ordinary link, or the default style."""
    for pointer in reversed(found):
        link = pointer.links[0]
        if pointer.entry.kind is not EntryKind.BULLET or link.form is not LinkForm.INLINE:
            continue
        marker = re.match(r"[-*+] ", pointer.entry.raw)
        if marker is None:
            continue
        dash = _DASHES.search(pointer.entry.raw)
        separator = " — " if dash is None else ": " if dash.group(1) == ":" else f" {dash.group(1)} "
        return Style(marker.group(), separator, link.text.strip("`*") == link.target)
    return Style()


def line_for(note: Note, style: Style, disputed: Disputed = frozenset()) -> str:
    """Return a new pointer line, without its line break: title, path and a hook.

    The hook is the description, or else the first words of an entry that lasts. What is `disputed`, or ends on some
    day, would still stand in the index when the note has long lost it, and "yesterday" would be wrong on the next day.
    """
    lasting = (
        one
        for one in note.entries
        if (one.path, one.raw) not in disputed
        and not words_for_days(first_words(one))
        and not goes_stale(one)
    )
    return line_saying(note, style, note.description or next(filter(None, map(first_words, lasting)), ""))


def first_words(entry: Entry) -> str:
    """Return the first sentence of an entry; "" for none."""
    return next(iter(split(entry.text)), "")


def line_saying(note: Note, style: Style, hook: str) -> str:
    """Return the pointer line to a note with `hook`, or without one if an index should not repeat it."""
    title = note.path if style.path_as_title or commands(note.title) else _title(note)
    line = f"{style.marker}[{_escaped(title)}]({link_target(note.path)})"
    if hook.startswith("<<<<<<<"):  # a conflict marker of git
        hook = ""
    if credentials(hook) or commands(hook):  # an always-loaded index is the last place to repeat one
        hook = ""
    short = _shortened(_escaped(" ".join(hook.split()).rstrip(" ,;:")))
    return f"{line}{style.separator}{short}" if short else line


def line_of(note: Note, facts: FileFacts, style: Style, disputed: Disputed) -> str:
    """Return `line_for` a note; cached if it is the one of `facts`, since plan after plan asks for the same lines."""
    ours = frozenset(one for one in disputed if one[0] == note.path)
    return facts.cached_for(_line, (style, ours)) if note is facts.note else line_for(note, style, ours)


def _line(facts: FileFacts, given: tuple[Style, Disputed]) -> str:
    return line_for(facts.note, *given)


def _title(note: Note) -> str:
    """Return a readable title: a slug becomes words, without the type of the note in front."""
    title = " ".join(note.title.split()) or note.path
    if re.fullmatch(r"(?=.*[a-z])[a-z0-9]+(?:[-_][a-z0-9]+)+", title):
        words = title.replace("_", "-").split("-")
        words = words[1:] if words[0] == note.type else words
        title = " ".join(words).capitalize()
    return _shortened(title)


def _shortened(text: str) -> str:
    if len(text) <= _HOOK_LENGTH:
        return text
    cut = text[: _HOOK_LENGTH - 1].rsplit(" ", 1)[0]
    return cut.rstrip(" ,;:") + "…"


_REPLACED = str.maketrans({"[": "(", "]": ")", "`": "'", "<": "‹", ">": "›", "|": "/"})


def _escaped(text: str) -> str:
    """Return a text that forms no link, code or comment and has no control characters."""
    safe = text.translate(_REPLACED).encode("utf-8", "replace").decode("utf-8")
    return "".join(character for character in safe if visible(character) == character)
