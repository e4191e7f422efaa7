"""Recognises texts that say of themselves that they no longer hold.

"No longer needed since the move: water the tunnels" does. What a text says of something else is news that stays: "The
v1 API is no longer supported." So do words that come with what holds instead: "Obsolete, use v2."
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from kairos.core.staleness.beyond import SAYS_MORE
from kairos.core.staleness.heads import WIDE_COLON, Head, Voided
from kairos.core.staleness.invalidity import INVALID, NO_LONGER, NOTE_NOUN, REASON_WORD, TEXT_NOUN, THIS
from kairos.core.staleness.reasons import (
    INSTEAD_HOLDS,
    LONGEST,
    NO_REASON,
    doubt_about_reason,
    ends_it,
    is_hedged,
    offers,
    reason_behind,
)
from kairos.core.staleness.turns import Turn, is_instruction, turning_point
from kairos.core.text.patterns import lazy

_MOST_SENTENCES = 2  # of a text that is void; more are a note of several lines


_BY_ITSELF = lazy(
    rf"(?:^|[;；,，.]\s*|\s(?:and|so|und|et|y|e|и)\s)\W*(?:(?:{THIS}|the) (?:(?P<by_note>{NOTE_NOUN})|{TEXT_NOUN}) )"
    rf"(?P<about>(?:about|on|for) (?:it|this|that|them) |dazu |darüber |à ce sujet |là-dessus |sobre (?:ello|esto|"
    rf"eso|isso|"
    rf"isto) |al riguardo |об этом )?(?:(?:is|ist|est|es|"
    rf"está|é|è) )?"
    rf"(?:{INVALID}|{NO_LONGER})(?:\W*$|(?P<why>(?:\s*[,:：，(—–]|\s(?={REASON_WORD}\s)).*$))",
    re.IGNORECASE,
)
"""A last clause about the text itself: "…; cette note n'a plus cours"."""
_RULE = lazy(
    rf"^\W*(?:the|our|der|die|das|la|le|l['’]|el|los|las|o|a|il|lo)\s*(?:{TEXT_NOUN}|setting|option|flag|trick|"
    rf"hack|detour|umweg|kniff|"
    rf"einstellung|schalter|réglage|détour|ajuste|truco|rodeo|configuração|ajuste|"
    rf"настройка)(?!\w)(?P<what>[^.]{{0,160}}?)\s+"
    rf"(?:(?:is|has become|ist|est|es|está|é|è)\s+)?(?:{INVALID}|{NO_LONGER})(?!\w)\s*[,;]?\s*(?P<reason>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_INSTEAD_OF_IT = lazy(
    r"(?<!\w)(?:instead|stattdessen|à la place|en su lugar|em vez|invece|вместо)(?!\w)|代わりに|^\W*改用",
    re.IGNORECASE,
)
_ASKS = lazy(
    r"^\W*(?:remove|delete|drop|clean up|lösche\w*|entferne\w*|supprimer|effacer|enlever|borrar|eliminar|quitar|"
    r"apagar|remover|"
    r"удали\w*|删除|删掉|削除)",
    re.IGNORECASE,
)
"""Asks for something because of that."""
_OPENING_BRACKETS = re.compile(r"^[\s*_]*[(（\[][^()（）\[\]]*[)）\]][\s*_]*[:：]?\s*")
_COLON = re.compile(r"[:：]\s")
_LIST_OR_NAME = re.compile(
    r"\W*(?:`[^`]+`|[\w.-]+)(?:\s*(?:,|、|and|und|et|y|e|и|or)\s*(?:`[^`]+`|[\w.-]+))*\W*"
)


def voided(sentences: Sequence[str], *, is_note: bool) -> tuple[Voided, str, str] | None:
    """Return what a text says is void, the sentence that says so, and the doubt ("" for none); else None.

    `sentences` are all that the text says: none, if it is a thematic break or a lone mark. `is_note` tells that it is
    a whole note, or opens one. A line may say that its note is void, but then it does not go without the others.
    """
    if not sentences or any(len(sentence) > 2 * LONGEST for sentence in sentences):
        return None
    found = _voided(sentences)
    if found is None or found[0] is not Voided.NOTE or is_note:
        return found
    says_more = Head.of_remark(sentences[0]) is None
    return (Voided.TEXT, found[1], "it may speak of its whole note") if says_more else None


def _voided(sentences: Sequence[str]) -> tuple[Voided, str, str] | None:
    for sentence in sentences:
        clause = _BY_ITSELF.search(sentence)
        if clause and not is_hedged(sentence) and (not clause["why"] or _is_said(sentence[: clause.start()])):
            return _by_itself(clause, sentence, sentences)
    first = sentences[0]
    if len(sentences) > 1 and (head := Head.of_remark(sentences[-1])) is not None:
        return _said_behind(head, sentences)
    if (head := Head.of_remark(first)) is not None:
        return _said_ahead(head, sentences)
    turn = turning_point(first)
    return _said_inside(turn, sentences) if turn is not None else _said_of_rule(sentences)


def _said_of_rule(sentences: Sequence[str]) -> tuple[Voided, str, str] | None:
    """Judge a text that says that the rule or the trick that it is about is void."""
    rule = _RULE.match(sentences[0]) if len(sentences) == 1 else None
    if rule is None or not rule["reason"] or doubt_about_reason(rule["reason"]) is None:
        return None
    return Voided.RULE, sentences[0], "what it says of the rule may be news elsewhere"


def _is_said(text: str) -> bool:
    return re.search(r"\w", text) is not None


def _said_ahead(head: Head, sentences: Sequence[str]) -> tuple[Voided, str, str] | None:
    """Judge a text that begins by saying that it is void: "No longer valid since May: …"."""
    reason, said = _parted(head.rest, sentences[0])
    if head.what is Voided.NOTE:  # what stands after the colon is the reason
        doubt = doubt_about_reason(head.rest)
        return None if doubt is None else (head.what, sentences[0], doubt)
    doubt = doubt_about_reason(reason)
    whole = "; ".join((said, *sentences[1:]))
    behind = doubt == NO_REASON and len(sentences) <= _MOST_SENTENCES and reason_behind(whole)
    if (
        not said.strip(_EDGES)
        or doubt is None
        or len(sentences) > _MOST_SENTENCES
        or _ASKS.match(said)
        or _INSTEAD_OF_IT.search(said)
    ):
        return None  # without a text after it, it is about what stands around it
    if head.by_pronoun:
        doubt = INSTEAD_HOLDS
    elif behind:
        return head.what, sentences[0], _doubt_about_retracted(whole.removesuffix(behind), gone=True)
    elif not head.named:
        doubt = _doubt_about_retracted(said) or doubt
    return head.what, sentences[0], doubt or ("" if len(sentences) == 1 else SAYS_MORE)


def _parted(rest: str, sentence: str) -> tuple[str, str]:
    """Return the reason of a sentence, and what is void by it: after a colon, or after the brackets it opens with.

    `rest` is what comes after the words that something is void.
    """
    label = _OPENING_BRACKETS.match(sentence)
    if label and _is_said(sentence[label.end() :]):
        return re.split(r"[)）\]]", rest, maxsplit=1)[0], sentence[label.end() :]
    colon = (WIDE_COLON if "：" in rest else _COLON).search(rest)
    return (rest[: colon.start()], rest[colon.end() :]) if colon else (rest, "")


def _said_behind(head: Head, sentences: Sequence[str]) -> tuple[Voided, str, str] | None:
    """Judge a text whose last sentence, in brackets, may say that it is void: "… (Obsolete, it was sold in May.)"."""
    if len(sentences) > _MOST_SENTENCES:
        return None
    doubt = doubt_about_reason(head.rest)
    if doubt is None:
        return None
    if head.what is Voided.NOTE or _COLON.search(head.rest):  # what stands after a colon may be what is void
        return head.what, sentences[-1], doubt or ("" if ends_it(head.rest) else SAYS_MORE)
    return head.what, sentences[-1], _doubt_about_retracted(_as_if_inside(sentences[0])) or doubt


def _as_if_inside(sentence: str) -> str:
    """Return a sentence as it would stand after a colon."""
    return sentence[:1].lower() + sentence[1:]


def _said_inside(turn: Turn, sentences: Sequence[str]) -> tuple[Voided, str, str] | None:
    """Judge a text that goes on with the words that what it has said is void: "Water it daily: void since May"."""
    doubt, ends = doubt_about_reason(turn.reason), ends_it(turn.reason)
    only_named = not turn.by_pronoun and not is_instruction(turn.said)
    if doubt is None or len(sentences) > _MOST_SENTENCES or (only_named and not ends):
        return None
    if turn.is_loose and doubt == NO_REASON and not turn.by_pronoun:
        return None  # perhaps the item of a list
    more = turn.is_loose or turn.by_pronoun or not ends or len(sentences) > 1
    return (
        Voided.TEXT,
        sentences[0],
        (_MAY_BE_NAMED if only_named else "") or doubt or (SAYS_MORE if more else ""),
    )


def _by_itself(
    clause: re.Match[str], sentence: str, sentences: Sequence[str]
) -> tuple[Voided, str, str] | None:
    """Judge a text of which one clause only says that it, or its note, is void."""
    what = Voided.NOTE if clause["by_note"] and not clause["about"] else Voided.TEXT
    if what is Voided.TEXT and len(sentences) > _MOST_SENTENCES:
        return None
    said = [other if other != sentence else sentence[: clause.start()] for other in sentences]
    if clause["about"]:
        return what, sentence, "it may speak of another note"
    if clause["why"]:
        return (
            what,
            sentence,
            doubt_about_reason(clause["why"]) or ("" if ends_it(clause["why"]) else SAYS_MORE),
        )
    if not any(_is_said(text) and doubt_about_reason(text) not in (None, INSTEAD_HOLDS) for text in said):
        return what, sentence, NO_REASON
    return what, sentence, "" if what is Voided.NOTE or len(sentences) == 1 else SAYS_MORE


def _doubt_about_retracted(text: str, *, gone: bool = False) -> str:
    """Return why a text may not be what is void, but what is void may be named in it, or what holds instead.

    `gone`: it is told what became of the things that the text names.
    """
    if offers(text):
        return INSTEAD_HOLDS
    if (len(text.split()) < _ENOUGH_WORDS and not _WIDE.search(text)) if gone else _names_only(text):
        return _MAY_BE_NAMED
    return SAYS_MORE if len(text) > LONGEST else ""


_MAY_BE_NAMED = "it may be about the things that it names"


def retracted_text(sentences: Sequence[str]) -> str:
    """Return what a text that says that it is void says besides, without the words for that and the reason."""
    first, last = sentences[0], sentences[-1]
    if len(sentences) > 1 and Head.of_remark(last):
        return " ".join(sentences[:-1])
    if Head.of_remark(first) is None and (turn := turning_point(first)):
        return turn.said
    said = "; ".join((_parted(first, first)[1] or first, *sentences[1:]))
    return said.removesuffix(reason_behind(said))


_EDGES = " )）*_."


_ENOUGH_WORDS = 4
_WIDE = re.compile(r"[぀-ヿ㐀-鿿]")


def _names_only(text: str) -> bool:
    """Whether a text only names things, rather than saying something: "Node 16, Node 18", "the VPN for staging"."""
    if _WIDE.search(text):
        return len(_WIDE.findall(text)) < 2 * _ENOUGH_WORDS or "、" in text
    if _LIST_OR_NAME.fullmatch(text):
        return True
    words = text.split()
    opens_with_name = re.match(
        r"\W*(?:the|a|an|all|our|der|die|das|alle|les?|la|l['’]|el|los|las|os?|as?|il|i|gli)\s|\W*[A-ZА-ЯÀ-Þ0-9]",
        text,
    )
    return len(words) < _ENOUGH_WORDS or (opens_with_name is not None and not _SAYS.search(text))


_SAYS = lazy(
    r"(?<!\w)(?:is|are|has|have|must|should|may|can|will|does|do|don['’]t|needs?|runs?|goes|comes|gets?|stays?|"
    r"uses?|lies|"
    r"ist|sind|hat|haben|muss|müssen|soll\w*|darf|kann|wird|werden|läuft|liegt|bleibt|est|sont|a|ont|doi(?:t|"
    r"vent)|peut|va|"
    r"es|son|está\w*|tiene\w*|deben?|puede\w*|va|hay|é|são|tem|têm|deve\w*|pode\w*|fica\w*|sono|ha|hanno|può|va|"
    r"есть|должн\w+|можно|нужно|надо|нельзя)(?!\w)",
    re.IGNORECASE,
)
