"""Pointers: the lines of an index that lead to notes."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kairos.core.markdown.links import Directory, Link, LinkForm, slug_of
from kairos.core.markdown.plain_text import digest, plain, without_marker
from kairos.core.root.facts import FileFacts
from kairos.core.root.reading import Reading
from kairos.core.text.caching import cached
from kairos.model import Entry, EntryKind, Note, Role, Span

POINTING_ROLES = frozenset({Role.INDEX, Role.SUBINDEX})
_LONGEST_TITLE = 80
"""Characters of a title that stands before its link."""
_TITLE_ENDS = (":", "—", "–", "-", "：", "→")
_AFTER_LINK = re.compile(r"\A[*_`~)\s]*(?:[—–:：(|,·-]|\Z)")
_CONTINUATION = re.compile(r"[ \t]+(?!```|~~~)\S")
_UNCERTAIN_FORMS = frozenset({LinkForm.CODE, LinkForm.LOOSE})  # links only if they resolve
_COMMON_NAMES = frozenset({"readme", "index", "memory", "claude", "agents", "changelog", "license"})


@dataclass(frozen=True, slots=True)
class Pointer:
    """A line of an index that leads to notes.

    `targets` are the paths that its links lead to, in order: None for a broken link, OUTSIDE for one that leaves the
    root. `mentions` are other paths that the line names in code.
    """

    entry: Entry
    links: tuple[Link, ...]
    targets: tuple[str | None, ...]
    mentions: tuple[str, ...] = ()

    @property
    def is_single(self) -> bool:
        """Whether the line exists for exactly one note."""
        if len(self.links) == 1:  # true of nearly all pointers
            return True
        return len(set(self.targets)) == 1 and len({link.target for link in self.links}) == 1

    @property
    def can_move(self) -> bool:
        """Whether the line means the same in another list; table rows, plain lines and indented items do not."""
        return self.is_single and self.entry.kind is EntryKind.BULLET and not self.entry.raw[:1].isspace()

    @property
    def target(self) -> str | None:
        """The path that a single pointer leads to, as in `targets`."""
        return self.targets[0]


def directory(reading: Reading) -> Directory:
    """Return everything that links can lead to in a root."""
    titles = {path: note.title for path, note in reading.notes.items()}
    snapshot = reading.snapshot
    return Directory(frozenset(titles) | snapshot.other_paths, titles, snapshot.unseen)


def pointers(facts: FileFacts, known: Directory) -> tuple[Pointer, ...]:
    """Return the pointers of an index or sub-index file, in order.

    A path in code that leads nowhere in the root names some other file and makes no pointer.
    """
    if facts.source.role not in POINTING_ROLES:
        return ()
    path = facts.source.path
    return facts.cached_for(_pointers, tuple(known.resolve(link, path) for link in facts.links))


def _pointers(facts: FileFacts, targets: Sequence[str | None]) -> tuple[Pointer, ...]:
    """Return the pointers of a file whose links resolve to `targets`, one per link."""
    good = [
        (link, to)
        for link, to in zip(facts.links, targets, strict=True)
        if _leads_to_note(link) and (to or link.form not in _UNCERTAIN_FORMS)
    ]
    found: list[Pointer] = []
    position = 0
    for entry in facts.note.entries:
        lines = []
        for line in _lines(entry):
            own: list[tuple[Link, str | None]] = []
            while position < len(good) and good[position][0].span.start < line.span.end:
                if good[position][0].span.start >= line.span.start:
                    own.append(good[position])
                position += 1
            lines.append(_pointer(line, own))
        if None not in lines:  # a paragraph that also says something else is content
            found += filter(None, lines)
    return tuple(found)


def all_pointers(reading: Reading) -> dict[str, tuple[Pointer, ...]]:
    """Return the pointers of every index and sub-index file of a root."""
    known = reading.derived(directory)
    return {
        path: pointers(reading.facts[path], known)
        for path, source in reading.sources.items()
        if source.role in POINTING_ROLES
    }


def pointer_ids(reading: Reading) -> frozenset[str]:
    """Return the ids of the entries of a root that are pointers rather than content."""
    return frozenset(one.entry.id for found in reading.derived(all_pointers).values() for one in found)


def _pointer(line: Entry, own: Sequence[tuple[Link, str | None]]) -> Pointer | None:
    """Return the pointer that a line is, or None. Paths in code count only if the line has no other link."""
    strong = [pair for pair in own if pair[0].form is not LinkForm.CODE] or own
    if not strong or not _is_pointer(line, [link for link, _ in strong]):
        return None
    targets = tuple(to for _, to in strong)
    led_to = frozenset(targets)
    mentions = tuple(to for _, to in own if to and to not in led_to)
    return Pointer(line, tuple(link for link, _ in strong), targets, mentions)


def _leads_to_note(link: Link) -> bool:
    return link.form is LinkForm.WIKI or (link.form is not LinkForm.REFERENCE and link.target.endswith(".md"))


def _lines(entry: Entry) -> Iterator[Entry]:
    """Yield the entry itself, or each line of a paragraph as an entry."""
    if entry.kind is not EntryKind.PARAGRAPH or "\n" not in entry.raw:
        yield entry
        return
    start = entry.span.start
    lines = entry.raw.splitlines(keepends=True)
    for number, raw in enumerate(lines):
        last = number == len(lines) - 1
        end = entry.span.end if last else start + len(raw.encode("utf-8"))
        text = raw.rstrip("\r\n")
        yield entry._replace(
            id=f"{entry.path}:{start}",
            span=Span(start, end),
            line=entry.line + number,
            raw=text,
            text=plain(text),
            digest=digest(text),
        )
        start = end


def _is_pointer(line: Entry, own: Sequence[Link]) -> bool:
    """Whether a line exists for the sake of its link: it begins with the link, or with a short title for it.

    A bullet with children is content, and so is a sentence that continues after its link. A hook may continue only on
    indented lines.
    """
    if len(line.parts) > 1 or not all(map(_CONTINUATION.match, line.raw.splitlines()[1:])):
        return False
    raw = line.raw.encode("utf-8")
    before = raw[: own[0].span.start - line.span.start].decode("utf-8", "ignore")
    after = raw[own[0].span.end - line.span.start :].decode("utf-8", "ignore")
    if line.kind is EntryKind.TABLE_ROW:
        return _is_pointing_row(before, after)
    title = _title_before_link(before)
    if not any(map(str.isalnum, title)):
        return line.kind is EntryKind.BULLET or _AFTER_LINK.match(after) is not None
    return (
        len(title) <= _LONGEST_TITLE
        and title.endswith(_TITLE_ENDS)
        and len(own) == 1
        and _AFTER_LINK.match(after.rstrip(" .。")) is not None
    )


@cached(1024)  # most lines have nothing but a marker before their link
def _title_before_link(before: str) -> str:
    return plain(without_marker(before)).strip(" *_`🔗📌")


def _is_pointing_row(before: str, after: str) -> bool:
    """Whether a table row is a pointer: a cell holds nothing but the link, and it is the first cell or one of two."""
    if before.rpartition("|")[2].strip(" *`") or after.partition("|")[0].strip(" *`"):
        return False
    cells_before, cells_after = before.strip(" |").strip(), after.strip(" |").strip()
    return not cells_before or (not cells_after and "|" not in cells_before)


def kind_of(note: Note) -> str:
    """Return the type of a note or, without one, the first word of its file name."""
    return note.type or re.split(r"[-_.]", posixpath.basename(note.path), maxsplit=1)[0]


def renamed(link: Link, reading: Reading) -> str | None:
    """Return the one note that a broken link evidently means: its name in another directory or in another spelling.

    None if there is no such note or several, or if the name is a common one such as README.
    """
    wanted = slug_of(link.target)
    if wanted in _COMMON_NAMES:
        return None
    matches = [path for path, note in reading.notes.items() if slug_of(path) == wanted and _is_note(note)]
    return matches[0] if len(matches) == 1 else None


def _is_note(note: Note) -> bool:
    return note.role in (Role.NOTE, Role.DAILY)


def pointed(all_pointers: Mapping[str, Sequence[Pointer]]) -> frozenset[str]:
    """Return every path that some pointer leads to."""
    return frozenset(
        target for found in all_pointers.values() for pointer in found for target in pointer.targets if target
    )
