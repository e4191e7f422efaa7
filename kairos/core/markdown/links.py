"""Local links of a Markdown file with their byte spans: finding, resolving and repointing them."""

from __future__ import annotations

import posixpath
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import PurePosixPath
from typing import NamedTuple
from urllib.parse import quote, unquote

from kairos.core.markdown.blocks import BlockKind, blocks, line_spans
from kairos.core.markdown.inline import paired
from kairos.core.text.caching import cached
from kairos.model import Source, Span, Splice

OUTSIDE = ""
"""What a link resolves to if it leads out of the root."""

_TEXT = rb"\[([^\[\]\n]*(?:\[[^\[\]\n]*\][^\[\]\n]*)*)\]"
_TARGET = rb"(<[^<>\n]*>|(?:[^()\s<>]|\([^()\s<>]*\))+)"
_LINK_TITLE = rb"(?:[ \t]+(?:\"[^\"\n]*\"|'[^'\n]*'))?"
_INLINE = re.compile(_TEXT + rb"\(" + _TARGET + _LINK_TITLE + rb"[ \t]*\)")
_LOOSE = re.compile(_TEXT + rb"\([ \t]*((?:[^()<>\"\n]|\([^()<>\"\n]*\))+?\.md(?:#[^()\s<>\"]*)?)[ \t]*\)")
_WIKI = re.compile(rb"\[\[([^\[\]|\n]+)(?:\|([^\[\]\n]+))?\]\]")
_CODE_PATH = re.compile(rb"(?<!`)`([^`\s]+\.md)`(?!`)")
_REFERENCE = re.compile(rb"^[ ]{0,3}\[([^\[\]\n]+)\]:[ \t]*(<[^<>\n]*>|[^\s<>]+)", re.MULTILINE)
_BLANK = re.compile(r"\s")
_TICKS = re.compile(rb"(`+)|\n")
_UNENCODED = "/-._~!$&'*+,;=@"
"""Characters that an inline link need not encode, besides letters, digits and combining marks."""
_NOT_LITERAL = re.compile(r"%|\A[/~\\]")
"""Matches targets that do not name the path as written, even at the top of a root: percent-encoded or absolute ones."""
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//|#")


class LinkForm(StrEnum):
    """How a link is written."""

    INLINE = "inline"  # [text](file.md)
    LOOSE = "loose"  # [text](my file.md): not a CommonMark link because of the blank, but meant as one
    WIKI = "wiki"  # [[slug]] or [[slug|text]]
    CODE = "code"  # `file.md`: a mention rather than a link
    REFERENCE = "reference"  # [text]: file.md


class Link(NamedTuple):
    """One link: `span` covers all of it, `target_span` the bytes to replace to repoint it."""

    form: LinkForm
    span: Span
    target_span: Span
    target: str
    text: str


def links(source: Source) -> tuple[Link, ...]:
    """Return the local links of a file in order. Code blocks are skipped, and so are links in code spans."""
    data = source.data
    if b"[" not in data and b".md`" not in data:  # most files
        return ()
    blocks_of_code, spans = _code_blocks(data), _code_spans(data)
    found: list[Link] = []
    for form, pattern in _PATTERNS:
        for match in pattern.finditer(data):
            at = match.start()
            if _is_inside(blocks_of_code, at) or (form is not LinkForm.CODE and _is_inside(spans, at)):
                continue
            link = _link(form, match)
            if form is LinkForm.LOOSE and not _BLANK.search(link.target):
                continue
            if not _SCHEME.match(link.target):
                found.append(link)
    return _without_nested(sorted(found, key=lambda link: (link.span.start, -link.span.end)))


def _without_nested(found: Sequence[Link]) -> tuple[Link, ...]:
    """Drop links inside links, except paths in code: these are often a link's text."""
    kept: list[Link] = []
    end = 0
    for link in found:
        if link.form is not LinkForm.CODE:
            if link.span.start < end:
                continue
            end = link.span.end
        kept.append(link)
    return tuple(kept)


_PATTERNS = (
    (LinkForm.WIKI, _WIKI),
    (LinkForm.INLINE, _INLINE),
    (LinkForm.LOOSE, _LOOSE),
    (LinkForm.CODE, _CODE_PATH),
    (LinkForm.REFERENCE, _REFERENCE),
)


def _link(form: LinkForm, match: re.Match[bytes]) -> Link:
    group = 1 if form in (LinkForm.WIKI, LinkForm.CODE) else 2
    shown = match.group(1) if form is not LinkForm.WIKI else (match.group(2) or match.group(1))
    start, end = match.span(group)
    raw = match.group(group)
    if raw.startswith(b"<") and group == 2:
        start, end, raw = start + 1, end - 1, raw[1:-1]
    path, _, _ = raw.partition(b"#")
    target = path.decode("utf-8", "surrogateescape").strip()
    text = shown.decode("utf-8", "surrogateescape")
    return Link(form, Span(*match.span()), Span(start, start + len(path)), target or "#", text)


def _is_inside(spans: Sequence[tuple[int, int]], at: int) -> bool:
    """Whether a byte is inside one of these spans, which are in order and disjoint."""
    before = bisect_right(spans, at, key=_start) - 1
    return before >= 0 and at < spans[before][1]


def _start(span: tuple[int, int]) -> int:
    return span[0]


def _code_spans(data: bytes) -> list[tuple[int, int]]:
    """Return the code spans. A run of backticks pairs only with a run in the same line."""
    runs = [match.span(1) for match in _TICKS.finditer(data)]  # empty for a line break
    return [(opening[0], closing[1]) for opening, closing in paired(runs)]


def _code_blocks(data: bytes) -> tuple[tuple[int, int], ...]:
    if b"```" not in data and b"~~~" not in data:
        return ()
    lines = line_spans(data)
    return tuple(
        (lines[block.first][0], lines[min(block.last, len(lines)) - 1][1])
        for block in blocks(data.decode("utf-8", "replace"))
        if block.kind is BlockKind.CODE and block.last > block.first
    )


@dataclass(frozen=True)
class Directory:
    """What links can lead to: `paths` are the known paths of a root, `titles` maps the paths of notes to their titles.

    Below a path that is `unseen`, every link is taken to lead somewhere.
    """

    paths: Collection[str]
    titles: Mapping[str, str]
    unseen: Collection[str] = frozenset()

    @cached_property
    def _slugs(self) -> Mapping[str, str]:
        """Paths of notes by slug, of the file name first, else of the title.

        Built on demand: only wiki links need it, and many roots have none.
        """
        slugs = {slug_of(path): path for path in sorted(self.titles, reverse=True)}
        for path, title in self.titles.items():
            slugs.setdefault(slug_of(title), path)
        return slugs

    def resolve(self, link: Link, path: str) -> str | None:
        """Return the path that a link in the file `path` leads to, OUTSIDE, or None if it is broken."""
        if link.form is LinkForm.WIKI:
            return self.by_name(link.target)
        if link.target in self.paths and "/" not in path and not _NOT_LITERAL.search(link.target):
            return link.target  # a fast path for nearly all links of an index
        target = _target_path(link.target, posixpath.dirname(path))
        return target if target == OUTSIDE or self._may_exist(target) else None

    def by_name(self, name: str) -> str | None:
        """Return the path that a wiki link names, by the exact path or by the slug of a note; None if there is none."""
        name = name.strip().partition("#")[0]
        exact = next((path for path in (name, f"{name}.md") if path in self.paths), None)
        unseen = f"{name.removesuffix('.md')}.md" if is_below(name, self.unseen) else None
        return exact or unseen or self._slugs.get(slug_of(name))

    def _may_exist(self, path: str) -> bool:
        return path in self.paths or is_below(path, self.unseen)


def is_below(path: str, directories: Collection[str]) -> bool:
    """Whether a path lies in one of these directories, at any depth."""
    return bool(directories) and any(str(above) in directories for above in PurePosixPath(path).parents)


@cached(65_536)
def _target_path(target: str, directory: str) -> str:
    """Return the path that a link in a file of `directory` names, whether or not it exists, or OUTSIDE."""
    target = unquote(target, errors="surrogateescape")
    if target.startswith(("/", "~", "\\")):
        return OUTSIDE
    joined = posixpath.normpath(posixpath.join(directory, target))
    return OUTSIDE if joined == ".." or joined.startswith("../") else joined


@cached(65_536)  # paths and titles are nearly the same from one reading to the next
def slug_of(name: str) -> str:
    """Normalise a name for comparison: its last segment in NFC, without `.md`, `_` and blanks as `-`, case folded."""
    name = unicodedata.normalize("NFC", posixpath.basename(name))
    return name.removesuffix(".md").replace("_", "-").replace(" ", "-").casefold()


def repoint(
    path: str, found: Iterable[Link], directory: Directory, gone: str, successor: str | None
) -> tuple[Splice, ...]:
    """Return the edits that repoint the links `found` in the file `path` from `gone` to its successor.

    A link is reduced to its text if there is no successor, or if it cannot name it. Paths in code and reference
    definitions stay as they are then.
    """
    edits = []
    for link in found:
        if directory.resolve(link, path) != gone:
            continue
        address = None if successor is None else target_for(link, path, successor, directory)
        if address is not None and _is_utf8(address):
            edits.append(Splice(path, link.target_span, address))
        elif link.form in (LinkForm.INLINE, LinkForm.LOOSE, LinkForm.WIKI):
            edits.append(Splice(path, link.span, link.text.encode("utf-8", "surrogateescape")))
    return tuple(edits)


def target_for(link: Link, path: str, target: str, known: Directory) -> bytes:
    """Return the target to write so that a link in the file `path` leads to `target`, keeping the form of the link.

    A wiki link gets the bare name of the note, or its path if that name means another note.
    """
    if link.form is LinkForm.WIKI:
        bare = posixpath.basename(target)
        name = bare if known.by_name(bare.removesuffix(".md")) == target else target
        name = name if link.target.endswith(".md") else name.removesuffix(".md")
        return name.encode("utf-8", "surrogateescape")
    relative = posixpath.relpath(target, posixpath.dirname(path) or ".")
    if link.form is not LinkForm.CODE:
        relative = link_target(relative)
    return relative.encode("utf-8", "surrogateescape")


def _is_utf8(address: bytes) -> bool:
    """Whether an address is valid UTF-8, so that a note with it stays valid text.

    File names need not be UTF-8, and wiki links and paths in code have no way to encode them.
    """
    try:
        address.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def link_target(path: str) -> str:
    """Return a path as an inline link has it: whatever would end or change the link is percent-encoded."""
    return "".join(c if _is_unencoded(c) else quote(c, errors="surrogateescape") for c in path)


def _is_unencoded(character: str) -> bool:
    return character.isalnum() or character in _UNENCODED or unicodedata.combining(character) > 0
