"""Makes relative days ("yesterday", "nächste Woche") absolute where a note tells when it was written.

When in doubt a word is left alone: better that than a broken sentence.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import MAXYEAR, MINYEAR, date, timedelta

from kairos.core.dates.habits import is_habit
from kairos.core.dates.relative_words import ENGLISH, GERMAN, RULES, Rule
from kairos.core.dates.reported import anchors
from kairos.core.markdown.front_matter import day_field
from kairos.core.markdown.parse import DATE_FIELDS
from kairos.core.markdown.shield import protected_mask
from kairos.core.text.iso_day import iso_day
from kairos.core.text.patterns import lazy
from kairos.model import Entry, Evidence, Note, Role, Span, Splice

_WEEKDAYS = (
    ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    ("montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag"),
)
_WEEKDAY = lazy(
    rf"(?<![\w\-/])(?P<side>next|last|nächsten|letzten)\s+(?P<name>{'|'.join(_WEEKDAYS[0] + _WEEKDAYS[1])})"
    r"(?![\w\-/]|['’]s|\s+(?:morning|afternoon|evening|night))",
    re.IGNORECASE,
)

_SENTENCE_END = re.compile(r"[.!?](?=\s)|[。！？]|\n\s*\n|\n(?=\s*(?:[-*+]|\d+\.)\s)")
_GENERIC = lazy(
    r"\b(?:always|never|every(?:one|body)?|each|usually|whenever|typically|if|when|don['’]t|do not|e\.g\.|such as|"
    r"relative dates?|put off|immer|nie|niemals|jede[nrsm]?|wenn|falls|toujours|jamais|chaque|siempre|"
    r"nunca|cada|sempre|mai|ogni|всегда|никогда|каждый|если)\b|每[天次周月年日晚]|毎[日回週月年朝晩]|如果|总是|いつも",
    re.IGNORECASE,
)
_ANY_DATE = re.compile(r"\d{4}-\d{2}|\d{1,2}\.\d{1,2}\.|\d{4}年")
_NEAR = 16  # characters
_ANY_DAY = date(2000, 1, 1)  # only whether a word can be replaced counts, not by what
_DATED_ROLES = frozenset({Role.NOTE, Role.DAILY, Role.INDEX, Role.SECTIONS})
_TRUSTED_BASES = frozenset({"front matter", "file name"})
_PLANNED = re.compile(r"plan|due|deadline|release|roadmap|expir|until|before|for[-_]", re.IGNORECASE)
_LOG_HEADING = lazy(
    r"^\W*(?:(?:daily |work |session )?(?:log|notes?|session|journal|diary|meeting|standup|"
    r"tagebuch|protokoll)\W+)?"
    r"\d{4}-\d{2}-\d{2}(?!-?\d)",
    re.IGNORECASE,
)
_LOG_ENTRY = re.compile(r"^\W*\d{4}-\d{2}-\d{2}(?!-?\d)\W{0,2}\s*[:：—–|-]")


def absolute_dates(note: Note, entry: Entry, raw: bytes) -> tuple[tuple[Splice, Evidence], ...]:
    """Return replacements for the relative days of an entry, with the reason for each. `raw` is the whole file.

    Returns nothing if the day of writing is uncertain. A second pass over the result finds nothing.
    """
    written = _day_of_writing(note, entry)
    if written is None or note.role not in _DATED_ROLES:
        return ()
    day, basis = written
    if not MINYEAR < day.year < MAXYEAR:
        return ()  # no real day of writing, and the days around it may not be representable
    if raw[entry.span.start : entry.span.end].decode("utf-8", "replace").rstrip("\r\n") != entry.raw:
        return ()
    is_log = _is_log(note, basis)
    found = []
    position, offset = 0, entry.span.start
    for start, end, text in _replacements(entry.raw, day, is_log=is_log):
        offset += len(entry.raw[position:start].encode())
        position, word = start, entry.raw[start:end]
        span = Span(offset, offset + len(word.encode()))
        why = f'"{word}", as of {day} ({basis}), is "{text}"'
        found.append((Splice(entry.path, span, text.encode()), Evidence("date", why)))
    return tuple(found)


def words_for_days(raw: str) -> list[tuple[int, str]]:
    """Return (position, word) of the words of an entry that would be made absolute if its day of writing were known."""
    return [(start, raw[start:end]) for start, end, _ in _replacements(raw, _ANY_DAY, is_log=False)]


def words_for_now(raw: str) -> list[tuple[int, str]]:
    """Return (position, word) of the further words that would be made absolute in a log of a known day: "today"."""
    others = {start for start, _ in words_for_days(raw)}
    found = _replacements(raw, _ANY_DAY, is_log=True)
    return [(start, raw[start:end]) for start, end, _ in found if start not in others]


def may_mean_nowadays(note: Note, entry: Entry) -> bool:
    """Whether a word such as "today" stays in an entry although its day of writing is known: it is in no log."""
    written = _day_of_writing(note, entry)
    return written is not None and not _is_log(note, written[1])


def unknown_day(note: Note, entry: Entry) -> str:
    """Return why it is unknown on which day an entry was written; "" if that is known."""
    if _day_of_writing(note, entry) is not None:
        return ""
    basis = note.dated.basis if note.dated else ""
    if basis == "front matter" and _was_edited_later(note):
        return "its front matter names two days, and it is unknown which of them the words count from"
    if basis == "front matter":
        return "the note has several entries, and its date may be that of another one"
    if basis == "file name":
        return "the day in the name of the note may be one that is planned for"
    return "no date in the note, its name or a heading tells when it was written"


def _is_log(note: Note, basis: str) -> bool:
    """Whether an entry whose day of writing is known on this basis belongs to a log of that day."""
    return note.role is Role.DAILY or basis in {"heading", "dated entry"}


def _day_of_writing(note: Note, entry: Entry) -> tuple[date, str] | None:
    """Return the day on which an entry was written and what tells it, or None if that is uncertain."""
    logged = iso_day(entry.text) if _LOG_ENTRY.match(entry.text) else None
    if logged is not None:
        return logged, "dated entry"
    heading = next((text for text in reversed(entry.headings) if _LOG_HEADING.match(text)), "")
    under = iso_day(heading)
    if under is not None:
        return under, "heading"
    dated = note.dated
    if dated is None or dated.basis not in _TRUSTED_BASES:
        return None
    if dated.basis == "front matter" and (len(note.entries) != 1 or _was_edited_later(note)):
        return None  # an entry may be older than the last edit of its file
    if dated.basis == "file name" and _PLANNED.search(note.path.rpartition("/")[2]):
        return None  # the day something is planned for, not the day of writing
    return dated.day, dated.basis


def _was_edited_later(note: Note) -> bool:
    """Whether the front matter of a note names two days on which it was written or changed."""
    fields = note.front.fields if note.front else {}
    return len({day_field(fields, name) for name in DATE_FIELDS} - {None}) > 1


def _replacements(raw: str, day: date, *, is_log: bool) -> list[tuple[int, int, str]]:
    # Next to a log's own date, a weekday is clear enough.
    weekdays = () if is_log else _weekday_replacements(raw, day)
    candidates = [*_replacements_by_rule(raw, day, is_log=is_log), *weekdays]
    if not candidates:
        return []
    taken, sentences = protected_mask(raw), _Sentences(raw)
    found = []
    for start, end, text in candidates:
        plain = (
            not any(taken[start:end]) and not _is_name(raw, start, end) and not _is_in_list(raw, start, end)
        )
        if plain and not sentences.is_generic(start, end) and not sentences.is_reported(start, end):
            found.append((start, end, text))
            taken[start:end] = b"\1" * (end - start)
    return sorted(found)


_NAMING_WORDS = lazy(
    r"\b(?:(?:is|are|was|were|be|been) (?:called|named|titled|labell?ed)|class|tab|label|field|button|column|"
    r"filter|option|keyword|preset|macro|word|song|types?|typed|typing|saying|sings?|sang|"
    r"(?:default|range|period|words?|song|slogan|motto|title|titel|titre|título|zeitraum|période|periodo)"
    r"s?\s*(?:[:=]|is)|wort|mot|palabra|palavra|"
    r"heißt|hieß|genannt|namens|s['’]appelle|nommée?|llamad[oa]|se llama|chamad[oa]|chama-se)[\s*_]+$",
    re.IGNORECASE,
)
_TITLE = re.compile(r"(?:Last|Next) (?:Night|Week|Month|Year)")
_BEFORE_A_SENTENCE = frozenset(".!?:;…\n–—-|>•·")


def _is_name(raw: str, start: int, end: int) -> bool:
    """Whether a word is a name: something is called so ("the tab Today"), it has a capital in the middle of a sentence,
    or each of its words has one ("Last Year at Marienbad")."""
    if _TITLE.fullmatch(raw, start, end):
        return True
    before = raw[max(0, start - _NEAR) : start].rstrip(" \t*_\"“„«(['‘")
    inside = bool(before) and before[-1] not in _BEFORE_A_SENTENCE and not _LIST_MARKER.search(before)
    return _NAMING_WORDS.search(raw, max(0, start - _NEAR), start) is not None or (
        inside and raw[start].isupper()
    )


_OR = r"\s*(?:,\s*(?:and|or|und|oder|et|ou|y|o|e)?|/|\||and|or|und|oder|et|ou|y|o|e)\s*"
_WORDS = (
    r"(?<!\w)(?:today|tomorrow|yesterday|someday|(?:next|last|this) (?:week|month|year)|heute|"
    r"gestern|morgen|aujourd['’]hui|hier|demain|hoy|ayer|mañana|hoje|ontem|amanhã)(?!\w)"
)
_LISTED_BEFORE = lazy(rf"{_WORDS}{_OR}$", re.IGNORECASE)
_LISTED_BEHIND = lazy(rf"{_OR}{_WORDS}", re.IGNORECASE)


def _is_in_list(raw: str, start: int, end: int) -> bool:
    """Whether a word for a day is next to another in a list: "sort by today, yesterday or all" means the words."""
    before = _LISTED_BEFORE.search(raw, max(0, start - _NEAR), start)
    return before is not None or _LISTED_BEHIND.match(raw, end) is not None


_LIST_MARKER = re.compile(r"(?:\A|\n)\s*(?:\d+[.)]|[-*+](?:\s*\[[ xX]\])?)$")


def _replacements_by_rule(raw: str, day: date, *, is_log: bool) -> Iterator[tuple[int, int, str]]:
    for rule in RULES:
        if rule.language is not None and not rule.language.is_of(raw):
            continue  # "hier" is also a German word, for "here"
        for match in rule.pattern.finditer(raw):
            before = _words_before(raw, match.start())
            after = _word_after(raw, match.end())
            bare = bool(before & set(rule.bare_after.split()))
            if (rule.loose and not is_log and not bare) or before & set(rule.not_after.split()):
                continue
            if after in rule.not_before.split():
                continue
            yield match.start(), match.end(), _replacement(rule, day, match.group(), bare=bare)


def _replacement(rule: Rule, day: date, word: str, *, bare: bool) -> str:
    date_text = rule.date_text(day)
    whole_week = "week" in word.casefold() or "woche" in word.casefold()
    if bare and not whole_week:
        return date_text
    preposition = rule.preposition
    if bare:
        preposition = preposition.removeprefix("in ").replace("der Woche", "zur Woche")
    text = f"{preposition} {date_text}".strip()
    return text[0].upper() + text[1:] if word[0].isupper() else text


def _weekday_replacements(raw: str, day: date) -> Iterator[tuple[int, int, str]]:
    """Replace "next Thursday" only if the coming Thursday is that of next week. The same holds for "last"."""
    for match in _WEEKDAY.finditer(raw):
        name = match.group("name")
        german = name.casefold() in _WEEKDAYS[1]
        weekday = _WEEKDAYS[german].index(name.casefold())
        is_next = match.group("side").casefold() in ("next", "nächsten")
        monday = day - timedelta(day.weekday())
        meant = monday + timedelta(weekday + (7 if is_next else -7))
        if not 0 < abs((meant - day).days) <= 6:
            continue
        before = _words_before(raw, match.start())
        if before & {"the", "every", "not", "jeden", "am", "den"}:
            continue
        bare = bool(before & set((GERMAN if german else ENGLISH).bare_after.split()))
        text = name if bare else f"{'am' if german else 'on'} {name}"
        text = f"{text} {meant.isoformat()}"
        yield match.start(), match.end(), text[0].upper() + text[1:] if match.group()[0].isupper() else text


def _words_before(raw: str, position: int) -> set[str]:
    """Return the last word before a position, and the last two joined by `_`, on the same line and case folded."""
    words = re.findall(r"[\w'’/]+|[^\w\s]", raw[max(0, position - 40) : position].rsplit("\n", 1)[-1])[-2:]
    return {words[-1].casefold(), "_".join(words).casefold()} if words else set()


def _word_after(raw: str, position: int) -> str:
    match = re.match(r"[ \t]+([\w/-]+)", raw[position : position + 40])
    return match.group(1).casefold() if match else ""


_ENOUGH_ANCHORS = 3
"""A word lies in two anchors at most, "last Tuesday" and "Tuesday", so of three at least one is elsewhere."""


class _Sentences:
    """The sentences of an entry. Each is examined once, however many days it names."""

    def __init__(self, raw: str) -> None:
        self._raw = raw
        ends = [match.span() for match in _SENTENCE_END.finditer(raw)]
        self._starts, self._ends = [start for start, _ in ends], [end for _, end in ends]
        self._is_generic: dict[tuple[int, int], bool] = {}
        self._anchors: dict[tuple[int, int], tuple[tuple[int, int], ...]] = {}

    def is_generic(self, start: int, end: int) -> bool:
        """Whether the sentence around a word is about no particular day, or has a date right next to the word."""
        left, right = self._around(start, end)
        if (left, right) not in self._is_generic:
            sentence = self._raw[left:right]
            self._is_generic[left, right] = _GENERIC.search(sentence) is not None or is_habit(sentence)
        beside = self._raw[max(left, start - _NEAR) : start] + " " + self._raw[end : min(right, end + _NEAR)]
        return self._is_generic[left, right] or _ANY_DATE.search(beside) is not None

    def is_reported(self, start: int, end: int) -> bool:
        """Whether a word may count from another time in its sentence: "on Monday Ana said it would land tomorrow"."""
        left, right = self._around(start, end)
        if (left, right) not in self._anchors:
            self._anchors[left, right] = anchors(self._raw[left:right])
        found = self._anchors[left, right]
        return any(
            not (start <= left + one and left + other <= end) for one, other in found[:_ENOUGH_ANCHORS]
        )

    def _around(self, start: int, end: int) -> tuple[int, int]:
        """Return where the sentence around a word begins and ends."""
        before, after = bisect_right(self._ends, start), bisect_left(self._starts, end)
        left = self._ends[before - 1] if before else 0
        right = self._starts[after] if after < len(self._starts) else len(self._raw)
        return left, right
