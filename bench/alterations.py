"""Small changes to a note that turn what it says: one word for another that says otherwise.

A paraphrase with such a change is no longer the same as the note, though all its other words say so. People's notes
change like that: a rule is turned round, another environment, another day.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

from kairos.core.words import WIDE
from kairos.core.written_days import MONTHS, WEEKDAYS
from kairos.model import Relation

Altered = tuple[str, Relation]
"""A note, and what it is to the one that it was made of."""

_CODE = re.compile(r"`[^`]*`|\S*[/_@]\S*|https?:\S+")
"""What no word is exchanged in."""


@dataclass(frozen=True, slots=True)
class _Exchange:
    """What is found in a text, and the words that may take its place."""

    found: re.Pattern[str]
    others: tuple[str, ...]


def _words(table: str, *, exactly: bool = False) -> Iterator[_Exchange]:
    """Read lines of words that exclude each other, separated by bars."""
    flags = 0 if exactly else re.IGNORECASE
    for line in table.strip().splitlines():
        words = tuple(word.strip() for word in line.split("|"))
        for word in words:
            free = rf"(?<![\w/.\-'’]){re.escape(word)}(?![\w/\-]|['’.]\w)"
            found = re.compile(re.escape(word) if WIDE.match(word) else free, flags)
            yield _Exchange(found, tuple(other for other in words if other != word))


def _turned(table: str) -> Iterator[_Exchange]:
    """Read lines of expressions and what takes their place; an empty one leaves them out."""
    for line in table.strip().splitlines():
        found, _, other = line.partition("=>")
        pattern = re.compile(found.strip().replace(" ", r"\s"), re.IGNORECASE)
        yield _Exchange(pattern, (other.strip().replace("_", " "),))


_OPPOSITES = """
before | after
always | never
first | last
minimum | maximum
min | max
min. | max.
above | below
enable | disable
enabled | disabled
enables | disables
allowed | forbidden
permitted | prohibited
allow | forbid
with | without
more than | less than
fewer than | more than
at least | at most
no more than | no less than
longer | shorter
higher | lower
faster | slower
bigger | smaller
larger | smaller
earlier | later
earliest | latest
oldest | newest
inside | outside
ascending | descending
increase | decrease
increases | decreases
raise | lower
required | optional
mandatory | optional
manually | automatically
by hand | automatically
include | exclude
includes | excludes
add | remove
keep | drop
keep | delete
open | closed
accepted | rejected
approved | rejected
succeeds | fails
passes | fails
hot | cold
warm | cold
early | late
likes | dislikes
loves | hates
likes | can't stand
prefers | dislikes
prefer | avoid
safe | unsafe
start | end
starts | ends
begins | ends
cheaper | dearer
full | empty
done | pending
finished | not started
solved | unsolved
fixed | still broken
merged | reverted
everybody | nobody
everyone | no one
both | neither
all | none of the
all | only some
every | no
everything | nothing
✓ | ✗
✔ | ✘
≥ | ≤
immer | nie
vor | nach
mit | ohne
mindestens | höchstens
alle | keine
jeder | keiner
erlaubt | verboten
toujours | jamais
avant | après
avec | sans
au moins | au plus
autorisé | interdit
siempre | nunca
antes de | después de
con | sin
permitido | prohibido
sempre | nunca
com | sem
depois de | antes de
всегда | никогда
можно | нельзя
перед | после
"""
_CHOICES = """
Monday | Tuesday | Thursday | Friday
Wednesday | Friday | Sunday
Mondays | Tuesdays | Thursdays
Saturday | Sunday
Mon | Tue | Thu
Wed | Fri | Sun
Montag | Dienstag | Donnerstag
lundi | mardi | jeudi
lunes | martes | jueves
spring | autumn
summer | winter
morning | evening
mornings | evenings
noon | midnight
weekdays | weekends
daily | weekly | monthly
hourly | daily
nightly | hourly
every day | every week
per day | per week | per hour
per hour | per minute
a day | a week
a week | minutes | hours
seconds | minutes
hours | days
days | weeks
weeks | months
months | years
red | green | blue
black | white
yellow | purple
Python | Go | Rust
Postgres | MySQL | SQLite
PostgreSQL | MySQL | MongoDB
Redis | Memcached
npm | pnpm | yarn
Docker | Podman
AWS | GCP | Azure
GitHub | GitLab
Slack | Teams
Kafka | RabbitMQ
JSON | YAML | TOML
REST | GraphQL | gRPC
tabs | spaces
English | German | French
two | three | four
five | six | seven
eight | nine | ten
twice | three times
once | twice
half | a third
double | triple
MB | GB | KB
ms | s
kg | g
km | m
seul | tous
周一 | 周三 | 周五
每天 | 每周 | 每月
必须 | 不必
允许 | 禁止
之前 | 之后
毎日 | 毎週
必須 | 任意
許可 | 禁止
"""
_SCOPES = """
old | new
older | newer
internal | external
public | private
upper | lower
staging | production
prod | staging
frontend | backend
front end | back end
client | server
Linux | Windows | macOS
iOS | Android
Chrome | Firefox | Safari
local | remote
locally | remotely
master | replica
source | target
sender | recipient
input | output
read | write
reads | writes
import | export
upload | download
parent | child
mother | father
sister | brother
daughter | son
wife | husband
Mum | Dad
north | south
east | west
neu | alt
"""
_NEGATED = """
(?<=\\w )must not(?= \\w) => must
(?<=\\w )must(?= (?!not|never)\\w) => must not
(?<=\\w )should not(?= \\w) => should
(?<=\\w )should(?= (?!not|never)\\w) => should not
(?<=\\w )is not(?= \\w) => is
(?<=\\w )isn't(?= \\w) => is
(?<=\\w )aren't(?= \\w) => are
(?<=\\w )doesn't (?=\\w) => does_
(?<=\\w )is(?= (?!not|no|never|nothing)\\w) => is not
(?<=\\w )are(?= (?!not|no|never)\\w) => are not
(?<=\\w )was(?= (?!not|no|never)\\w) => was not
(?<=\\w )were(?= (?!not|no|never)\\w) => were not
(?<=\\w )has(?= (?!not|no|never|to)\\w) => has no
(?<=\\w )can(?= (?!not|no|only|never)\\w) => cannot
(?<=\\w )cannot(?= \\w) => can
(?<=\\w )can't(?= \\w) => can
(?<=\\w )may(?= (?!not|no|only|never)\\w) => may not
(?<=\\w )may not(?= \\w) => may
(?<=\\w )will(?= (?!not|no|never)\\w) => won't
(?<=\\w )won't(?= \\w) => will
(?<=\\w )needs(?= (?!no|not)\\w) => doesn't need
\\bdo not (?=\\w) => _
\\bdon't (?=\\w) => _
\\bnever (?=\\w) => always_
\\bno (?=(?!more|longer|one|later|earlier|sooner|less|fewer|matter)\\w+(?: |$|[.,;])) => some_
\\bnot (?=\\w) => _
\\bonly (?=\\w) => not only_
(?<=\\w )on(?=$|[.,;]) => off
(?<=\\w )off(?=$|[.,;]) => on
\\byes(?=$|[,.;]) => no
\\bno(?=$|[,.;]) => yes
(?<=switched )on\\b => off
(?<=turned )on\\b => off
(?<=switched )off\\b => on
(?<=turned )off\\b => on
\\bnothing but(?= \\w) => everything but
\\bnobody but(?= \\w) => everybody but
\\bexcept(?= \\w) => including
\\bunless(?= \\w) => if
\\binstead of(?= \\w) => as well as
\\brather than(?= \\w) => as well as
\\buse (?=\\w) => avoid_
\\bavoid (?=\\w) => use_
\\bnicht (?=\\w) => _
\\bkeine (?=\\w) => alle_
\\bkein (?=\\w) => ein_
\\bnur (?=\\w) => nicht nur_
(?<=\\w )ist(?= (?!nicht|kein)\\w) => ist nicht
(?<=\\w )muss(?= (?!nicht)\\w) => darf nicht
(?<=\\w )darf(?= (?!nicht|nur)\\w) => darf nicht
(?<=\\w )est(?= (?!pas)\\w) => n'est pas
(?<=\\w )es(?= (?!que)[a-z]{3}) => no es
(?<=\\w )não (?=\\w) => _
(?<=\\w )не (?=\\w) => _
不要 => 要
不能 => 能
没有 => 有
不是 => 是
しない => する
ではない => である
"""
_EXACT = """
true | false
ON | OFF
January | March | June | October
February | April | July | November
August | September | December
Jan | Mar | Jun | Oct
Feb | Apr | Jul | Nov
"""
_EXACT_SCOPES = """
GET | POST
PUT | DELETE
CPU | GPU
"""
_CONFLICTS = (*_words(_OPPOSITES), *_words(_CHOICES), *_words(_EXACT, exactly=True), *_turned(_NEGATED))
_OTHERS = (*_words(_SCOPES), *_words(_EXACT_SCOPES, exactly=True))


def altered(text: str, chance: random.Random) -> Altered | None:
    """Return a note that says otherwise in one place, and what it is to the note: in conflict, or about something else
    (another environment, another person); None where nothing is found to change."""
    for change in chance.choice(_ORDERS):
        changed = change(text, chance)
        if changed is not None and changed[0] != text:
            return changed
    return None


def _free(text: str) -> str:
    """Return a text of the same length, without what no word is exchanged in."""
    return _CODE.sub(lambda code: "\0" * len(code.group()), text)


def _exchanged(text: str, chance: random.Random) -> Altered | None:
    free = _free(text)
    found = [
        (place, one.others, relation)
        for exchanges, relation in ((_CONFLICTS, Relation.CONFLICT), (_OTHERS, Relation.DISTINCT))
        for one in exchanges
        for place in one.found.finditer(free)
    ]
    if not found:
        return None
    place, others, relation = chance.choice(found)
    return _put(text, place.span(), chance.choice(others)), relation


def _put(text: str, span: tuple[int, int], other: str) -> str:
    old = text[slice(*span)]
    rest = text[span[1] :]
    starts = span[0] == 0 or text[: span[0]].rstrip().endswith((".", "!", "?"))
    if old[:1].isupper() and starts:
        if not other.strip():
            rest = rest.lstrip()
            rest = rest[:1].upper() + rest[1:]
        other = other[:1].upper() + other[1:]
    return text[: span[0]] + (other if other.strip() else "") + rest


_NAME = re.compile(r"(?<=[a-z,:;] )[A-Z][a-z]{2,9}\b(?!['’]\w\w)")


def _named_otherwise(text: str, chance: random.Random) -> Altered | None:
    """Put somebody else in the place of a name."""
    found = [
        p
        for p in _NAME.finditer(_free(text))
        if p.group().casefold() not in (MONTHS.keys() | WEEKDAYS.keys())
    ]
    if not found:
        return None
    place = chance.choice(found)
    other = chance.choice([name for name in _NAMES if name != place.group()])
    return _put(text, place.span(), other), Relation.DISTINCT


_NAMES = (
    "Imogen Tariq Oskar Beatriz Nadia Wren Pavel Sunita Lorenzo Akiko Femi Greta Marek Yusuf Ines".split()
)

_WORD = r"(?:`[^`\n]+`|(?<![`\w./'’-])(?!(?:an?|the|it|they|you|we|I|is|are|was)\b)[\w.-]*\w(?![`\w'’]))"
_WAYS = tuple(
    re.compile(way.replace("ONE", f"(?P<one>{_WORD})").replace("TWO", f"(?P<two>{_WORD})"))
    for way in (
        r"\bfrom ONE to TWO",
        r"ONE (?:instead of|rather than|over|before|after|not|beats|precedes) TWO",
        r"ONE ?(?:→|->|=>|>|<) ?TWO",
    )
)


def _other_way(text: str, chance: random.Random) -> Altered | None:
    """Exchange the two sides of an order or a direction."""
    found = [place for way in _WAYS for place in way.finditer(text) if place["one"] != place["two"]]
    if not found:
        return None
    place = chance.choice(found)
    between = text[place.end("one") : place.start("two")]
    changed = text[: place.start("one")] + place["two"] + between + place["one"] + text[place.end("two") :]
    return changed, Relation.CONFLICT


_ORDERS = (
    (_exchanged,),
    (_exchanged,),
    (_exchanged,),
    (_named_otherwise, _exchanged),
    (_other_way, _exchanged),
)
"""Kinds of change that are tried one after the other, in one of these orders."""
