"""What an entry applies to, judged by what stands above it: an environment, a place, a person, a product, a version.

The same words under "Berlin" and under "Kiel" are two facts; under "Training" and "Experiments" they are one fact filed
twice. No list can tell names from topics, so the words of the root itself have to. A word is a topic if the root also
uses it in lower case or, for languages that capitalise every noun, as the end of a longer word: "Datensicherung" makes
"Sicherung" a topic, and nothing ends with "Berlin". A heading can tell by itself: a name in "Build quirks" would have
a capital. Scripts without capitals give no clue; there, any word may be a name. Where two texts put one fact
differently, it is the names that need a sign: facts about two things of one kind are put alike.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain, pairwise

from kairos.core.root.names import Names
from kairos.core.root.places import in_two_lists, is_labelled
from kairos.core.root.pointers import all_pointers, pointer_ids
from kairos.core.root.purpose import JUDGED_ROLES
from kairos.core.root.reading import Reading
from kairos.core.root.vocabulary import vocabulary
from kairos.core.text.wording import SHORTEST_COMPOUND, Wording, wording
from kairos.core.text.words import STOP_WORDS, WORD, stem
from kairos.core.values.values import Scopes, scopes_apart, scopes_in, values
from kairos.model import Entry, EntryKind, Role

_DAY = re.compile(r"(?<!\d)(?:19|20)\d\d[-_.]?\d\d[-_.]?\d\d(?!\d)")
_ENVIRONMENTS = frozenset({"prod", "production", "staging"})
_OF_DEPLOYMENT = ("api", "database", "deploy", "dev", "host", "prod", "rollback", "server", "staging")
"""Words of which a root has two where production is an environment; a farm, a film or a publisher has another one."""
_ALIKE, _RELATED = 0.75, 3
"""Share of the words of the shorter text from which two texts are put alike, and number of common words from which
they are about one thing."""
_SHORTEST = 3
_SHORTEST_END = 5
_SHORTEST_BEGINNING = SHORTEST_COMPOUND - _SHORTEST_END
_GENERIC = frozenset(
    stem(word)
    for word in (
        "about api archive architecture background backend basics ci cli conventions daily data database db decision "
        "decisions design details evening experiments facts faq feedback frontend general guide guidelines history "
        "how ideas index info inbox install installation journal knowledge later learned learnings lessons links list "
        "local log memory misc miscellaneous morning noon night note notes operations other overview paper patterns "
        "people personal plan plans preferences process project projects reference references research rules sdk "
        "session setup sql standards status studio style summary tasks team testing tests tips todo tools topics "
        "training ui user various work workflow workflows "
        "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august "
        "september october november december mon tue wed thu fri sat sun jan feb mar apr jun jul aug sep oct nov dec "
        "allgemein notizen sonstiges verschiedenes übersicht montag dienstag mittwoch donnerstag freitag samstag "
        "sonntag 笔记 筆記 备注 其他 其它 概述 概览 总览 日志 杂项 待办 メモ その他 概要 메모 노트 기타 개요"
    ).split()
)
_BEFORE_NAMES = frozenset(
    "at by for from in inside near of on onto the to under via with "
    "account app application box branch cat child city client company computer customer database device dog family "
    "firm host house kid laptop machine model name node office organisation organization person place product "
    "project repo repository room school server service shop site store team tenant town user vendor website "
    "dr mr mrs ms prof frau herr "
    "am an auf aus bei beim dem den der des die das für im in mit von vom zu zum zur "
    "filiale firma gerät kind kunde kundin ort projekt rechner schule stadt standort "
    "a al au aux avec chez con da de del des do du el en la las le les los na no para por pour sur "
    "cliente máquina proyecto servidor serveur projet".split()
)
"""Words before what may be a name even in lower case: "Backups of mimas", "Host mimas"."""
_AROUND_WORDS = ".,;:!?()[]\"'“”„«»"


@dataclass(frozen=True, slots=True)
class Usage:
    """How a root writes its words.

    `lower` are the stems of words in lower case, `names` the stems of words that only occur with a capital, also inside
    sentences, and `ends` are the possible last parts of long capitalised words, which may be compounds. Descriptions of
    notes count for `names` only.
    """

    lower: frozenset[str]
    names: frozenset[str]
    ends: frozenset[str]

    def is_name(self, word: str) -> bool:
        """Whether a word is certainly a name."""
        folded = word.casefold()
        return stem(folded) in self.names and folded not in self.ends

    def may_be_name(self, word: str) -> bool:
        """Whether there is no sign that a word is a topic."""
        folded = word.casefold()
        return stem(folded) not in self.lower and folded not in self.ends


def usage(reading: Reading) -> Usage:
    """Return how the notes of a root write their words, pointers aside: they repeat the names of files."""
    before = reading.before
    if before is not None and _has_same_wording(reading, before):
        return before.derived(usage)
    of_notes, of_indexes = map(reading.derived, _OF_NOTES), reading.derived(_of_indexes)
    lower, names, long = (
        known.union(words.split()) for known, words in zip(of_notes, of_indexes, strict=True)
    )
    return Usage(lower, names - lower, frozenset(chain.from_iterable(map(_word_ends, long))))


def _has_same_wording(reading: Reading, before: Reading) -> bool:
    same = all(reading.derived(words) is before.derived(words) for words in _OF_NOTES)
    return same and reading.derived(_of_indexes) == before.derived(_of_indexes)


def _of_indexes(reading: Reading) -> Wording:
    """Return how the judged indexes write their words, pointers aside."""
    pointing = reading.derived(pointer_ids)
    notes = (reading.notes[path] for path in reading.derived(all_pointers))
    judged = (note.entries for note in notes if note.role in JUDGED_ROLES)
    return wording(_content(chain.from_iterable(judged), pointing))


_OF_NOTES = tuple(map(vocabulary, Wording._fields))


def _content(entries: Iterable[Entry], pointing: Collection[str]) -> Iterator[Entry]:
    return (entry for entry in entries if entry.id not in pointing)


def _word_ends(word: str) -> Iterator[str]:
    return (word[at:] for at in range(_SHORTEST_BEGINNING, len(word) - _SHORTEST_END + 1))


@dataclass(frozen=True)
class NamesOf:
    """Tells names from topics by the words of a reading, which are only collected once somebody asks."""

    reading: Reading

    @cached_property
    def usage(self) -> Usage:
        """How the reading writes its words."""
        return self.reading.derived(usage)

    def is_name(self, word: str) -> bool:
        """Whether a word is certainly a name."""
        return self.usage.is_name(word)

    def may_be_name(self, word: str) -> bool:
        """Whether there is no sign that a word is a topic."""
        return self.usage.may_be_name(word)


def scope_difference(
    dropped: Entry, kept: Entry, reading: Reading, known: Names, *, strict: bool = False
) -> str:
    """Return why two entries with the same words may apply to two different things; "" for no reason.

    The name of a one-fact note is taken for its label unless it is known to contain a name; if `strict`, unless it may.
    Above two entries that put one fact differently, a capitalised word in a heading is a topic unless it is known to be
    a name or stands where names do; not if `strict`.
    """
    if _are_filed_apart(dropped, kept, reading):
        return "they are under two headings or in two directories, and may be about two things"
    gone, stays = ((*_above(entry, reading), entry.lead) for entry in (dropped, kept))
    if _name_scopes(" ".join(gone), " ".join(stays)):
        return "their headings or notes' names are of two different environments, systems or parts"
    said = (dropped.text, kept.text)
    of_gone, of_stays = _words_only_in(gone, (*stays, *said)), _words_only_in(stays, (*gone, *said))
    if _names_environment((*of_gone, *of_stays), known):
        return "one is under an environment that the other does not name"
    labels = EntryKind.FACT in {dropped.kind, kept.kind}
    topics = _topics(gone[:-1], stays) | _topics(stays[:-1], gone)
    candidates = (_without(topics, words, numbers=not labels) for words in (of_gone, of_stays))
    told_twice = not (strict or labels) and _is_told_twice(dropped, kept)
    by_form = _names_by_form((*gone, *stays)) if told_twice else frozenset()

    def may_name(word: str) -> bool:
        certain = (labels and not strict) or (told_twice and _is_capitalised(word) and word not in by_form)
        return known.is_name(word) if certain else known.may_be_name(word)

    if all(any(map(may_name, words)) for words in candidates):
        return "their headings or notes' names may be of two different things"
    is_logged = reading.note_of(dropped).role is Role.DAILY and not of_gone
    if is_logged or _name_one_thing(dropped, kept, known):
        return ""  # a daily log does not say what it applies to
    # What stays may apply to the name above it alone. The lead of what goes is left out: it often names a mere source.
    below = _words_only_in(_above(dropped, reading), (*stays, *said))
    of_user = _names_of_user(dropped, kept, reading)
    named = any(known.is_name(word) for word in (*below, *of_stays) if word not in topics | of_user)
    return "one is under a name that the other does not mention" if named else ""


def _is_capitalised(word: str) -> bool:
    return word.isalpha() and word.istitle()


def _is_told_twice(a: Entry, b: Entry) -> bool:
    """Whether two entries share some words, but each puts a good part of what it says differently.

    Facts about two things of one kind are put alike. One fact that two sessions wrote down is not.
    """
    ours, theirs = (frozenset(_content_words(entry.text)) for entry in (a, b))
    shared = len(ours & theirs)
    return _RELATED <= shared < _ALIKE * min(len(ours), len(theirs))


def _names_by_form(above: Iterable[str]) -> frozenset[str]:
    """Return the words of headings that stand where names do: "At Kiel", "Host Mimas", "Dr. Osei"."""
    headings = ([token.strip(_AROUND_WORDS) for token in heading.split()] for heading in above)
    pairs = chain.from_iterable(map(pairwise, headings))
    return frozenset(word for before, word in pairs if before.casefold() in _BEFORE_NAMES)


def _name_one_thing(a: Entry, b: Entry, known: Names) -> bool:
    """Whether two entries say by themselves what they are about: both, each in its own words, mention one name or
    identifier."""
    if a.digest == b.digest:
        return False
    shared = _capitalised(a.text) & _capitalised(b.text)
    return bool(values(a.text).identifiers & values(b.text).identifiers) or any(map(known.is_name, shared))


def _capitalised(text: str) -> frozenset[str]:
    return frozenset(word for word in WORD.findall(text) if word.istitle())


def _names_of_user(a: Entry, b: Entry, reading: Reading) -> frozenset[str]:
    """Return the words in the titles of notes about the user: what they want holds for all that is done for them."""
    notes = (reading.note_of(entry) for entry in (a, b))
    return frozenset(chain.from_iterable(WORD.findall(note.title) for note in notes if note.type == "user"))


def _names_environment(words: Iterable[str], known: Names) -> bool:
    """Whether an environment of software is among the words."""
    found = _ENVIRONMENTS.intersection(map(str.casefold, words))
    is_written = (not known.may_be_name(word) or known.is_name(word) for word in _OF_DEPLOYMENT)
    return bool(found) and (found != {"production"} or sum(is_written) > 1)


def _without(topics: Collection[str], words: Iterable[str], *, numbers: bool) -> Iterator[str]:
    """Yield the words that are no topics, and no numbers unless these count: they may just count one-fact notes."""
    return (word for word in words if word not in topics and (numbers or not word.isdigit()))


def are_apart_by_name(one: str, other: str) -> bool:
    """Whether the paths of two files name two environments, systems or parts."""
    return _name_scopes(one.removesuffix(".md"), other.removesuffix(".md"))


def _name_scopes(one: str, other: str) -> bool:
    return scopes_apart(_scopes(one), _scopes(other))


@lru_cache(maxsize=1024)  # one text above an entry is compared with several others
def _scopes(text: str) -> Scopes:
    return scopes_in(" ".join(WORD.findall(text)))


def _are_filed_apart(a: Entry, b: Entry, reading: Reading) -> bool:
    """Whether two entries stand in different sections of one file, or in different directories.

    A section or directory inside the other one's does not count. The sections of an index are mere drawers for facts:
    there, only a labelled line depends on the section that it is in.
    """
    if a.path == b.path:
        if reading.note_of(a).role is Role.INDEX and not (is_labelled(a) or is_labelled(b)):
            return False
        same_section = (a.headings, a.lead) == (b.headings, b.lead)
        return in_two_lists(a, b, reading) if same_section else _are_siblings(_steps(a), _steps(b))
    return _are_siblings(tuple(a.path.split("/")[:-1]), tuple(b.path.split("/")[:-1]))


def _are_siblings(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return one[: len(other)] != other and other[: len(one)] != one


def _steps(entry: Entry) -> tuple[str, ...]:
    """Return the headings and the lead above an entry, without generic ones such as "Notes" or a date."""
    return tuple(step for step in (*entry.headings, entry.lead) if not _GENERIC.issuperset(_words(step)))


@lru_cache(maxsize=8192)  # each text is part of many pairs
def _words(text: str) -> frozenset[str]:
    return frozenset(stem(word.casefold()) for word in WORD.findall(_DAY.sub(" ", text)))


def _above(entry: Entry, reading: Reading) -> tuple[str, ...]:
    """Return the title of an entry's note and the headings above it; not the title of an index: it names the root."""
    note = reading.note_of(entry)
    if note.role is Role.INDEX:
        return entry.headings[1:] if entry.headings[:1] == (note.title,) else entry.headings
    return entry.headings if note.title in entry.headings else (note.title, *entry.headings)


def _topics(above: Iterable[str], other: Iterable[str]) -> frozenset[str]:
    """Return the words that the headings `above` an entry mark as topics.

    One that shares a word with what stands above the `other` entry marks none: "Setup nginx" and "Setup apache" are
    of one form, and about two things.
    """
    others = frozenset().union(*map(_words, other))
    return frozenset(
        chain.from_iterable(_marked_topics(text) for text in above if others.isdisjoint(_content_words(text)))
    )


def _content_words(text: str) -> Iterator[str]:
    return (stem(word) for word in WORD.findall(text.casefold()) if word not in STOP_WORDS)


@lru_cache(maxsize=8192)  # each text is part of many pairs
def _marked_topics(heading: str) -> frozenset[str]:
    """Return the words in lower case of a heading that begins with a capital, without what a name may be in."""
    if not next(filter(str.isalpha, heading), "").isupper():
        return frozenset()
    words = [token.strip(_AROUND_WORDS) for token in heading.split()]
    return frozenset(
        word
        for before, word in pairwise(words)
        if word.isalpha() and word.islower() and before.casefold() not in _BEFORE_NAMES
    )


def _words_only_in(above: Iterable[str], other: Sequence[str]) -> tuple[str, ...]:
    """Return the words above one entry that none of the texts `other` has, without generic ones."""
    whole = "\n".join(other).casefold()  # cheap test first: most words do not even occur as a substring
    return tuple(
        word
        for text in above
        for word, stemmed in _specific_words(text)
        if stemmed not in whole or not any(stemmed in _words(text) for text in other)
    )


@lru_cache(maxsize=8192)  # each text is part of many pairs
def _specific_words(text: str) -> tuple[tuple[str, str], ...]:
    """Return the words of a text, without generic ones, each with its stem."""
    words = (
        (word, stem(word.casefold())) for word in WORD.findall(_DAY.sub(" ", text)) if _is_specific(word)
    )
    return tuple((word, stemmed) for word, stemmed in words if stemmed not in _GENERIC)


def _is_specific(word: str) -> bool:
    if any(map(str.isdigit, word)) or not _is_cased(word):
        return True
    return len(word) >= _SHORTEST and word.casefold() not in STOP_WORDS


def _is_cased(word: str) -> bool:
    """Whether a word is in a script with capitals; in a script without, a name may have only two characters."""
    return word.lower() != word.upper()
