"""Recognises notes that say themselves that another note takes their place.

Only the opening words of a note are about all of it: the same words further down are about their surroundings.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from urllib.parse import unquote

from kairos.core.markdown.front_matter import text_field
from kairos.core.staleness.beyond import SAYS_MORE, reason_to_wait
from kairos.model import Entry, EntryKind, Finding, Note, Role

_TARGET = (
    r"(?:\[[^\[\]\n]*\]\((?P<link>[^()\s]+)\)|\[\[(?P<wiki>[^\[\]|\n]+)(?:\|[^\[\]\n]*)?\]\]"
    r"|[`\"]?(?P<name>[\w./-]+\.md)\b[`\"]?)"
)
_MARKER = re.compile(
    r"^[\W_]*(?:\[!\w+\]\s*[>\W_]*)?"
    r"(?:(?:this|the) (?:note|file|page|document|memory) (?:is|was|has been) (?:now )?"
    r"|(?:deprecated|obsolete|outdated|status|warning|veraltet|obsoleto|obsolète|устарело)[\W_]+"
    r"|diese (?:notiz|datei|seite) (?:ist|wurde) )?"
    r"(?:(?:superseded|replaced|obsoleted)[*_]* by|(?:ersetzt|abgelöst)[*_]* durch|remplacée?[*_]* par"
    r"|(?:reemplazad|sustituid|substituíd)[oa][*_]* por|sostituit[oa][*_]* da|заменен[оа]?[*_]* на|已?被)"
    rf"[*_:\s]*{_TARGET}(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_ONLY_A_DATE = re.compile(
    r"[\W_]*(?:(?:取代|替代|代替)[\W_]*)?(?:(?:on|since|as of|am|seit|le|el|em|il)? ?\d{4}-\d{2}-\d{2}[\W_]*)?",
    re.IGNORECASE,
)
_ASIDE = re.compile(r"[*_`]*\s*[.:;,(—–-]")  # only an explanation follows; "for staging" would narrow it down
_MEANT_TO_STAY = re.compile(
    r"\b(?:kept?|keep|history|historical|record|reference|archived?|partly|partially|in part|except|only)\b",
    re.IGNORECASE,
)
_LONGEST = 400  # characters of a text that can be a marker
_QUOTED = "it says so in a quotation"


@dataclass(frozen=True, slots=True)
class Successor:
    """The note that takes another's place, and the `clause` that says so.

    The words are `bare` if nothing but a date follows them: they make no claim of their own that could be superseded,
    so they can only be about the note that they open. `doubt` says why that is not certain; "" if it is.
    """

    path: str
    clause: str
    bare: bool
    doubt: str = ""


def successor_of_note(note: Note, exists: Callable[[str], bool]) -> Successor | None:
    """Return what takes the place of a note by its front matter, its title, or its opening words; else None."""
    named = text_field(note.front.fields, "superseded_by", "superseded-by") if note.front else ""
    path = _resolve(note.path, named, exists) if named else None
    if path is not None:
        return Successor(path, "", bare=True)
    if note.role is not Role.NOTE:
        return None
    for text in (note.description, note.title):
        found = _find_marker(note.path, text, exists)
        if found is not None:
            return replace(found, doubt="only its title or description says so")
    if not note.entries or any(not _is_under(entry, note.entries[0]) for entry in note.entries):
        return None
    return _successor_in_opening(note.entries[0], exists)


def _is_under(entry: Entry, first: Entry) -> bool:
    return entry.headings[: len(first.headings)] == first.headings


def _successor_in_opening(entry: Entry, exists: Callable[[str], bool]) -> Successor | None:
    found = _find_marker(entry.path, entry.raw.strip().partition("\n\n")[0], exists)
    if found is None or entry.struck:
        return None
    if entry.kind not in (EntryKind.PARAGRAPH, EntryKind.FACT):  # may be about the next line only
        in_list = found.bare and entry.kind is EntryKind.BULLET
        return (
            replace(found, doubt="a line of a list says so, perhaps about the next line") if in_list else None
        )
    return replace(found, doubt=_QUOTED) if entry.raw.lstrip().startswith(">") else found


def successor_of_entry(entry: Entry, exists: Callable[[str], bool]) -> Successor | None:
    """Return what takes the place of a bullet that says so about itself; else None.

    A bare marker does not count: there is nothing else in the bullet that it could be about.
    """
    found = _find_marker(entry.path, entry.raw, exists) if entry.kind is EntryKind.BULLET else None
    return found if found is not None and not found.bare else None


def _find_marker(path: str, text: str, exists: Callable[[str], bool]) -> Successor | None:
    match = _MARKER.match(text) if len(text) <= _LONGEST else None
    if match is None:
        return None
    name = next(filter(None, (match["link"], match["wiki"], match["name"])))
    target = _resolve(path, unquote(name.partition("#")[0]), exists)
    rest = match["rest"]
    bare = _ONLY_A_DATE.fullmatch(rest) is not None
    if target is None or not (bare or _ASIDE.match(rest)) or _MEANT_TO_STAY.search(rest):
        return None
    clause = text[: match.start("rest")].strip(" \t\n>-*_")
    return Successor(target, clause, bare, "" if bare else SAYS_MORE)


def with_final_successors(findings: Iterable[Finding], notes: Mapping[str, Note]) -> Iterator[Finding]:
    """Yield the findings, those of superseded notes with the last successor in their chain.

    They wait for a person if the direct successor is the older note, or if the chain leads back to the note itself. The
    successor is then None, as it is where the last one is itself to be pruned.
    """
    found = tuple(findings)
    whole = {one.path: one for one in found if one.entry_id is None}
    for finding in found:
        if finding.successor is None or whole.get(finding.path) is not finding:
            yield finding
            continue
        chain = _chain(finding, whole)
        doubt = _doubt_about_chain(chain, finding, notes)
        last = whole.get(chain[-1])
        goes = last is not None and last.unattended and last.successor is None
        yield replace(
            finding,
            waits=finding.waits or reason_to_wait(doubt),
            successor=None if doubt or goes else chain[-1],
        )


def _doubt_about_chain(chain: Sequence[str], finding: Finding, notes: Mapping[str, Note]) -> str:
    """Return why a note is not removed although one takes its place; "" for no reason."""
    if chain[-1] == finding.path:
        return "the notes that supersede it lead back to it"
    if _is_older(notes.get(chain[0]), notes[finding.path]):
        return f"{chain[0]} is the older of the two"
    return ""


def _chain(finding: Finding, whole: Mapping[str, Finding]) -> list[str]:
    """Return what takes a note's place, what takes the place of that, and so on. A circle ends where it began."""
    chain: list[str] = []
    successor = finding.successor
    while successor is not None and successor not in chain:
        chain.append(successor)
        following = whole.get(successor)
        stays = successor == finding.path or following is None or not following.unattended
        successor = None if stays or following is None else following.successor
    return chain


def _is_older(successor: Note | None, note: Note) -> bool:
    if successor is None or successor.dated is None or note.dated is None:
        return False
    return successor.dated.day < note.dated.day


def _resolve(path: str, target: str, exists: Callable[[str], bool]) -> str | None:
    """Return the path that the note at `path` means by `target`, or None: next to it or from the root, never itself."""
    name = target.strip("[]`\"' ").removeprefix("./")
    name = name if name.endswith(".md") else f"{name}.md"
    beside = (str(PurePosixPath(path).parent / name), str(PurePosixPath(name)))
    return next((one for one in beside if one != path and exists(one)), None)
