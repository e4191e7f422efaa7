"""Relative days ("yesterday", "nächste Woche") made absolute, where the note says when it was written.

Rather a word left alone than a sentence broken: each rule names what may stand before and after it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, timedelta

from kairos.core.front_matter import iso_day
from kairos.model import Entry, Evidence, Note, Role, Span, Splice

_Speak = Callable[[date], str]


@dataclass(frozen=True, slots=True)
class _Rule:
    """A relative word: what it says on a day, and the words that take the place of its preposition.

    `bare_after` are prepositions after which the plain date stands ("since yesterday" → "since D"); after
    one of `not_after`, or before `not_before`, the word is left alone. `loose` words ("today") can mean
    nowadays: they are read only in a log of that day.
    """

    pattern: re.Pattern[str]
    preposition: str
    speak: _Speak
    bare_after: str = ""
    not_after: str = ""
    not_before: str = ""
    loose: bool = False


def _shift(days: int) -> _Speak:
    return lambda day: (day + timedelta(days)).isoformat()


def _week(weeks: int) -> _Speak:
    return lambda day: (day + timedelta(7 * weeks - day.weekday())).isoformat()


def _month(months: int) -> _Speak:
    def speak(day: date) -> str:
        count = day.year * 12 + day.month - 1 + months
        return f"{count // 12}-{count % 12 + 1:02}"

    return speak


def _year(years: int) -> _Speak:
    return lambda day: str(day.year + years)


def _rule(words: str, preposition: str, speak: _Speak, like: _Rule, *, loose: bool = False) -> _Rule:
    pattern = re.compile(rf"(?<![\w\-/.@#'’_])(?:{words})(?![\w\-/_@]|['’]s|\.\w)", re.IGNORECASE)
    return _Rule(pattern, preposition, speak, like.bare_after, like.not_after, like.not_before, loose)


_NEVER = re.compile(r"(?!)")
_ENGLISH = _Rule(
    _NEVER,
    "",
    _shift(0),
    bare_after="for by until till since from as_of before after through to of on in",
    not_after="the this every each any and/or or than like not a one late early since_the",
    not_before="was is were will has morning afternoon evening night or and/or noon",
)
_GERMAN = _Rule(
    _NEVER,
    "",
    _shift(0),
    bare_after="bis seit ab stand",
    not_after="auf von für vor nach zu guten am der die das den jeden oder als wie in zum",
    not_before="morgen abend früh nacht nachmittag mittag vormittag auf oder",
)
_ROMANCE = _Rule(
    _NEVER,
    "",
    _shift(0),
    bare_after="até",
    not_after="à a de di da d' la por esta cada o ou como fino au al pela jusqu'à du aujourd",
    not_before="soir matin après-midi por noche pela sera mattina o ou era est à noite em día",
)
_PLAIN = _Rule(_NEVER, "", _shift(0), not_after="с со до на по от к", not_before="утром вечером ночью")


_RULES = (
    _rule("the day before yesterday", "on", _shift(-2), _ENGLISH),
    _rule("the day after tomorrow", "on", _shift(2), _ENGLISH),
    _rule("yesterday", "on", _shift(-1), _ENGLISH),
    _rule("today", "on", _shift(0), _ENGLISH, loose=True),
    _rule("tomorrow", "on", _shift(1), _ENGLISH),
    _rule("last night", "in the night to", _shift(0), _ENGLISH),
    _rule("last week", "in the week of", _week(-1), _ENGLISH),
    _rule("next week", "in the week of", _week(1), _ENGLISH),
    _rule("last month", "in", _month(-1), _ENGLISH),
    _rule("next month", "in", _month(1), _ENGLISH),
    _rule("last year", "in", _year(-1), _ENGLISH),
    _rule("next year", "in", _year(1), _ENGLISH),
    _rule("vorgestern", "am", _shift(-2), _GERMAN),
    _rule("gestern", "am", _shift(-1), _GERMAN),
    _rule("heute", "am", _shift(0), _GERMAN, loose=True),
    _rule("(?-i:morgen)", "am", _shift(1), _GERMAN),
    _rule("übermorgen", "am", _shift(2), _GERMAN),
    _rule("letzte nacht", "in der Nacht zum", _shift(0), _GERMAN),
    _rule("letzte woche", "in der Woche vom", _week(-1), _GERMAN),
    _rule("nächste woche", "in der Woche vom", _week(1), _GERMAN),
    _rule("letzten monat", "im Monat", _month(-1), _GERMAN),
    _rule("nächsten monat", "im Monat", _month(1), _GERMAN),
    _rule("hier", "le", _shift(-1), _ROMANCE),
    _rule("demain", "le", _shift(1), _ROMANCE),
    _rule("ayer", "el", _shift(-1), _ROMANCE),
    _rule("hoy", "el", _shift(0), _ROMANCE, loose=True),
    _rule("ontem", "em", _shift(-1), _ROMANCE),
    _rule("hoje", "em", _shift(0), _ROMANCE, loose=True),
    _rule("amanhã", "em", _shift(1), _ROMANCE),
    _rule("ieri", "il", _shift(-1), _ROMANCE),
    _rule("oggi", "il", _shift(0), _ROMANCE, loose=True),
    _rule("domani", "il", _shift(1), _ROMANCE),
    _rule("вчера", "", _shift(-1), _PLAIN),
    _rule("сегодня", "", _shift(0), _PLAIN, loose=True),
    _rule("завтра", "", _shift(1), _PLAIN),
    _Rule(re.compile("昨天|昨日"), "", _shift(-1)),
    _Rule(re.compile("今天"), "", _shift(0), loose=True),
    _Rule(re.compile("明天"), "", _shift(1)),
)

_WEEKDAYS = (
    ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    ("montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag"),
)
_WEEKDAY = re.compile(
    rf"(?<![\w\-/])(?P<side>next|last|nächsten|letzten)\s+(?P<name>{'|'.join(_WEEKDAYS[0] + _WEEKDAYS[1])})"
    r"(?![\w\-/]|['’]s|\s+(?:morning|afternoon|evening|night))",
    re.IGNORECASE,
)

_SHIELD = re.compile(
    r"(?s:```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)|<!--.*?-->)|`[^`\n]*`|\]\([^)\n]*\)|\[\[[^\]\n]*\]\]|https?://\S+"
    r"|\"[^\"\n]*\"|“[^”\n]*”|„[^“”\n]*[“”]|«[^»\n]*»|「[^」\n]*」|『[^』\n]*』|‘[^’\n]*’|(?<!\w)'[^'\n]{2,}'(?!\w)"
    r"|^[ \t]*(?:[-*+][ \t]+)?>.*$|^[ \t]*#.*$",
    re.MULTILINE,
)
_SENTENCE_END = re.compile(r"[.!?](?=\s)|[。！？]|\n\s*\n|\n(?=\s*(?:[-*+]|\d+\.)\s)")
_GENERIC = re.compile(
    r"\b(?:always|never|every|each|usually|whenever|typically|if|when|don['’]t|do not|e\.g\.|such as|"
    r"relative dates?|put off|immer|nie|niemals|jede[nrsm]?|wenn|falls|toujours|jamais|chaque|siempre|"
    r"nunca|cada|sempre|mai|ogni|всегда|никогда|каждый|если)\b|每天|毎日|如果|总是",
    re.IGNORECASE,
)
_DATE_NEAR = re.compile(r"\d{4}-\d{2}|\d{1,2}\.\d{1,2}\.|\d{4}年")
_NEAR = 16
_FRENCH_OR_NOT = re.compile(r"\b(?:der|die|das|und|ist|nicht|wird|ein|eine|sind|mit)\b", re.IGNORECASE)
_TRUSTED = frozenset({"front matter", "file name"})
_AHEAD = re.compile(r"plan|due|deadline|release|roadmap|expir|until|before|for[-_]", re.IGNORECASE)
_LOG_HEADING = re.compile(
    r"^\W*(?:(?:daily |work |session )?(?:log|notes?|session|journal|diary|meeting|standup|"
    r"tagebuch|protokoll)\W+)?"
    r"\d{4}-\d{2}-\d{2}(?!-?\d)",
    re.IGNORECASE,
)
_LOG_ENTRY = re.compile(r"^\W*\d{4}-\d{2}-\d{2}(?!-?\d)\W{0,2}\s*[:：—–|-]")


def absolute_dates(note: Note, entry: Entry, raw: bytes) -> tuple[tuple[Splice, Evidence], ...]:
    """Return replacements of the relative days of an entry, with the reason for each; `raw` is the file.

    Nothing where the day of writing is not certain; a second pass over the result finds nothing.
    """
    written = _written(note, entry)
    if written is None or note.role not in (Role.NOTE, Role.DAILY, Role.INDEX):
        return ()
    day, basis = written
    if not MINYEAR < day.year < MAXYEAR:
        return ()  # nobody wrote then, and the day before or after it may be none that there is
    if raw[entry.span.start : entry.span.end].decode("utf-8", "replace").rstrip("\r\n") != entry.raw:
        return ()
    out = []
    for start, end, text in _replacements(
        entry.raw, day, is_log=note.role is Role.DAILY or basis in ("heading", "dated entry")
    ):
        offset = entry.span.start + len(entry.raw[:start].encode())
        span = Span(offset, offset + len(entry.raw[start:end].encode()))
        why = f'"{entry.raw[start:end]}" was written on {day} ({basis}): {text}'
        out.append((Splice(entry.path, span, text.encode()), Evidence("date", why)))
    return tuple(out)


def _written(note: Note, entry: Entry) -> tuple[date, str] | None:
    """Return the day on which an entry was written and what says so, None where that is uncertain."""
    logged = iso_day(entry.text) if _LOG_ENTRY.match(entry.text) else None
    if logged is not None:
        return logged, "dated entry"
    heading = next((text for text in reversed(entry.headings) if _LOG_HEADING.match(text)), "")
    under = iso_day(heading)
    if under is not None:
        return under, "heading"
    dated = note.dated
    if dated is None or dated.basis not in _TRUSTED:
        return None
    if dated.basis == "front matter" and len(note.entries) != 1:
        return None  # an entry may be older than the last edit of its file
    if dated.basis == "file name" and _AHEAD.search(note.path.rpartition("/")[2]):
        return None  # the day of what is planned, not of the writing
    return dated.day, dated.basis


def _replacements(raw: str, day: date, *, is_log: bool) -> Iterator[tuple[int, int, str]]:
    shielded = [match.span() for match in _SHIELD.finditer(raw)]
    found: list[tuple[int, int, str]] = []
    weekdays = () if is_log else _weekdays(raw, day)  # beside a log's own date a weekday is plain enough
    for start, end, text in (*_by_rules(raw, day, is_log=is_log), *weekdays):
        free = all(end <= left or right <= start for left, right in shielded)
        fresh = all(end <= left or right <= start for left, right, _ in found)
        if free and fresh and not _is_generic(raw, start, end):
            found.append((start, end, text))
    yield from sorted(found)


def _by_rules(raw: str, day: date, *, is_log: bool) -> Iterator[tuple[int, int, str]]:
    for rule in _RULES:
        if rule.preposition == "le" and _FRENCH_OR_NOT.search(raw):
            continue  # "hier" is German, too, and means here
        for match in rule.pattern.finditer(raw):
            before = _words_before(raw, match.start())
            after = _word_after(raw, match.end())
            bare = bool(before & set(rule.bare_after.split()))
            if (rule.loose and not is_log and not bare) or before & set(rule.not_after.split()):
                continue
            if after in rule.not_before.split():
                continue
            yield match.start(), match.end(), _phrase(rule, day, match.group(), bare=bare)


def _phrase(rule: _Rule, day: date, word: str, *, bare: bool) -> str:
    said = rule.speak(day)
    whole_week = "week" in word.casefold() or "woche" in word.casefold()
    if bare and not whole_week:
        return said
    preposition = rule.preposition
    if bare:
        preposition = preposition.removeprefix("in ").replace("der Woche", "zur Woche")
    text = f"{preposition} {said}".strip()
    return text[0].upper() + text[1:] if word[0].isupper() else text


def _weekdays(raw: str, day: date) -> Iterator[tuple[int, int, str]]:
    """Read "next Thursday" only where the coming one and the one of next week are the same day."""
    for match in _WEEKDAY.finditer(raw):
        name = match.group("name")
        german = name.casefold() in _WEEKDAYS[1]
        weekday = _WEEKDAYS[german].index(name.casefold())
        ahead = match.group("side").casefold() in ("next", "nächsten")
        monday = day - timedelta(day.weekday())
        meant = monday + timedelta(weekday + (7 if ahead else -7))
        if not 0 < abs((meant - day).days) <= 6:
            continue
        before = _words_before(raw, match.start())
        if before & {"the", "every", "not", "jeden", "am", "den"}:
            continue
        bare = bool(before & set((_GERMAN if german else _ENGLISH).bare_after.split()))
        text = name if bare else f"{'am' if german else 'on'} {name}"
        text = f"{text} {meant.isoformat()}"
        yield match.start(), match.end(), text[0].upper() + text[1:] if match.group()[0].isupper() else text


def _words_before(raw: str, position: int) -> set[str]:
    """Return the word before, and the two words before joined by `_`, on the same line."""
    words = re.findall(r"[\w'’/]+|[^\w\s]", raw[max(0, position - 40) : position].rsplit("\n", 1)[-1])[-2:]
    return {words[-1].casefold(), "_".join(words).casefold()} if words else set()


def _word_after(raw: str, position: int) -> str:
    match = re.match(r"[ \t]+([\w/-]+)", raw[position : position + 40])
    return match.group(1).casefold() if match else ""


def _is_generic(raw: str, start: int, end: int) -> bool:
    """Whether the sentence speaks of no particular day, or names the day itself right beside the word."""
    left = max((match.end() for match in _SENTENCE_END.finditer(raw, 0, start)), default=0)
    right = min((match.start() for match in _SENTENCE_END.finditer(raw, end)), default=len(raw))
    beside = raw[max(left, start - _NEAR) : start] + " " + raw[end : min(right, end + _NEAR)]
    return bool(_GENERIC.search(raw[left:right]) or _DATE_NEAR.search(beside))
