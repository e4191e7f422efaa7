"""Phrases that turn what a text says: its negations, and what tells of a change."""

from __future__ import annotations

import re
from functools import lru_cache

Span = tuple[int, int]
"""A half-open range of characters."""

_FIRST = re.compile(r"(?:^|\|)([^\W\d_]+)(\\w)?")
_RUN = re.compile(r"[^\W\d_]+")
_ELSEWHERE = re.compile(r"['’\u2e80-\U0010ffff]")


class _Phrases:
    """`worded` are alternatives that begin with a word, or with the beginning of one before a `\\w`; `others` are such
    as have an apostrophe or an ideograph.

    Few texts have one. That most have none shows from their words, for a fraction of what the pattern costs.
    """

    def __init__(self, worded: str, others: str) -> None:
        self._pattern = re.compile(rf"\b(?:{worded})\b|{others}", re.IGNORECASE)
        firsts = _FIRST.findall(worded)
        self._words = frozenset(word for word, _ in firsts)
        self._beginnings = tuple(word for word, more in firsts if more)

    def spans(self, text: str) -> tuple[Span, ...]:
        """Return where phrases stand in a text."""
        if not _ELSEWHERE.search(text) and not self._may_begin(_runs(text)):
            return ()
        return tuple(match.span() for match in self._pattern.finditer(text))

    def _may_begin(self, runs: frozenset[str]) -> bool:
        return not runs.isdisjoint(self._words) or any(run.startswith(self._beginnings) for run in runs)


_NEGATIONS = _Phrases(
    r"not|no|never|none|neither|nor|without|cannot|nobody|nothing|nowhere|forbidden|banned|avoid|prohibited|disallowed|"
    r"off limits|unless|ignored|excluded|unasked|nicht|kein\w*|nie|niemals|ohne|verboten|weder|ne|pas|jamais|sans|"
    r"aucun\w*|interdit\w*|nunca|sin|ningún\w*|prohibido|não|sem|nenhum\w*|proibido|не|нет|никогда|без|нельзя",
    r"\b\w*n['’]t\b|不|没|禁止|勿|别|ない|ません|なし|無し",
)
_CHANGES = _Phrases(
    r"no longer|not any ?more|any longer|replaced|replaces|switched|moved|migrated|changed|renamed|upgraded|bumped|"
    r"raised|lowered|"
    r"since (?=v?\d|version|last|yesterday|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|"
    r"as of|from now on|from today|now|meanwhile|used to|formerly|previously|superseded|"
    r"deprecated|obsolete|reverted|extended|postponed|cancelled|dropped|void|nicht mehr|statt|seit|ab sofort|jetzt|"
    r"ersetzt|umgestellt|gewechselt|ne plus|plus de|désormais|depuis|remplacé|ahora|desde|ya no|reemplaz\w+|agora|"
    r"já não|substitu\w+|теперь|больше не|вместо",
    r"不再|改为|改成|现在|从.{1,12}起|もう|今は|から.{0,6}に変更",
)


@lru_cache(maxsize=8192)
def negations(text: str) -> tuple[Span, ...]:
    """Return where a text negates."""
    return _NEGATIONS.spans(text)


@lru_cache(maxsize=8192)
def changes(text: str) -> tuple[Span, ...]:
    """Return where a text tells of a change: "no longer", "since", "instead of"."""
    return _CHANGES.spans(text)


@lru_cache(maxsize=8)
def _runs(text: str) -> frozenset[str]:
    """Return the runs of letters in a text, folded; patterns take both i of Turkish for the same as i."""
    return frozenset(_RUN.findall(text.replace("İ", "i").replace("ı", "i").casefold()))
