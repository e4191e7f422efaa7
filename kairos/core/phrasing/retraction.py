"""Whether one text takes back what another one says: it repeats the words, but denies, doubts or outdates them.

"Never push on Fridays. Not any more." contains "Never push on Fridays." word for word, and yet cannot be its witness.
This module finds the usual words for that if only one of two texts has them; a merge then waits for a person.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator

from kairos.core.markdown.front_matter import text_field
from kairos.core.text.sentences import split
from kairos.model import Entry, Note

_TAKES_BACK = r"""
      \b(?: wrong | false | myths? | untrue | incorrect | mistaken | misconceptions? | not\ true | no\ longer
      | any\ ?more | any\ longer | obsolete | outdated | out[\ -]of[\ -]date | superseded | overruled | deprecated
      | rejected | declined | withdrawn | revoked | retracted | abandoned | cancell?ed | invalid | unconfirmed
      | unverified | disputed | debunked | hypothetical(?:ly)? | alleged(?:ly)? | supposed(?:ly)? | rumou?rs?
      | nobody\ could | (?:does|do)\ not\ (?:hold|apply|count) | (?:doesn|don)['’]t\ (?:hold|apply|count)
      | ignore\ (?:this|that|it)
      | falsch | stimmt\ nicht | nicht\ mehr | veraltet | überholt | hinfällig | abgelehnt | verworfen | widerrufen
      | ungültig | angeblich | mythos | aufgehoben
      | faux | fausse | obsolète | périmée? | n['’]est\ plus | caduc | rejetée? | abandonnée? | annulée?
      | fals[oa] | obsolet[oa] | ya\ no | já\ não | rechazad[oa] | rejeitad[oa] | anulad[oa]
      | tb[dc] | under\ discussion | undecided | (?:not|nothing)\ (?:(?:yet|been|is)\ )*(?:decided|settled|confirmed)
      | (?:isn|hasn)['’]t\ (?:(?:yet|been)\ )*(?:decided|settled|confirmed) | to\ be\ (?:decided|confirmed|determined)
      | or\ so | still\ (?:open|unclear|in\ doubt)
      | nicht\ (?:endgültig\ )?(?:entschieden|beschlossen|geklärt|bestätigt|sicher) | nichts\ entschieden | noch\ offen
      | unentschieden | unbestätigt | ungeklärt | zur\ diskussion | in\ diskussion
      | rien\ n['’]est\ (?:encore\ )?(?:décidé|sûr|arrêté|fixé) | pas\ (?:encore\ )?(?:décidée?|confirmée?|tranchée?)
      | à\ (?:décider|confirmer) | en\ discussion
      | (?:nada|no|não)\ (?:(?:está|es|foi|se\ ha|ha\ sido)\ )?(?:decidid|confirmad)[oa]
      | (?:por|a)\ (?:decidir|confirmar) | en\ discusión | em\ discussão
      | не\ решено | не\ решён | не\ подтвержд\w+ | обсуждается | под\ вопросом
      | неверно | ложь | устарел\w* | больше\ не | отклонен\w* | отменен\w* ) \b
      | 错误 | 不正确 | 不再 | 过时 | 過時 | 废弃 | 作废 | 已取消 | 谣言 | 間違い | 誤り | 廃止 | 無効
      | 무효 | 폐지 | 더\ 이상 | 미정 | 논의\ 중 | 검토\ 중
      | 尚未(?:决定|确定|确认) | 未定 | 未決定 | 待定 | 讨论中 | 検討中 | 決まっていない
"""
_ANYWHERE = re.compile(_TAKES_BACK, re.IGNORECASE | re.VERBOSE)
_AROUND = re.compile(
    rf"""
      {_TAKES_BACK}
    | \b(?: archived? | old | legacy | former | histor(?:y|ic|ical) | ideas? | drafts? | proposals? | proposed
      | examples? | to-?do | attic | archiv | altes? | verlauf | ideen? | entw[uü]rfe? | vorschl[aä]ge? | beispiele?
      | idées | brouillons? | exemples? | historique | borradores | ejemplos | архив | примеры )\b
    | 归档 | 历史 | 草案 | 示例 | アーカイブ | 履歴 | 例
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""Words that take back what stands below them: in a heading, a lead, the name of a directory."""
_REFERS_BACK = re.compile(
    r"(?:not any|that|this|it|the (?:(?:line|item|rule|point|entry) )?above|das|dies|ça|cela|eso|это)\b",
    re.IGNORECASE,
)
"""How a text begins that refers to the one before it."""
_AHEAD = re.compile(
    r"""
      \b(?: if | unless | until | till | before | in\ case | assuming | suppose | whether | old | was | former(?:ly)?
      | previously | originally | initially | in\ the\ past | historic(?:al)? | legacy | todo | draft | proposals?
      | proposed | idea | examples? | maybe | perhaps | verify | claim(?:s|ed)? | falls | bis | vorschlag | entwurf
      | beispiel | früher | früheren? | alt | damals | ehemals | ursprünglich
      | si | sauf | jusqu | brouillon | exemple | avant | autrefois | auparavant | hasta | ejemplo | borrador | antes
      | antiguamente | antigamente | anteriormente | если | раньше | прежде | ранее | пример )\b
      | 如果 | 以前 | 曾经 | かつて | 예전 | 草案 | 例如 | もし | 만약 | 이전
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""Words that take something back only if they come before it."""
_IN_REPETITION = re.compile(
    r"""
      \b(?: unless | except(?:ing)? | other\ than | or | if | when | in\ theory | theoretically | apparently
      | presumably | reportedly | it\ seems | nobody\ knows | no\ one\ knows | used\ to | hardly | rarely | seldom
      | außer | ausser | ausgenommen | es\ sei\ denn | oder | falls | wenn | sofern | theoretisch | in\ der\ theorie
      | offenbar | anscheinend | vermutlich | wohl | eigentlich | niemand\ weiß | kaum | selten
      | sauf | excepté | hormis | à\ moins | ou | si | s['’]ils? | en\ théorie | il\ paraît | paraît-il
      | il\ semble(?:rait)? | apparemment | personne\ ne\ sait | rarement
      | salvo | excepto | exceto | a\ menos | a\ não\ ser | o\ bien | parece | al\ parecer | se\ supone
      | aparentemente | supuestamente | supostamente | en\ teoría | em\ teoria | nadie\ sabe | ninguém\ sabe
      | кроме | за\ исключением | если | или | кажется | похоже | якобы | говорят | по\ слухам | в\ теории
      | теоретически | никто\ не\ знает | редко )\b
      | 除了 | 除非 | 除外 | 如果 | 或者 | 据说 | 听说 | 似乎 | 理论上 | 没人知道
      | を除 | 除いて | 以外 | または | あるいは | 限り | らしい | かもしれ | 理論上
      | 제외 | 또는 | 이론상 | 것\ 같
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""Words for exceptions, alternatives and hearsay; they only count in a sentence that repeats the other text."""
_NONE: frozenset[str] = frozenset()
_TAGGED = re.compile(r"<(?:del|s|strike)>([^<]{1,2000})", re.IGNORECASE)
_MAX_MISSING = 0.2
"""The share of a text's words that another text may lack and still count as repeating it."""
_EDGES = " \t.,;:!?()[]{}\"'`*_~<>…—–-。！？；，、："


def taken_back(a: str, b: str) -> str:
    """Return the words by which one of two texts takes back what both say; "" if neither does."""
    return next(filter(None, (*_retractions(a, b), *_retractions(b, a))), "")


def taken_back_by_surroundings(a: str, b: str) -> str:
    """Return the word by which the surroundings of one of two texts take it back; "" if neither's do.

    `a` and `b` are the surroundings, see `surrounding_text`.
    """
    for one, other in ((a, b.casefold()), (b, a.casefold())):
        for match in _AROUND.finditer(one):
            if match.group().casefold() not in other:
                return match.group()
    return ""


def surrounding_text(entry: Entry, note: Note) -> str:
    """Return the surroundings that colour how an entry is read.

    These are its directory, the title, description and status of its note, the headings and lead above it, and the
    entry after it, if that takes back the one before.
    """
    at = bisect_left(note.entries, entry.span.end, key=lambda one: one.span.start)
    following = note.entries[at].text if at < len(note.entries) else ""
    behind = following if _REFERS_BACK.match(following) and _ANYWHERE.search(following) else ""
    status = text_field(note.front.fields, "status") if note.front else ""
    above = (
        note.path.rpartition("/")[0].replace("/", " "),
        note.title,
        note.description,
        *entry.headings,
        entry.lead,
    )
    return "\n".join((*above, status, behind))


def struck_passages(raw: str) -> frozenset[str]:
    """Return the passages that are struck out in the Markdown of an entry."""
    if "~~" not in raw and "<" not in raw:  # nearly all: each entry is in several pairs
        return _NONE
    passages = (*raw.split("~~")[1:-1:2], *_TAGGED.findall(raw))
    return frozenset(" ".join(passage.split()) for passage in passages)


def _retractions(more: str, said: str) -> Iterator[str]:
    """Yield the words by which `more` takes back what it repeats of `said`."""
    words = Counter(filter(None, map(_bare, said.split())))
    left = words.copy()
    most = max(1, left.total() * _MAX_MISSING)  # at least one, since words are inflected: "läuft", "lief"
    ahead, extra = _extra(more.split(), left)
    lowered = said.casefold()
    if left.total() > most and lowered.strip(_EDGES) not in more.casefold():
        return  # it says something else, or the same in its own words
    for pattern, found in (
        (_ANYWHERE, extra),
        (_AHEAD, ahead),
        (_IN_REPETITION, _extra_in_repetitions(more, words, lowered)),
    ):
        for match in pattern.finditer(found):
            if match.group().casefold() not in lowered:
                yield match.group()


def _extra_in_repetitions(more: str, said: Counter[str], lowered: str) -> str:
    """Return the extra words in those sentences of `more` that repeat what is said."""
    found: list[str] = []
    enough, whole = said.total(), lowered.strip(_EDGES)
    for sentence in split(more):
        words, seen = sentence.split(), Counter[str]()
        extra = []
        for word in words:
            seen[bare := _bare(word)] += 1
            if seen[bare] > said[bare]:
                extra.append(word)
        repeated = len(words) - len(extra)
        if 2 * repeated >= min(len(words), enough) or whole in sentence.casefold():
            found.append(" ".join(extra))
    return "\n".join(found)


def _extra(words: list[str], said: Counter[str]) -> tuple[str, str]:
    """Return the words that are not in `said`: those before the first common word, and all of them.

    Common words are taken out of `said`.
    """
    ahead: list[str] = []
    extra: list[str] = []
    shared = False
    for word in words:
        bare = _bare(word)
        if said[bare]:
            said[bare] -= 1
            shared = True
            continue
        extra.append(word)
        if not shared:
            ahead.append(word)
    return " ".join(ahead), " ".join(extra)


def _bare(word: str) -> str:
    return word.strip(_EDGES).casefold()
