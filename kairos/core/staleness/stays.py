"""Recognises what was arranged for a period: absences, stays, visits, hires.

A predicate ahead of the period, in the present or the future, tells that: "Ada is in Rome from 3 to 9 August". Records
of a period ("the data is from May to June") are told apart by what they are about.
"""

from __future__ import annotations

import re

from kairos.core.staleness.bound import clauses, is_general
from kairos.core.text.patterns import lazy

_BE = r"(?:is|are|ist|sind|est|sont|está|están|estão|estamos|é|è|sta|stanno|sono)"
_AT = (
    r"(?:in|on|at|with|bei|im|auf|in der|zu|à|en|au|aux|chez|dans|em|no|na|nos|nas|nel|nella|al|alla|a|da|presso|"
    r"here|there|hier|dort|là|aquí|aqui|qui)"
)
_LENT = (
    r"(?:hired|rented|booked|on loan|on hire|borrowed|reserved|lent(?: out)?|gemietet|ausgeliehen|geliehen|gebucht|"
    r"reserviert|verliehen|louée?s?|prêtée?s?|réservée?s?|empruntée?s?|alquilad[oa]s?|prestad[oa]s?|reservad[oa]s?|"
    r"alugad[oa]s?|emprestad[oa]s?|noleggiat[oaie]|affittat[oaie]|prenotat[oaie]|in prestito)"
)
_ARRANGED = lazy(
    rf"(?<!\w)(?:{_BE}\s+(?:(?:still|again|fully|noch|wieder)\s+)?(?:{_LENT}|{_AT}(?=\s|$)|visiting|staying|"
    rf"(?:being )?\w+ed)"
    r"|will\s+(?:be|stay|visit|work|teach|cover|travel|hang|run|play|stand)|wird|werden|sera|seront|séjournera|"
    r"estará|estarán|estarão|ficará|ficarão|vai estar|va a estar|visitará|sarà|saranno|starà|будет|будут"
    r"|works|arbeitet|travaille|trabaja|trabalha|lavora|работает"
    r"|visits|stays|guests|works from|stands in for|deputi[sz]es for|fills in for|vertritt|vertreten|besucht|wohnt|"
    r"übernachtet|remplace|remplacent|séjourne|loge|sustituye|se aloja|visita|substitui|sostituisce|alloggia|"
    r"заменяет|замещает|гостит|арендован\w*|забронирован\w*)(?!\w)",
    re.IGNORECASE,
)
_RECORDED = lazy(
    r"(?<!\w)(?:data|dataset|logs?|logged|records?|rows?|tables?|columns?|files?|backups?|snapshots?|"
    r"figures?|charts?|"
    r"sales|trades|orders|receipts|reports?|invoices?|statements?|samples?|measurements?|readings?|entries|photos?|"
    r"pictures|minutes|archives?|commits?|tickets|errors?|tests?|results?|daten|protokolle?|zahlen|umsätze|belege|"
    r"berichte?|rechnung\w*|messungen|dateien|einträge|fotos|ergebnisse|données|relevés?|factures?|"
    r"rapports?|chiffres|"
    r"fichiers?|ventes|photos|datos|registros|facturas?|informes?|ventas|archivos|dados|faturas?|"
    r"relatórios?|vendas|"
    r"arquivos|dati|registri|fatture|vendite|данные|журнал\w*|записи|отчёт\w*|отчет\w*|счета|продажи|"
    r"period|span|range|covers?|interval|zeitraum|période|período|periodo|период)(?!\w)",
    re.IGNORECASE,
)
"""What a period may tell apart, rather than bound."""
_PERSON = lazy(
    r"\W*(?:(?-i:(?!(?:The|This|That|Our|My|Das|Der|Die|Unser|Ein|Eine|Le|La|Les|Un|Une|El|Los|Las|O|A|Os|"
    r"As|Il|Lo|I|"
    r"Gli|No|All)\s)[^\W\d_a-zà-ÿа-яё][\w’'-]+(?:\s[^\W\d_a-zà-ÿа-яё][\w’'-]+){0,2})|she|he|sie|er|elle|il|"
    r"ella|él|ela|"
    r"ele|lei|lui|она|он)\s+"
    r"(?:is|will be|ist|est|sera|está|estará|è|sarà|будет)(?:\s+(?:in|at|with|à|en|au|chez|em|no|na|a|в|на|у)\s+"
    r"(?:[^\W\d_][\w’'-]*\s*){1,4})?\W*",
    re.IGNORECASE,
)
"""Somebody who is somewhere."""
_DOES = lazy(
    r"\W*(?-i:(?!(?:The|This|That|Our|My|All|In|On|At|For|From|After|Before|Since|With|If|When|While)\s)"
    r"[A-ZÀ-Þ][\w’'-]+(?:\s[A-ZÀ-Þ][\w’'-]+){0,2})"
    r"(?:, [^,;:.]{1,60},)? [a-z]+[^s\W]s \w+",
    re.IGNORECASE,
)
"""Somebody who does something."""
_OUT_OF_REACH = lazy(
    r"(?!.*(?<!\w)(?:without|unless|except|ever|about|if|when|ohne|außer|wegen|sans|sauf|senza|salvo|если|"
    r"кроме)(?!\w))"
    r"\W*(?:(?:please |bitte |takes |nimmt |ne prend |no atiende |não atende |non prende )?(?:no|don['’]t|do not|"
    r"keine?n?|nicht|pas(?: de)?|ne pas|sin|no|não|sem|niente|non|не|без)\s+(?:d['’])?"
    r"(?:\S+\s+){0,3}?(?:calls?|call|phone|meetings?|releases?|appointments?|assign|invite|disturb|write|mails?|"
    r"anrufe?|anrufen|termine?|releases|besprechungen|stören|appels?|appeler|réunions?|déranger|llamadas?|llamar|"
    r"llames|reuniones|chamadas?|ligar|ligações|reuniões|chiamate|chiamare|telefonate|riunioni|звон\w+|встреч\w*)"
    r"(?!\w)[^\d,;:]{0,40})",
    re.IGNORECASE,
)
"""Asks to leave somebody alone."""


def is_arranged(head: str) -> bool:
    """Whether the words ahead of a period say that something is somewhere, on hire, or stands in for something then."""
    return len(clauses(head)) == 1 and _ARRANGED.search(head) is not None and _RECORDED.search(head) is None


def is_doing(head: str) -> bool:
    """Whether the words ahead of a period say what somebody does then: "Efa, a student, sees patients"."""
    return _DOES.match(head) is not None and _RECORDED.search(head) is None


def is_absence(said: str, beside: list[str]) -> bool:
    """Whether somebody is somewhere and asks for no calls, and nothing else is said.

    `said` is the sentence without its period and the clauses `beside` it.
    """
    return (
        bool(beside)
        and _RECORDED.search(said) is None
        and _PERSON.fullmatch(said) is not None
        and all(_OUT_OF_REACH.fullmatch(clause) and not is_general(clause) for clause in beside)
    )
