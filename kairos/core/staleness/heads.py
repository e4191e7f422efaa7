"""Reads how a sentence begins that says that something no longer holds: of what it says so, and what comes after it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from kairos.core.staleness.invalidity import INVALID, NO_LONGER, NOTE_NOUN, REASON_WORD, TEXT_NOUN, THIS
from kairos.core.text.patterns import lazy


class Voided(StrEnum):
    """What a text says is void: its whole note, itself, or the rule that it is about."""

    NOTE = "note"
    TEXT = "text"
    RULE = "rule"


_TAKEN_BACK = (
    r"(?:withdrawn|retracted|revoked|zurückgezogen|widerrufen|retirée?|retirad[oa]|anulad[oa]|revogad[oa]|ritirat[oa]|"
    r"отозван[оа]?)"
)
"""What is said of a note itself, while other things may be withdrawn for anybody to know."""
_HEAD = lazy(
    rf"^[\s*_(（\[]*(?:(?P<this>(?:{THIS}|the) (?P<note>{NOTE_NOUN})|{THIS} {TEXT_NOUN}|"
    rf"(?:{TEXT_NOUN}|{NOTE_NOUN})(?= (?:cadu|obsol|périm|void|sans objet|sin efecto|sem efeito|hinfällig|"
    rf"(?:(?:has been|is|was) )?{_TAKEN_BACK}))"
    r"|(?P<it>this|that|it|das|dies|es|ceci|cela|ça|esto|eso|isso|isto|questo|это))\s+)?"
    rf"(?:(?:is|are|was|has been|has become|became|ist|wurde|est|est devenue?|es|está|ha quedado|é|è)\s+)?"
    rf"(?:{INVALID}|{NO_LONGER}|(?(it)(?!)|(?(this){_TAKEN_BACK}|(?!))))(?!\w)[*_]*(?P<rest>.*)$"
    r"|^[\s*_(（\[]*(?P<cjk>(?:(?:此|本|该|這|这)(?:条|條|项|項|点|點|规则|规定|说明|笔记)?)?(?:已经?)?(?:作废|"
    r"作廢|失效|过时|過時|过期|過期|废止|不再(?:需要|适用|有效|必要))"
    r"|(?:この(?:項目|メモ|注意|ルール|行)は?)?(?:もう)?(?:無効|廃止済み?|不要(?:になった)?|適用されない|"
    r"有効ではない))(?P<cjk_rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_BRACKETS = re.compile(r"^\W*[(（](?P<said>[^()（）]+)[)）]\W*$")
WIDE_COLON = re.compile(r"[:：]\s*")
_LINKS = re.compile(rf"^\s*(?:[,;，；、.。:：(（)）]|{REASON_WORD}(?!\w)|[自因由从從]|$)", re.IGNORECASE)
"""What follows the words that say so: the reason, what is void, or nothing. "Obsolete tests" are something else."""


@dataclass(frozen=True, slots=True)
class Head:
    """The words at the head of a text that say that it is void: what of it, whether they name it, and the rest."""

    what: Voided
    named: bool
    by_pronoun: bool
    rest: str

    @staticmethod
    def of(text: str) -> Head | None:
        """Return how a text begins that says that it is void; None if it does not."""
        match = _HEAD.match(text)
        if match is None:
            return None
        rest = match["rest"] if match["rest"] is not None else match["cjk_rest"] or ""
        if not (_LINKS.match(rest) or WIDE_COLON.match(rest.lstrip())):
            return None
        what = Voided.NOTE if match["note"] else Voided.TEXT
        return Head(what, match["this"] is not None, match["it"] is not None, rest)

    @staticmethod
    def of_remark(sentence: str) -> Head | None:
        """Return how a sentence begins, or what it has in brackets if that is all that it has."""
        inner = _BRACKETS.match(sentence)
        return Head.of(inner["said"] if inner else sentence)
