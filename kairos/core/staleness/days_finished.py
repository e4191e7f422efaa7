"""Recognises what is over by its words: finished tasks and reminders whose day has passed, things that were deleted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from kairos.core.dates.days import LONGEST_SENTENCE, DayMention, Precision, mentions
from kairos.core.dates.today import Today
from kairos.core.staleness.beyond import adds, has_further_clause, has_outcome, is_left_open
from kairos.core.text.patterns import lazy

LONGEST_TASK = 160
"""Characters that a bare task has at most."""
_DUE = lazy(
    r"(?:(?<!\w)(?:by|before|due(?: on| by)?|deadline:?|bis(?: zum)?|fällig(?: am| bis)?|vor dem|"
    r"spätestens(?: am)?|avant le|pour le|échéance(?: le)?|antes del?|para el|antes de|prazo:?|"
    r"entro il|scadenza:?|до|к)|截止|期限[は:]?|在)\s*$",
    re.IGNORECASE,
)
_DUE_LABEL = lazy(
    r"(?:\s[—–-]\s+|[:：]\s*)?(?<!\w)(?:due(?: on| by)?|by|deadline|bis(?: zum)?|fällig(?: am| bis)?|échéance|vence|"
    r"prazo|scadenza|срок)(?:[:：]\s|\s)|期限[:：は]",
    re.IGNORECASE,
)
_FINISHED = lazy(  # as a separate remark: "(done)", ", paid on …"
    r"(?:[(,:;—–✅✓]|\s-)\s*(?:(?:was|is|has been|already|wurde|ist|schon)\s+)?"
    r"(?:done|finished|completed|registered|ordered|paid|submitted|filed|booked|erledigt|fertig|abgeschlossen|"
    r"bestellt|bezahlt|angemeldet|eingereicht|gebucht|abgegeben|fait|terminé|payé|commandé|hecho|terminado|pagado|"
    r"pedido|feito|concluído|pago|fatto|completato|pagato|сделано|готово|оплачено|"
    r"已完成|完了|已付|済み)(?!\w)",
    re.IGNORECASE,
)
_DONE_FIRST = lazy(
    r"^\W*(?:done|finished|completed|erledigt|fertig|hecho|fait|feito|已完成|完了)\s*[:：)\]—–]",
    re.IGNORECASE,
)
_UNFINISHED = lazy(
    r"(?<!\w)(?:not|isn['’]t|wasn['’]t|partly|partially|half|never|unless|once|when|if|nicht|noch|teilweise|wenn|"
    r"pas|no|sin|não|non|не)(?!\w)|没|未",
    re.IGNORECASE,
)
_REMINDER = lazy(
    r"^\W*(?:reminder(?: set)?|remember|erinnerung(?: gesetzt)?|rappel|recordatorio|lembrete|promemoria|"
    r"напоминание|提醒|リマインダー)\s*[:：]",
    re.IGNORECASE,
)
_EXPLAINS = lazy(
    r"\s[—–-]\s|→|->|=>|\s=\s|:\s|：|(?<!\w)(?:because|since|now|instead|root cause|note that|"
    r"weil|jetzt|statt)(?!\w)",
    re.IGNORECASE,
)
_ASIDE = re.compile(r"\([^()]*\)")
_ASCII_BRACKETS = str.maketrans("（）", "()")
_AFTER_DAY = re.compile(r"\s*[,;，；]\s*\w")
_CLOSING = lazy(
    r"^\W*(?:all (?:items |tasks |of it )?(?:is |are )?(?:done|finished|completed?)\b.*|"
    r"nothing (?:is )?left\b.*|"
    r"(?:everything|all) (?:is )?(?:done|shipped)\b.*|done\b.{0,30}|"
    r".{0,60}\bnothing (?:is )?left(?: here| to do)?|"
    r"alles (?:ist )?(?:erledigt|fertig|abgeschlossen)\b.*|.{0,60}\bnichts (?:mehr )?offen\b.*|"
    r"(?:tout est|todo) (?:fait|hecho)\b.*|tudo feito\b.*|tutto fatto\b.*|всё сделано.*|"
    r"全部完成.*|すべて完了.*)\W*$",
    re.IGNORECASE,
)
_THING = (
    r"(?:script|file|folder|directory|module|tool|page|dashboard|server|service|branch|flag|job|repo|account)"
)
_THING_GERMAN = (
    r"(?:skript|script|datei|ordner|verzeichnis|modul|werkzeug|seite|server|dienst|branch|flag|job|konto)"
)
_WHEN = r"(?:on [\d-]{10}|in `?[0-9a-f]{7,40}`?|(?:on|in) .{3,24}?)"
_GONE = lazy(
    rf"^\W*(?:the|this) {_THING}(?: (?P<name>[\w./~-]+))? (?:was|has been|is|got) "
    rf"(?:deleted|removed|retired|decommissioned|shut down) {_WHEN}(?P<rest>[^\w.].*)?\W*$"
    rf"|^\W*(?:das|der|die|dieses?|dieser) {_THING_GERMAN}(?: (?P<german_name>[\w./~-]+))? wurde "
    r"(?:am [\d.-]{8,10}|in [0-9a-f]{7,40}) (?:gelöscht|entfernt|abgeschaltet)(?P<german_rest>[^\w.].*)?\W*$",
    re.IGNORECASE,
)
_GONE_ASIDE = lazy(
    rf"\((?:(?:the )?{_THING}|{_THING_GERMAN}) (?:was |wurde )?(?:deleted|removed|retired|gelöscht|entfernt)?\s*"
    r"(?:on|in|am) [\w.-]{7,40}(?: gelöscht| entfernt)?\)\W*$",
    re.IGNORECASE,
)
_SUBJECT = lazy(r"^\s*(?:[-*+]\s+)?`([^`\n]+)`\s+(\w+)")
_PAST = lazy(r"(?:\w+ed|made|ran|did|was|had|built|sent|kept|wrote|read|\w+te|war|lief|schrieb|baute)$")
_ADVICE = lazy(
    r"(?<!\w)(?:use|call|run|see|must|should|never|don['’]t|need\w*|keep|nutze|verwende|siehe|nie|muss)(?!\w)",
    re.IGNORECASE,
)


def due_passed(sentence: str, *, ticked: bool, today: Today) -> date | None:
    """Return the due day of a finished task or of a reminder, if all its days have passed; else None.

    `ticked` tells that its checkbox is ticked.
    """
    if len(sentence) > LONGEST_SENTENCE or not (ticked or _may_be_finished(sentence)):
        return None
    found = mentions(sentence, reference=None)
    due = [mention for mention in found if _DUE.search(sentence[: mention.start])]
    if (
        not due
        or not all(today.is_past(mention.last) for mention in found)
        or any(mention.precision is not Precision.DAY for mention in due)
    ):
        return None
    finished = ticked or _DONE_FIRST.match(sentence) or _is_done_after_each(due, sentence)
    if not (finished or _REMINDER.match(sentence)) or _UNFINISHED.search(sentence):
        return None
    return max(mention.last for mention in due)


def is_reminder(sentence: str) -> bool:
    """Whether a sentence calls itself a reminder."""
    return _REMINDER.match(sentence) is not None


def _is_done_after_each(due: Sequence[DayMention], sentence: str) -> bool:
    """Whether a remark says "done" after each due day: one after the first day alone leaves the rest to do."""
    ends = (*(mention.start for mention in due[1:]), len(sentence))
    return all(_FINISHED.search(sentence, mention.end, end) for mention, end in zip(due, ends, strict=True))


def _may_be_finished(sentence: str) -> bool:
    """Whether a sentence may be a reminder, or say that something is done. This rules out nearly all sentences."""
    patterns = (_REMINDER.match, _DONE_FIRST.match, _FINISHED.search)
    return any(find(sentence) for find in patterns)


def explains(sentence: str) -> bool:
    """Whether a finished task or a reminder also tells what came of it: "Decide on the database: Postgres".

    The colon of "Reminder:" and the dash before "due on …" or "done" do not count: nothing that somebody may need
    later follows them.
    """
    finished = _FINISHED.search(sentence)
    if adds(sentence[finished.end() :]) if finished else has_outcome(sentence):
        return True
    if any(map(is_left_open, _ASIDE.findall(sentence))):
        return True
    text = _DONE_FIRST.sub("", _REMINDER.sub("", sentence))
    if _EXPLAINS.search(_FINISHED.sub("", _DUE_LABEL.sub("", text))):
        return True
    return _has_remark_in_brackets(sentence) or _has_further_clause(sentence)


def explains_result(text: str) -> bool:
    """Whether a task without its day tells more than what was to do: after a colon, in a clause, in brackets."""
    return bool(_EXPLAINS.search(text)) or has_further_clause(text) or _has_remark_in_brackets(text)


def is_finished_task(text: str) -> bool:
    """Whether a ticked item is a bare, short task, without an explanation that somebody may need later."""
    return len(text) <= LONGEST_TASK and not _EXPLAINS.search(text) and not _has_remark_in_brackets(text)


def _has_remark_in_brackets(sentence: str) -> bool:
    """Whether a sentence has a remark in brackets that is more than a day, and does not begin with "due" or "done"."""
    text = sentence.translate(_ASCII_BRACKETS)
    return any(
        not _FINISHED.match(text, aside.start())
        and not _DUE_LABEL.match(text, aside.start() + 1)
        and re.search(r"\w", _without_days(aside.group()))
        for aside in _ASIDE.finditer(text)
    )


def _has_further_clause(sentence: str) -> bool:
    """Whether a clause after the due day says more than that it is done, or another day."""
    return any(
        _AFTER_DAY.match(sentence, mention.end)
        and not _FINISHED.match(sentence[mention.end :].lstrip())
        and re.search(r"\w", _without_days(sentence[mention.end :]))
        for mention in mentions(sentence, reference=None)
        if _DUE.search(sentence[: mention.start])
    )


def _without_days(text: str) -> str:
    for mention in reversed(mentions(text, reference=None)):
        text = text[: mention.start] + text[mention.end :]
    return text


def is_closing(sentence: str) -> bool:
    """Whether a sentence says only that everything is done."""
    return bool(_CLOSING.match(sentence))


def past_subject(raw: str) -> str | None:
    """Return the code span that opens an entry if a past-tense verb follows ("`sync.sh` copied …"); else None."""
    subject = _SUBJECT.match(raw)
    return subject.group(1) if subject and _PAST.match(subject.group(2)) else None


def retired(subject: str, sentences: Sequence[str]) -> str | None:
    """Return the clause by which an entry says that its own subject is gone; else None.

    `subject` is what the entry names first, so an entry that merely mentions a deletion does not count.
    """
    if len(sentences) == 1:
        aside = _GONE_ASIDE.search(sentences[0])
        return aside.group() if aside and not _ADVICE.search(sentences[0]) else None
    for sentence in sentences[1:]:
        gone = _GONE.match(sentence)
        if gone is None:
            continue
        name = (gone.group("name") or gone.group("german_name") or "").strip("`")
        rest = gone.group("rest") or gone.group("german_rest") or ""
        if subject.startswith(name.rstrip("/")) and not _ADVICE.search(rest):
            return sentence
    return None
