"""Where sentences end, in notes rather than in prose: code, paths, versions and abbreviations do not end one."""

from __future__ import annotations

import re

_ABBREVIATIONS = frozenset(
    "e.g i.e z.b d.h u.a bzw vgl ca etc vs dr mr mrs ms prof sr sra st no nr nos approx resp incl excl max min "
    "fig sec vol p pp al art cf dept est ext jan feb mar apr jun jul aug sep sept oct nov dec abs bspw ggf inkl "
    "evtl usw s o.k p.m a.m ex env ie eg".split()
)
_END = re.compile(r"[.!?;](?=[\"')\]»”’]*(?:\s|$))|[。！？；]|\n+")
_CODE = re.compile(r"`[^`\n]*`|\"[^\"\n]{0,80}\"|“[^”\n]{0,80}”|„[^“\n]{0,80}“|\([^()\n]{0,120}\)")
_CLOSERS = "\"')]»”’"
_LONGEST = 600


def split(text: str) -> tuple[str, ...]:
    """Return the sentences of a plain text, without surrounding blanks; never empty ones."""
    shielded = [match.span() for match in _CODE.finditer(text)]
    out: list[str] = []
    start = 0
    shield = 0
    for match in _END.finditer(text):
        while shield < len(shielded) and shielded[shield][1] <= match.start():
            shield += 1
        inside = shield < len(shielded) and shielded[shield][0] < match.start()
        if inside or not _ends(text, match):
            continue
        end = match.end()
        while end < len(text) and text[end] in _CLOSERS:
            end += 1
        out.append(text[start:end])
        start = end
    out.append(text[start:])
    return tuple(piece for piece in (sentence.strip() for sentence in out) if any(map(str.isalnum, piece)))


def _ends(text: str, match: re.Match[str]) -> bool:
    if match.group() != ".":
        return True
    word = text[max(0, match.start() - 24) : match.start()].split()[-1:] or [""]
    last = word[0].lstrip("(\"'`[").casefold()
    following = text[match.end() :].lstrip()[:1]
    if last in _ABBREVIATIONS or (len(last) == 1 and last.isalpha()):
        return False
    if last.isdigit() and len(last) <= 2 and following.isalpha():  # an ordinal: 12. Mai
        return False
    return not last.endswith(".")
