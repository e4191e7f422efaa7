"""Turns Markdown blocks into plain text: what a person reads, without the marks."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator

from kairos.core.markdown.inline import code_of, without_comments, without_marks

_MARKER = re.compile(r"^[ \t]*(?:[-*+]|\d{1,9}[.)])(?:[ \t]+|$)")
_TASK = re.compile(r"^\[([ xX])\][ \t]+")
_INNER_MARKER = re.compile(r"^[ \t]*[-*+][ \t]+(?:\[[ xX]\][ \t]+)?", re.MULTILINE)
_QUOTE = re.compile(r"^[ \t]*(?:>[ \t]?)+", re.MULTILINE)
_FENCE = re.compile(r"[ \t>]*(`{3,}(?=[^`]*\Z)|~{3,})")
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n)+")
_LINE_BREAK = re.compile(r"\r\n?")


def without_marker(raw: str) -> str:
    """Strip the bullet or number and the checkbox of a list item."""
    body = _MARKER.sub("", raw, count=1)
    return _TASK.sub("", body, count=1)


def checkbox(raw: str) -> bool | None:
    """Return whether an item's checkbox is ticked, or None if it has no checkbox."""
    match = _TASK.match(_MARKER.sub("", raw, count=1))
    return None if match is None else match.group(1) != " "


def is_struck(raw: str) -> bool:
    """Whether an item or paragraph is struck out as a whole."""
    body = without_marker(raw).strip()
    return len(body) > 4 and body.startswith("~~") and body.endswith("~~") and "~~" not in body[2:-2]


def plain(raw: str) -> str:
    """Return the plain text of one entry. Line breaks stay, other white space is collapsed, blank lines go.

    Fenced code loses its fences, but nothing in it is taken for a mark.
    """
    body = without_marker(raw)
    is_item = body != raw
    pieces: list[str] = []
    for is_code, text in _split_fenced(_LINE_BREAK.sub("\n", body)):
        if is_code:
            pieces.append(text)
            continue
        prose = _QUOTE.sub("", without_comments(text))
        if is_item:
            prose = _INNER_MARKER.sub("", prose)
        pieces += map(without_marks, _BLANK_LINES.split(prose))  # no mark spans a blank line
    lines = (" ".join(line.split()) for piece in pieces for line in piece.splitlines())
    return "\n".join(line for line in lines if line)


def _split_fenced(text: str) -> Iterator[tuple[bool, str]]:
    """Yield (False, prose) and (True, fenced code without its fences), in order."""
    if "```" not in text and "~~~" not in text:
        yield False, text
        return
    lines: list[str] = []
    fence = ""
    for line in text.split("\n"):
        match = _FENCE.match(line)
        if match and not fence:
            yield False, "\n".join(lines)
            lines, fence = [], match.group(1)
        elif match and match.group(1).startswith(fence) and line.strip(" \t>") == match.group(1):
            yield True, "\n".join(lines)
            lines, fence = [], ""
        else:
            lines.append(line)
    yield bool(fence), "\n".join(lines)


def code_spans(raw: str) -> tuple[str, ...]:
    """Return the distinct contents of an entry's inline code spans, in order."""
    prose = (
        text for is_code, text in _split_fenced(_LINE_BREAK.sub("\n", without_marker(raw))) if not is_code
    )
    blocks = (block for text in prose for block in _BLANK_LINES.split(text))
    return tuple(dict.fromkeys(code for block in blocks for code in code_of(block)))


def row_text(cells: tuple[str, ...]) -> str:
    """Return a table row as one line of plain text."""
    return " | ".join(" ".join(plain(cell).split()) for cell in cells)


def normalised(text: str) -> str:
    """Normalise a text for comparison: NFKC, case folded, each run of white space as one blank."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def digest(raw: str) -> str:
    """Return a hash of an entry's normalised words, in 16 hexadecimal digits. It survives a move of the entry."""
    return hashlib.sha256(normalised(without_marker(raw)).encode("utf-8", "surrogatepass")).hexdigest()[:16]
