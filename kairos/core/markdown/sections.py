"""Files of Hermes, whose entries are separated by lines of `§`: read, joined and counted exactly as Hermes does.

Source: `tools/memory_tool.py` of NousResearch/hermes-agent. Hermes knows no Markdown: a line of `§` inside a fenced
code block separates entries, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from kairos.model import Span, Splice

PROFILE = "USER.md"
"""The file in which Hermes describes its user."""

_SIGN = "§".encode()
_DELIMITER = re.compile(rb"(?:\r\n|\r|\n)" + _SIGN + rb"(?:\r\n|\r|\n)")
"""What separates two entries. Hermes writes only `\\n`, but reads line breaks of any kind."""
_WRITTEN = b"\n" + _SIGN + b"\n"
_LINE_BREAK = re.compile(r"\r\n?")


def has_sections(data: bytes) -> bool:
    """Whether a line of `§` separates two texts in a file."""
    return _SIGN in data and _DELIMITER.search(data) is not None


def sections(data: bytes) -> Iterator[Span]:
    """Yield the spans of the entries of a file, without the white space around them; empty ones are left out."""
    stripped = (_stripped(data, span) for span in _between(data, list(_delimiters(data))))
    return (span for span in stripped if span.start < span.end)


def round_trips(data: bytes) -> bool:
    """Whether Hermes would write a file as it has read it; it edits no other. White space around the whole is fine."""
    return _as_read(data).strip() == _joined(data)


def length(data: bytes) -> int:
    """Return the number of characters that Hermes counts: those of all entries and of the delimiters between them."""
    return len(_joined(data))


def longest(data: bytes) -> int:
    """Return the number of characters of the longest entry; 0 if there is none."""
    return max((len(_as_read(data[slice(*span)])) for span in sections(data)), default=0)


def joined_like(data: bytes, entries: Sequence[bytes]) -> bytes:
    """Join entries to a file, with the delimiters and the white space around the whole that another file has."""
    spans = list(sections(data))
    if not spans:
        return _WRITTEN.join(entries)
    first = _DELIMITER.search(data)
    delimiter = first.group() if first else _WRITTEN
    return data[: spans[0].start] + delimiter.join(entries) + data[spans[-1].end :]


def with_delimiters(data: bytes, splices: Iterable[Splice]) -> list[Splice]:
    """Extend the splices that remove entries so that each takes one delimiter along, and none is left at either end.

    Which one depends on what else goes: it is the one below, but above for the last entries of a file.
    """
    found = list(splices)
    delimiters = list(_delimiters(data)) if _SIGN in data else []
    if not delimiters:
        return found
    entries = [_stripped(data, span) for span in _between(data, delimiters)]
    removed = {splice.span for splice in found if not splice.text and splice.span.start < splice.span.end}
    last = max((at for at, span in enumerate(entries) if span not in removed), default=0)
    wider = {
        span: Span(span.start, delimiters[at].end) if at < last else Span(delimiters[at - 1].start, span.end)
        for at, span in enumerate(entries)
        if span in removed and at != last
    }
    return [replace(one, span=wider.get(one.span, one.span)) if not one.text else one for one in found]


def _delimiters(data: bytes) -> Iterator[Span]:
    return (Span(*match.span()) for match in _DELIMITER.finditer(data))


def _between(data: bytes, delimiters: Sequence[Span]) -> Iterator[Span]:
    """Yield the spans before, between and after the delimiters."""
    ends = (Span(0, 0), *delimiters, Span(len(data), len(data)))
    return (Span(above.end, below.start) for above, below in pairwise(ends))


def _stripped(data: bytes, span: Span) -> Span:
    """Return a span without the white space around its text."""
    text = data[slice(*span)].decode("utf-8", "surrogateescape")
    start = span.start + len(text[: len(text) - len(text.lstrip())].encode("utf-8", "surrogateescape"))
    return Span(start, start + len(text.strip().encode("utf-8", "surrogateescape")))


def _as_read(data: bytes) -> str:
    return _LINE_BREAK.sub("\n", data.decode("utf-8"))


def _joined(data: bytes) -> str:
    return _WRITTEN.decode().join(_as_read(data[slice(*span)]) for span in sections(data))
