"""Splits the text of notes into sentences. Code, paths, versions, abbreviations and wrapped lines do not end one."""

from __future__ import annotations

import re

from kairos.core.text.caching import cached

_ABBREVIATIONS = frozenset(
    {"e.g", "i.e", "eg", "ie", "z.b", "d.h", "u.a", "o.k", "p.m", "a.m", "vs", "cf", "ca", "approx", "resp"}
    | {
        "incl",
        "excl",
        "dr",
        "mr",
        "mrs",
        "ms",
        "prof",
        "sr",
        "sra",
        "bzw",
        "vgl",
        "bspw",
        "ggf",
        "inkl",
        "evtl",
    }
)
_BEFORE_LOWER_CASE = frozenset({"etc", "usw", "al", "ext", "est", "dept"})
"""Abbreviations that end a sentence unless lower case follows: "…, etc. The next" is two sentences."""
_BEFORE_NUMBER = frozenset(
    {"no", "nr", "nos", "fig", "sec", "vol", "p", "pp", "art", "abs", "max", "min"}
    | {"jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec"}
)
"""Abbreviations whose full stop ends a sentence unless a number follows: "No. 5", "max. 20"."""
_END = re.compile(r"[.!?;](?=[\"')\]»”’]*(?:\s|$))|[。！？；]|\n+")
_SHIELDED = re.compile(r"`[^`\n]*`|\"[^\"\n]{0,80}\"|“[^”\n]{0,80}”|„[^“\n]{0,80}“|\([^()\n]{0,120}\)")
"""Stretches inside which a mark does not end a sentence: code, quotations, brackets."""
_BLANKS = re.compile(r"\s*")
_CLOSERS = "\"')]»”’"
_LONGEST_WORD = 24
"""An abbreviation is looked for in this many characters before a full stop."""
_SHORTEST_WRAPPED = 50
"""From this many characters on, a sentence may continue in the next line: editors wrap at 72, 80 or 100."""
_FIRST_LETTER = re.compile(r"[^\S\n]*[\"'(“„‘]*([^\W\d_])")


@cached(8192)
def split(text: str) -> tuple[str, ...]:
    """Return the sentences of a plain text, stripped. Pieces without a letter or digit are left out."""
    shields = [match.span() for match in _SHIELDED.finditer(text)]
    pieces: list[str] = []
    start = 0
    shield = 0
    for match in _END.finditer(text):
        while shield < len(shields) and shields[shield][1] <= match.start():
            shield += 1
        if shield < len(shields) and _is_shielded(text, match, shields[shield]):
            continue
        if not _ends_sentence(text, match):
            continue
        end = match.end()
        while end < len(text) and text[end] in _CLOSERS:
            end += 1
        pieces.append(text[start:end])
        start = end
    pieces.append(text[start:])
    return tuple(piece for piece in map(str.strip, pieces) if any(map(str.isalnum, piece)))


def _is_shielded(text: str, match: re.Match[str], shield: tuple[int, int]) -> bool:
    """Whether a mark is shielded. The last one inside a quotation is not, unless lower case follows the quotation."""
    start, end = shield
    if match.start() <= start:
        return False
    return match.end() != end - 1 or _next_character(text, end).islower()


def _next_character(text: str, position: int) -> str:
    """Return the first character after any white space, or "" at the end."""
    blanks = _BLANKS.match(text, position)
    return text[blanks.end() : blanks.end() + 1] if blanks else ""


def _ends_sentence(text: str, match: re.Match[str]) -> bool:
    """Whether a mark ends a sentence: all do, except some full stops and the breaks of wrapped lines."""
    if match.group() == "\n":
        return not _is_wrapped(text, match.start())
    if match.group() != ".":
        return True
    words = text[max(0, match.start() - _LONGEST_WORD) : match.start()].split()
    last = words[-1].lstrip("(\"'`[").casefold() if words else ""
    following = _next_character(text, match.end())
    if last in _ABBREVIATIONS or last.endswith(".") or (len(last) == 1 and last.isalpha()):
        return False
    if last in _BEFORE_LOWER_CASE:
        return not following.islower()
    if last in _BEFORE_NUMBER:
        return not following.isdigit()
    is_ordinal = last.isdigit() and len(last) <= 2 and following.isalpha()  # 12. Mai
    return not is_ordinal


def _is_wrapped(text: str, position: int) -> bool:
    """Whether a line break only wraps a sentence: the line is long and unfinished, the next begins in lower case."""
    following = _FIRST_LETTER.match(text, position + 1)
    if following is None or not following[1].islower():
        return False
    line = text[text.rfind("\n", 0, position) + 1 : position].rstrip()
    return len(line) >= _SHORTEST_WRAPPED and line[-1] not in ".!?:;"
