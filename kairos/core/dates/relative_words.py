"""Words for relative days in several languages, with the words that may come before and after each."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from kairos.core.text.patterns import lazy

DateText = Callable[[date], str]


@dataclass(frozen=True, slots=True)
class Language:
    """A language, recognised by its own words and by the absence of words of others.

    `other` are words of languages in which the same relative word means something else.
    """

    own: re.Pattern[str]
    other: re.Pattern[str]

    def is_of(self, raw: str) -> bool:
        """Whether an entry is evidently written in this language."""
        return self.own.search(raw) is not None and self.other.search(raw) is None


@dataclass(frozen=True, slots=True)
class Rule:
    """A relative word, and how it is replaced.

    `date_text` turns the day of writing into the date to put in its place, after the `preposition`. After a word of
    `bare_after` the date goes without one ("since yesterday" → "since D"). After a word of `not_after`, or before one
    of `not_before`, the relative word is left alone. `loose` words ("today") can mean nowadays, so they are replaced
    only in a log of that day, or after a word of `bare_after`. A word that other languages have too is replaced only
    in an entry that is in its `language`.
    """

    pattern: re.Pattern[str]
    preposition: str
    date_text: DateText
    bare_after: str = ""
    not_after: str = ""
    not_before: str = ""
    loose: bool = False
    language: Language | None = None


def _shift(days: int) -> DateText:
    return lambda day: (day + timedelta(days)).isoformat()


def _week(weeks: int) -> DateText:
    return lambda day: (day + timedelta(7 * weeks - day.weekday())).isoformat()


def _month(months: int) -> DateText:
    def date_text(day: date) -> str:
        count = day.year * 12 + day.month - 1 + months
        return f"{count // 12}-{count % 12 + 1:02}"

    return date_text


def _year(years: int) -> DateText:
    return lambda day: str(day.year + years)


def _rule(
    words: str,
    preposition: str,
    date_text: DateText,
    grammar: Rule,
    *,
    loose: bool = False,
    language: Language | None = None,
) -> Rule:
    pattern = lazy(rf"(?<![\w\-/.@#'’_])(?:{words})(?![\w\-/_@]|['’]s|\.\w)", re.IGNORECASE)
    return Rule(
        pattern,
        preposition,
        date_text,
        grammar.bare_after,
        grammar.not_after,
        grammar.not_before,
        loose,
        language,
    )


def _language(own: str, other: str) -> Language:
    words = rf"(?<!\w)(?:{own})(?!\w)", rf"(?<!\w)(?:{other})(?!\w)"
    return Language(*(lazy(pattern, re.IGNORECASE) for pattern in words))


_DUTCH = "het|een|van|niet|wij|ze|zijn|naar|voor|ook|op|is|ligt|liggen|staat|staan"
_NORDIC = "og|på|ikke|ikkje|jeg|eg|vi|det|til|av|är|och|inte|att|som"
_IS_GERMAN = _language(
    "das|und|ist|nicht|ein|eine|einen|sind|wir|ich|muss|müssen|kommt|hat|haben|dem|zum|zur|auf|für|wird|werden|bis",
    f"de|{_DUTCH}|{_NORDIC}",
)
_IS_FRENCH = _language(
    r"le|la|est|une|et|dans|pour|sur|avec|nous|vous|il|elle|qui|que|au|aux|cette|été|sont|ont|avons|[ldjnsc]['’]\w+",
    f"{_DUTCH}|der|die|das|und|ist|nicht|wird|ein|eine|sind|mit|alle|liegt|liegen",
)
_IS_SPANISH = _language(
    r"el|los|las|que|en|con|para|por|una|se|y|es|está|del|al|lo|fue|ha|\w{2,}ó|\w*ñ\w*", "the|is|and"
)
_IS_ITALIAN = _language(
    "il|gli|di|che|non|è|per|con|ha|del|della|nel|alla|sono|si|una", "the|is|and|și|este|nu|să|în"
)
_NEVER = re.compile(r"(?!)")
ENGLISH = Rule(
    _NEVER,
    "",
    _shift(0),
    bare_after="for by until till since from as_of before after through to of on in",
    not_after="the this every each any and/or or than like not no a one late early since_the "
    "with at against vs versus dated about",
    not_before="was is are were will has must should can may would could might works suits fits sounds looks seems "
    "than morning afternoon evening night or and/or noon",
)
GERMAN = Rule(
    _NEVER,
    "",
    _shift(0),
    bare_after="bis seit ab stand",
    not_after="auf von für vor nach zu guten am der die das den jeden oder als wie in zum i",
    not_before="morgen abend früh nacht nachmittag mittag vormittag auf oder",
)
_ROMANCE = Rule(
    _NEVER,
    "",
    _shift(0),
    bare_after="até",
    not_after="à a de di da d' la por esta cada o ou como fino au al pela jusqu'à du aujourd",
    not_before="soir matin après-midi por noche pela sera mattina o ou era est à noite em día",
)
_RUSSIAN = Rule(_NEVER, "", _shift(0), not_after="с со до на по от к за", not_before="утром вечером ночью")


RULES = (
    _rule("the day before yesterday", "on", _shift(-2), ENGLISH),
    _rule("the day after tomorrow", "on", _shift(2), ENGLISH),
    _rule("yesterday", "on", _shift(-1), ENGLISH),
    _rule("today", "on", _shift(0), ENGLISH, loose=True),
    _rule("tomorrow", "on", _shift(1), ENGLISH),
    _rule("last night", "in the night to", _shift(0), ENGLISH),
    _rule("last week", "in the week of", _week(-1), ENGLISH),
    _rule("next week", "in the week of", _week(1), ENGLISH),
    _rule("last month", "in", _month(-1), ENGLISH),
    _rule("next month", "in", _month(1), ENGLISH),
    _rule("last year", "in", _year(-1), ENGLISH),
    _rule("next year", "in", _year(1), ENGLISH),
    _rule("vorgestern", "am", _shift(-2), GERMAN),
    _rule("gestern", "am", _shift(-1), GERMAN),
    _rule("heute", "am", _shift(0), GERMAN, loose=True),
    _rule("(?-i:morgen)", "am", _shift(1), GERMAN, language=_IS_GERMAN),
    _rule("übermorgen", "am", _shift(2), GERMAN),
    _rule("letzte nacht", "in der Nacht zum", _shift(0), GERMAN),
    _rule("letzte woche", "in der Woche vom", _week(-1), GERMAN),
    _rule("nächste woche", "in der Woche vom", _week(1), GERMAN),
    _rule("letzten monat", "im Monat", _month(-1), GERMAN),
    _rule("nächsten monat", "im Monat", _month(1), GERMAN),
    _rule("hier", "le", _shift(-1), _ROMANCE, language=_IS_FRENCH),
    _rule("demain", "le", _shift(1), _ROMANCE, language=_IS_FRENCH),
    _rule("ayer", "el", _shift(-1), _ROMANCE, language=_IS_SPANISH),
    _rule("hoy", "el", _shift(0), _ROMANCE, loose=True, language=_IS_SPANISH),
    _rule("ontem", "em", _shift(-1), _ROMANCE),
    _rule("hoje", "em", _shift(0), _ROMANCE, loose=True),
    _rule("amanhã", "em", _shift(1), _ROMANCE),
    _rule("ieri", "il", _shift(-1), _ROMANCE, language=_IS_ITALIAN),
    _rule("oggi", "il", _shift(0), _ROMANCE, loose=True, language=_IS_ITALIAN),
    _rule("domani", "il", _shift(1), _ROMANCE, language=_IS_ITALIAN),
    _rule("вчера", "", _shift(-1), _RUSSIAN),
    _rule("сегодня", "", _shift(0), _RUSSIAN, loose=True),
    _rule("завтра", "", _shift(1), _RUSSIAN),
    Rule(re.compile("昨天|昨日"), "", _shift(-1)),
    Rule(re.compile("今天"), "", _shift(0), loose=True),
    Rule(re.compile("明天"), "", _shift(1)),
)
