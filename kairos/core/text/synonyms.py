"""Maps words of notes to shared meanings: inflections, abbreviations, and plain synonyms."""

from __future__ import annotations

import re
import unicodedata

from kairos.core.text.caching import cached
from kairos.core.text.words import STOP_WORDS, WORD

_GROUPS = """
monday mon; tuesday tue tues; wednesday wed; thursday thu thur thurs; friday fri; saturday sat; sunday sun
january jan; february feb; march mar; april apr; june jun; july jul; august aug; september sep sept
october oct; november nov; december dec; noon midday; midnight
minute min mins; hour hr hrs; second sec secs; millisecond ms; week wk; month mo; year yr annual annually yearly
daily day; fortnightly biweekly; kilometre kilometer km; metre meter; centimetre centimeter cm; millimetre mm
kilogram kilo kg; milligram mg; litre liter; pixel px; gigabyte gb gib; megabyte mb mib; kilobyte kb kib
terabyte tb tib; kilowatt kw; euro eur; dollar usd; cent ct
maximum max most maximal maximally; minimum min least minimal; limit cap ceiling
repository repo; database db; environment env; configuration config configure configured cfg conf; variable var
production prod; development dev; directory dir folder; document doc docs documentation; message msg
application app; dependency dep deps; certificate cert; javascript js; typescript ts; python py; postgres postgresql pg
kubernetes k8s; authentication auth; administrator admin; information info; specification spec; parameter param
argument arg; function func fn; temporary temp tmp; reference ref; statistics stat stats; utility util
request req; response resp; revision rev; firmware fw; hardware hw; software sw; interface ui; memory ram
asynchronous async; synchronous sync; automatic automatically auto automated; manual manually hand
professor prof; doctor dr; physiotherapist physio; laboratory lab; telephone phone; photograph photo picture image
child children kid; father dad; mother mum mom; parents folks; bicycle bike; flight fly flown; home house
vaccination vaccine vaccinate jab; operation surgery; ill sick; allergy allergic; pill tablet; meal food
begin began begun start started; finish finished complete completed; buy bought purchase purchased; sell sold sale
choose chose chosen pick picked select selected; decide decided decision; delete deleted deletion remove removed removal
repair mend fix; answer reply replies; question ask asked; big large; small little; brief short concise; quick fast
fail failed failure; allow allowed permit permitted permission; forbid forbidden ban banned prohibited disallowed
refuse refused reject rejected denied deny; mandatory required compulsory obligatory; need needs require requires
approve approval ok okay; sign signed signature; renew renewal; cancel cancelled canceled cancellation; deliver delivery
pay paid payment; expire expires expiry expiration; hide hid hidden conceal; ignore ignored disregard;
latest newest recent; oldest; goal aim target; reason why because; until till; before prior ahead
through via; below under; above over; about roughly approximately circa around; entire whole; single one; twice two
change changed edit edited alter altered modify modified; increase raise; decrease lower reduce; write wrote written
freeze froze frozen; borrow loan lend lent; stop halt; attempt try tried; everybody everyone; nobody
purpose deliberate deliberately; summary recap; company firm; landlord; trip journey travel; outage down; mail email
customer client; staff employee employees; colleague coworker; check verify; show display; use uses used utilise
"""
_PLURALS = (
    ("ies", "y"),
    ("sses", "ss"),
    ("shes", "sh"),
    ("ches", "ch"),
    ("xes", "x"),
    ("zzes", "zz"),
    ("ss", "ss"),
    ("s", ""),
)
_ENDINGS = (
    ("tion", "t"),
    ("sion", "s"),
    *((ending, "") for ending in ("ing", "edly", "ed", "ly", "en", "er", "e", "y")),
)
_SHORTEST_STEM = 3
"""Letters that must be left of a word when an ending is removed."""
_DOUBLE_CONSONANT = re.compile(r"([b-df-hj-np-tv-xz])\1$")


@cached(65_536)
def _stemmed(word: str) -> str:
    """Return a word without its plural ending, and then without one other ending; `words.stem` strips only one."""
    for endings in (_PLURALS, _ENDINGS):
        for ending, replacement in endings:
            if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
                word = word.removesuffix(ending) + replacement
                break
    return _DOUBLE_CONSONANT.sub(r"\1", word)


def _synonyms() -> dict[str, str]:
    found: dict[str, str] = {}
    for group in re.split(r"[;\n]", _GROUPS):
        names = group.split()
        for name in names:
            found.setdefault(_stemmed(name), _stemmed(names[0]))
    return found


_SYNONYMS = _synonyms()


def meanings(text: str) -> frozenset[str]:
    """Return the meanings of a text's words: one name for all words that mean the same. Stop words are left out."""
    return frozenset(meanings_in_order(text))


@cached(8192)
def meanings_in_order(text: str) -> tuple[str, ...]:
    """Return the meanings of a text's words in their order, with repetitions. Stop words are left out."""
    words = WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    stems = (_stemmed(word) for word in words if word not in STOP_WORDS)
    return tuple(_SYNONYMS.get(word, word) for word in stems)
