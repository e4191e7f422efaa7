"""Finds where a text turns on itself: "Empty the tray each hour: no longer needed since the new pump".

What is said up to there may be an instruction or a statement, which that takes back. Or it names something, and then
the rest is news of that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kairos.core.staleness.beyond import recurs
from kairos.core.staleness.heads import Head, Voided
from kairos.core.text.patterns import lazy

_TURN = re.compile(
    r"\s*(?P<firm>[:：;；]|\s[—–-](?=\s))\s*|\s*[,，]\s*(?:which |ce qui |lo que |o que |il che |что )?|\s*(?=[(（])"
)
"""What may stand between what is said and that it is void; no more than a comma or a bracket may belong to a list."""
_CLOSED = re.compile(r"[)）]\W*$")
_FEWEST_WORDS = 4
_FEWEST_WIDE = 8  # characters, where the script has no blanks
_WIDE = re.compile(r"[぀-ヿ㐀-鿿]")
_GOES_ON = lazy(
    r"(?<!\w)(?:is|are|be|becomes?|was|were|as|to|or|and|says?|said|reads?|writes?|wrote|shows?|means?|status|state|"
    r"ist|sind|wird|war|als|oder|und|heißt|lautet|sagt|zeigt|est|sont|comme|ou|et|dit|indique|es|son|está|como|"
    r"o|y|dice|muestra|é|são|diz|mostra|è|sono|come|e|mostra|или|и|как|говорит|пишет|статус)\W*$|[是为為は]\W*$",
    re.IGNORECASE,
)
"""After these words, what follows is what something is or says."""
_DEVICE = lazy(
    r"^\W*(?:(?:the|our|a|der|die|das|le|la|el|o|a|il|lo)\s+)?(?:workaround|hack|trick|detour|umweg|kniff|notbehelf|"
    r"détour|astuce|contournement|truco|rodeo|atajo|gambiarra|truque|espediente|обход|костыль)(?!\w)|"
    r"^\W*(?:临时方案|变通|回避策)",
    re.IGNORECASE,
)
"""What is done because something does not work as it should."""
_GERUND = lazy(r"^\W*(?:always |never |not )?[a-z]{2,}ing\s+\w", re.IGNORECASE)
_WHEN = lazy(
    r"(?<!\w)(?:when(?:ever)?|before|after|until|while|if|wenn|bevor|ehe|nachdem|sobald|vor|nach|quand|lorsque|avant|"
    r"après|si|cuando|antes|después|al|quando|depois|ao|prima|dopo|se|когда|перед|после|если)\s+\w|[前后後時时]",
    re.IGNORECASE,
)
"""Tells when to do something."""
_PREDICATE = lazy(
    r"(?<!\w)(?:is|are|has|have|must|should|may|can|cannot|will|does|do|don['’]t|never|always|needs?|runs?|goes|comes|"
    r"gets?|stays?|stands?|uses?|lies|works?|fails?|ist|sind|hat|haben|muss|müssen|soll\w*|darf|dürfen|kann|können|"
    r"wird|werden|läuft|liegt|steht|bleibt|nie|immer|est|sont|doi(?:t|vent)|peut|peuvent|il faut|jamais|toujours|es|"
    r"son|está\w*|tiene\w*|deben?|puede\w*|hay|nunca|siempre|é|são|tem|têm|deve\w*|pode\w*|fica\w*|sempre|sono|"
    r"hanno|può|есть|должн\w+|можно|нужно|надо|нельзя|всегда|никогда)(?!\w)|必须|必須|需要|需在|应|請|请|要|不能|する",
    re.IGNORECASE,
)
_RELATIVE = lazy(
    r"(?<!\w)(?:that|which|who|whose|dessen|deren|qui|dont|che|котор\w+)(?!\w)|,\s*(?:die|der|das|que)(?!\w)",
    re.IGNORECASE,
)
"""A predicate after these words tells which one is meant."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What a text says up to the words that it is void, and what comes after them.

    `is_loose`: only a comma or a bracket separates the two, so that they may belong to the last words alone.
    `by_pronoun`: they speak of "this", which may be the whole or a thing in it.
    """

    said: str
    reason: str
    is_loose: bool
    by_pronoun: bool


def turning_point(sentence: str) -> Turn | None:
    """Return where a sentence turns to saying that it no longer holds; None if it does not."""
    for mark in _TURN.finditer(sentence):
        head = Head.of(sentence[mark.end() :])
        if head is None or head.what is Voided.NOTE:
            continue
        said, in_brackets = sentence[: mark.start()], sentence[mark.end() : mark.end() + 1] in "(（"
        if (
            _names_too_little(said)
            or _GOES_ON.search(said)
            or (in_brackets and not _CLOSED.search(head.rest))
        ):
            return None
        return Turn(said, head.rest, mark["firm"] is None, head.by_pronoun)
    return None


def _names_too_little(said: str) -> bool:
    """Whether a text is but a name or a label."""
    wide = _WIDE.findall(said)
    return len(wide) < _FEWEST_WIDE if wide else len(said.split()) < _FEWEST_WORDS


def is_instruction(said: str) -> bool:
    """Whether a text tells what to do, or states something, rather than naming a thing."""
    if recurs(said) or _DEVICE.search(said) or _GERUND.search(said) or _WHEN.search(said):
        return True
    return _PREDICATE.search(said) is not None and _RELATIVE.search(said) is None
