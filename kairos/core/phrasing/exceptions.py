"""Exceptions that one text makes and the other does not: "except for hotfixes", "all but guests", "unless …".

A merge would either drop the exception or impose it, and only a person knows which of the two holds.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from kairos.core.text.caching import cached
from kairos.core.text.phrases import negations
from kairos.core.text.words import is_short, stem

_EXCEPTION = re.compile(
    r"(?<!\w)(?<!\bno )(?<!\bwithout )(?:except(?:ing|ed|ions?)?|exclud(?:ing|ed|es)|exempt(?:ed|ions?)?|other than|"
    r"apart from|aside from|"
    r"but not|unless|save for|"
    r"außer(?! (?:Betrieb|Haus|Kraft|Dienst|Acht|Atem|sich)\b)|ausgenommen|mit Ausnahme|es sei denn|"
    r"sauf|excepté|hormis|à moins|salvo|excepto|a menos que|exceto|a não ser|кроме|за исключением|"
    r"(?:all|every|everyone|everybody|everything|everywhere|anywhere|any|each)(?: \w+){0,3} but)(?!\w)"
    r"|除了|除非|以外",
    re.IGNORECASE,
)
_EXCEPTION_TO_ITS_END = re.compile(rf"(?:{_EXCEPTION.pattern})[^,.;\n]*", re.IGNORECASE)
_LIMIT = re.compile(
    r"(?<!\w)(?:only|just|solely|alone|exclusively|optional\w*|exceptions?|others?|rest|else|instead|lacks?|"
    r"sole|minus|aside|otherwise|default|sonst|"
    r"left out|complete list|whole list|autres|resto|demás|"
    r"nur|allein|ausschließlich|seule?s?|seulement|uniquement|solo|sólo|solamente|só|apenas|somente|только)(?!\w)"
    r"|[✗✘❌⛔≠∉\\]|只|仅|だけ|のみ",
    re.IGNORECASE,
)
"""Other ways to say what a statement does not apply to."""
_NEED = re.compile(
    r"(?<!\w)(?:needs?|requires?|braucht|brauchen|necesita|requiere|exige)(?!\w)", re.IGNORECASE
)
"""Says what an exception depends on, as "unless" does: "… needs Ada's approval", "unless Ada has agreed"."""


class _Restrictions(NamedTuple):
    """Whether a text makes an exception, whether that negates ("unless she says no"), whether the rest of it limits
    anything or says what is needed, and how often that negates.
    """

    excepts: bool
    excepts_denials: bool
    limits: bool
    needs: bool
    negations: int
    short: bool


def excepted_apart(a: str, b: str) -> bool:
    """Whether one text makes an exception and the other does not; never if a negation or a limit may express it.

    Negations do not express it if two short texts have equally many: then each of them states the rule in the negative.
    """
    one, other = _restrictions(a), _restrictions(b)
    if one.excepts == other.excepts or one.limits or other.limits:
        return False
    excepting, rival = (one, other) if one.excepts else (other, one)
    if rival.needs and not excepting.excepts_denials:
        return False
    positive = not one.negations and not other.negations
    return positive or (one.negations == other.negations and one.short and other.short)


_UNLESS = re.compile(r"\bunless\b|\bbut not\b|\bexclud\w+", re.IGNORECASE)
"""Negates by itself."""


@cached(8192)
def _restrictions(text: str) -> _Restrictions:
    rest = _EXCEPTION_TO_ITS_END.sub(" ", text)
    exceptions = " ".join(_UNLESS.sub(" ", found) for found in _EXCEPTION_TO_ITS_END.findall(text))
    return _Restrictions(
        excepts=rest != text,
        excepts_denials=bool(negations(exceptions)),
        limits=_LIMIT.search(rest) is not None,
        needs=_NEED.search(rest) is not None,
        negations=len(negations(rest)),
        short=is_short(text),
    )


_ALL_OF = re.compile(
    r"(?<!\w)(?:all|every|each|any)(?: (?:of|the|our|my|your|their|these|those|single|other))*"
    r" ([^\W\d_]+(?:-\w+)?)(?: ([^\W\d_]+))?",
    re.IGNORECASE,
)
_EVERY_OTHER = re.compile(r"(?<!\w)every (?:other|2nd)(?!\w)")


def all_apart(a: str, b: str) -> bool:
    """Whether one text says of everything what the other says of one kind of it: all branches, all merged branches."""
    return _narrows(a, b) or _narrows(b, a)


def _narrows(wide: str, narrow: str) -> bool:
    theirs = _all_of(narrow)
    if not theirs:
        return False
    ours, told = {stem(noun) for noun, _ in _all_of(wide)}, _alternating(wide)
    return any(stem(noun) in ours and kind not in told for kind, noun in theirs)


@cached(8192)
def _all_of(text: str) -> frozenset[tuple[str, str]]:
    """Return the two words after each "all" of a short text."""
    return frozenset(_ALL_OF.findall(_alternating(text))) if is_short(text) else frozenset()


def _alternating(text: str) -> str:
    """Return a text in lower case in which "every other" is "every second"."""
    return _EVERY_OTHER.sub("every second", text.casefold())
