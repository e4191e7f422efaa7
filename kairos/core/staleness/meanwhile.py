"""Tells what is bound to a passing state: while somebody is away, something is out of use, or nothing may change.

What takes the place of it, what is left undone, and what alone is still done end with the state. What something *is*,
*has* or is called does not, and neither does what somebody does anyway ("Pim leads the team"). A stop leaves no way
round it, and an offer asks for nothing: what their texts say besides may hold in general.
"""

from __future__ import annotations

import re
from enum import Enum, auto

from kairos.core.staleness.beyond import MEANWHILE, tells_cause, tells_later
from kairos.core.staleness.bound import holds_meanwhile, is_general, tells_of_past
from kairos.core.text.patterns import lazy


class Passing(Enum):
    """A state that passes by itself."""

    ABSENCE = auto()
    OUT_OF_USE = auto()
    STOP = auto()
    OFFER = auto()


def _words(*alternatives: str, unspaced: str) -> re.Pattern[str]:
    return lazy(rf"(?<!\w)(?:{'|'.join(alternatives)})(?!\w)|{unspaced}", re.IGNORECASE)


_STATES = {
    Passing.STOP: _words(
        r"(?:\w+ )?freeze|frozen|stop(?! \w+ing)|moratorium|embargo|lockdown|paused|suspended|cancelled|on hold",
        r"\w*(?:stopp|freeze|sperre)|eingefroren|ausgesetzt|pausiert|fällt aus|fallen aus",
        r"gel|gelée?s?|suspendue?s?|congelación|congelad[oa]s?|suspendid[oa]s?|congelamento|suspens[oa]s?",
        r"blocco|congelat[oaie]|sospes[oaie]|заморозк\w+|заморожен\w*|приостановлен\w*|мораторий",
        unspaced="冻结|封版|封网|暂停|凍結|停止中|見合わせ",
    ),
    Passing.OUT_OF_USE: _words(
        r"out of (?:order|service|use)|closed|shut|blocked|down for|lent(?: out)?|on loan|in plaster|"
        r"(?:in|under|being|for) repair(?:ed)?|being \w+ed|under (?:construction|renovation|maintenance)|"
        r"for (?:\w+ )?maintenance",
        r"außer betrieb|defekt|kaputt|geschlossen|gesperrt|verliehen|ausgeliehen|in reparatur|in wartung",
        r"hors service|en panne|fermée?s?|en réparation|en travaux|prêtée?s?|indisponibles?",
        r"fuera de servicio|averiad[oa]s?|cerrad[oa]s?|en reparación|en obras|prestad[oa]s?|no disponibles?",
        r"fora de serviço|avariad[oa]s?|fechad[oa]s?|em reparação|em obras|emprestad[oa]s?|indisponíve(?:l|is)",
        r"fuori servizio|guast[oaie]|chius[oaie]|in riparazione|in prestito|prestat[oaie]|non disponibil[ei]",
        r"не работа[её]т|сломан\w*|закрыт\w*|(?:в|на) ремонте|недоступ\w+",
        unspaced="停用|关闭|闭馆|维修|检修|外借|借出|故障中|修理中|工事中|貸出中|使用不可|閉鎖|休館|休業",
    ),
    Passing.ABSENCE: _words(
        r"on (?:\w+ ){0,2}?leave|on (?:vacation|holiday|sabbatical)|away|absent|abroad|travelling|out of office|"
        r"off (?:sick|work)|on a (?:(?:\w+ )?trip|break)|at sea|in hospital|"
        r"without (?:a |his |her )?(?:laptop|phone|computer)",
        r"urlaub|verreist|auf (?:dienst)?reise|abwesend|krank(?:geschrieben)?|\w*elternzeit|mutterschutz|"
        r"sabbatical|"
        r"nicht da|ohne (?:laptop|telefon|handy|rechner)",
        r"en (?:arrêt|congés?|vacances|déplacement)|absente?s?|en arrêt maladie|sans (?:ordinateur|téléphone)",
        r"de (?:baja|permiso|vacaciones|viaje)|ausentes?|sin (?:portátil|teléfono|ordenador)",
        r"de (?:licença|férias|viagem)|sem (?:computador|telefone|telemóvel)",
        r"in (?:ferie|trasferta|malattia|congedo|maternità|vacanza)|assent[ei]|senza (?:portatile|telefono|"
        r"computer)",
        r"в (?:отпуске|декрете|командировке|отъезде)|на больничном|болеет|отсутству\w+|без (?:ноутбука|телефона)",
        unspaced="休假|产假|病假|请假|出差|不在|休暇|産休|育休|出張",
    ),
    Passing.OFFER: _words(
        r"\d+ ?(?:%|per ?cent) (?:off|discount)|half price|discount|special offer|\w*rabatt|sonderpreis",
        r"remise|réduction|descuento|desconto|sconto|скидк\w+",
        unspaced=r"\d\s?折|优惠|割引|\d\s?[%％]\s?オフ",
    ),
}
_FOR_SOMEBODY = (
    r"(?:(?:reviews?|questions?|\w+) )?(?:go(?:es)?|pass(?:es)?|(?:is|are) (?:sent|taken|handled|answered|reviewed|"
    r"covered|delivered|taken over))"
)
_HAND_OVER = lazy(
    rf"(?<!\w){_FOR_SOMEBODY} (?:to|through|via|by|in|at|round)\s"
    r"|(?<!\w)(?:covers?(?: for)?|takes? over|steps? in|stands? in|fills? in|deputi[sz]es?|replaces?|substitutes?)"
    r"(?!\w)|(?<!\w)instead\W*$"
    rf"|(?<!\w)(?:geht|gehen|kommen|kommt|fahren|laufen|läuft) (?:an|zu|über|durch|bei)\s|(?<!\w)fragen an\s"
    r"|(?<!\w)(?:vertritt|vertreten|übernimmt|übernehmen|springt|ersetzt|stattdessen)(?!\w)"
    r"|(?<!\w)(?:va|vont|passe(?:nt)?|arrive(?:nt)?) (?:à|au|aux|chez|par)\s"
    r"|(?<!\w)(?:remplace(?:nt)?|assure l['’]intérim|prend le relais|à la place)(?!\w)"
    r"|(?<!\w)(?:va|van|pasan?|entran?|se (?:envían?|dirigen?)) (?:an?|al|por|para)\s(?!\w+[aei]r(?!\w))"
    r"|(?<!\w)(?:(?:lo |la |le )?(?:sustituye|cubre|reemplaza)|en su lugar)(?!\w)"
    r"|(?<!\w)(?:vão|vai|passam?|entram?|seguem?) (?:para|por|pel[oa]s?|ao?s?|à)\s"
    r"|(?<!\w)(?:substitui|cobre|assume|em vez disso|fica com)(?!\w)"
    r"|(?<!\w)(?:vanno|passano|passa|entrano|si mandano) (?:an?|al\w*|da\w*|per)\s"
    r"|(?<!\w)(?:sostituisce|subentra|al suo posto)(?!\w)"
    r"|(?<!\w)(?:идут|идёт|направля\w+|переда\w+|вопросы) (?:к|ко|через)\s|(?<!\w)(?:замещает|заменяет|подменяет)"
    r"(?!\w)|(?:找\S|由\S+代|改[走用由]|へ[。\s]*$|に(?:連絡|依頼)|が代理|代わり)",
    re.IGNORECASE,
)
"""Says who or what takes the place of it: "invoices go to Pim", "lorries come by the chapel road"."""
_WAY_ROUND = lazy(
    r"(?<!\w)(?:come|enter|park|leave|drive|walk)s?(?: (?:in|out|up))? (?:by|through|at|via|round|in)\s\S",
    re.IGNORECASE,
)
"""Says how to get round what is out of use."""
_ORDER = lazy(
    r"(?:so |please |and )*(?:use|take|ask(?= \S+ \S)|call|ring|phone|text|mail|message|send|forward|go|"
    r"write|avoid|book|buy|park|"
    r"enter|leave|keep|contact|ship|deliver|route|walk|drive|print|order|pick|bring|put|talk|speak|turn|"
    r"assign|plan|"
    r"schedule|postpone|wait|collect|drop|store|hand|do not|don['’]t|no|nothing) "
    r"|(?:bitte|nicht|keine?n?)(?!\w)|(?:\S+ )+?(?:nehmen|nutzen|benutzen|buchen|wenden|schicken|fragen|stellen|"
    r"schreiben|liefern|parken|ausweichen|gehen|anrufen)\W*$"
    r"|(?:s['’])?(?:adresser|prendre|utiliser|écrire|passer|appeler|envoyer|réserver|acheter|demander|livrer|"
    r"éviter|contacter|(?:prenez|utilisez|écrivez|passez|appelez|envoyez|demandez|adressez-vous)) "
    r"|(?:usar|utilizar|tomar|escribir|llamar|enviar|preguntar|pedir|ir|comprar|reservar|avisar|entrar|aparcar|"
    r"contactar|subir|falar|escrever|ligar|perguntar|mandar|deixar|evitar|no \w+r) "
    r"|(?:usare|prendere|scrivere|chiamare|inviare|mandare|chiedere|rivolgersi|passare|comprare|prenotare|evitare) "
    r"|(?:пишите|звоните|используйте|пользуйтесь|обращайтесь|отправляйте|спрашивайте|писать|звонить|спрашивать|"
    r"использовать|пользоваться|не \w+(?:йте|ть)) "
    r"|(?:请|請|改|找|走|用|不要|别|勿)\S|.*(?:ください|下さい|を使う|を使用|禁止|不可)\W*$",
    re.IGNORECASE,
)
"""Says what to do while it lasts."""
_OUT_OF_REACH = lazy(
    r"(?:and |but )?(?:is |are )?(?:(?:reads?|answers?|takes?|checks?|has|gets?|sees?) no "
    r"(?:messages?|e?mails?|calls?|chats?|phone|laptop|internet|meetings?)|not (?:reachable|available|"
    r"reading \w+)|(?:cannot|can[’']t) be reached|"
    r"unreachable|offline|(?:does not|doesn['’]t|cannot|can['’]t) (?:read|answer|check) (?:messages|mails?|"
    r"calls))\W*"
    r"|(?:liest|nimmt|beantwortet|hat) (?:dort |dann )?keine?n? (?:nachrichten|mails?|anrufe|laptop|"
    r"internet|empfang)"
    r"(?: an)?\W*|(?:ist )?nicht erreichbar\W*"
    r"|ne (?:lit|répond|consulte|prend) (?:pas|aucun\w*)(?: (?:à |de )?(?:ses |les |aux )?"
    r"(?:messages?|mails?|appels?|courriels?))?\W*|(?:est )?injoignable\W*"
    r"|no (?:lee|contesta|atiende|responde|mira)(?: (?:a )?(?:los |sus )?(?:mensajes|correos?|llamadas|"
    r"el correo|el teléfono))?\W*|(?:está )?ilocalizable\W*"
    r"|não (?:lê|responde|atende|vê)(?: (?:a )?(?:as |os )?(?:mensagens|e?mails|chamadas|telefone))?\W*"
    r"|non (?:legge|risponde|guarda)(?: (?:i |a(?:lle|i) |le )?(?:messaggi|mail|posta|chiamate))?\W*"
    r"|не (?:читает|отвечает|смотрит)(?: (?:на )?(?:сообщения|почту|письма|звонки))?\W*|(?:будет )?недоступ\w+\W*"
    r"|不[看回接](?:消息|邮件|电话|信息)\W*|联系不上\W*"
    r"|(?:メッセージ|メール|電話)[はにもを](?:読まない|見ない|出ない|返信しない|確認しない)\W*|連絡(?:不可|が取れない)\W*",
    re.IGNORECASE,
)
"""Says that somebody is out of reach."""
_ONLY = lazy(
    r"\W*(?:only|just|nothing but|nur|nichts außer|seule?s?(?:ment)?|uniquement|rien que|solo|sólo|"
    r"solamente|só|apenas|"
    r"somente|soltanto|solamente|только|лишь)\s|[^\d]{3,30}\s(?:only|seulement|solamente|apenas|soltanto)\W*$"
    r"|只|仅|.*のみ\W*$|.*だけ\W*$",
    re.IGNORECASE,
)
"""Says what alone is still done."""
_NOTHING = lazy(
    r"(?:so )?(?:nothing|no|nichts|keine?|rien|aucune?|nada|ningún|ninguna|nenhum|nenhuma|niente|nessun\w*|"
    r"ничего|никаких)"
    r"\s|(?:and |und |et |y |e |и )?(?:may not|must not|cannot|can['’]t|darf nicht|ne peut pas|ne doit pas|"
    r"no puede|"
    r"no debe|não pode|não deve|non può|non deve|нельзя)(?!\w)|不[能得可]",
    re.IGNORECASE,
)
"""Says what is left undone."""
_BACK = lazy(
    r"(?<!\w)(?:(?:back(?: (?:at|in|to) (?:\w+ )?\w+)?|(?:returns?|resumes?)(?: (?:to|from) (?:\w+ )?\w+)?|"
    r"reopens?) (?:on|from)"
    r"|wieder (?:da|zurück|geöffnet|offen|in betrieb)(?: ist)? (?:am|ab)|kommt (?:am|ab)"
    r"|(?:revient|rouvre|de retour|reprend)(?: \w+){0,2}? le|(?:vuelve|regresa|reabre)(?: \w+){0,3}? el"
    r"|(?:volta|regressa|retorna|reabre)(?: \w+){0,3}? (?:em|a|no dia)|(?:torna|rientra|riapre)(?: \w+){0,3}? il"
    r"|(?:верн[её]тся|выйдет|откроется)(?: \w+){0,3}?)\s*$",
    re.IGNORECASE,
)
_BACK_AFTER = lazy(r"\s*(?:日)?(?:回来|返岗|恢复|重新开放|に?(?:復帰|再開|戻る))")
"""Say that somebody or something is back on a day."""
_LASTING = lazy(
    r"\d{3}|`|\(|(?<!\w)(?:as (?:the )?(?:new )?(?:head|lead|manager|director|chief|owner)|"
    r"has|have|knows?|owns?|costs?|means|belongs?|prefers?|likes?|hat|haben|kennt|"
    r"gehört|kostet|tiene|sabe|"
    r"cuesta|tem|custa|costa|coûte|appartient|connaît|имеет|знает|стоит|for good|permanently|dauerhaft|"
    r"endgültig|définitivement|para siempre|definitiv\w+|"
    r"who|which|whose|code|pin|password|key|see|passwor[dt]|schlüssel|clé|clave|llave|chave|chiave|"
    r"ключ|пароль|kennwort|contraseña|senha|mot de passe|except|unless|if|when|wenn|falls|si|se|если|rent|"
    r"profits?|proceeds|salary|miete|gehalt|loyer|salaire|alquiler|salario|aluguel|affitto|stipendio|"
    r"аренда|зарплата)(?!\w)|密码|钥匙|鍵|暗証|租金|工资|家賃|給料",
    re.IGNORECASE,
)
"""A value, a reference or a condition, which may be needed at other times."""
_THEMSELVES = lazy(
    r"\W*(?:she|he|they|sie|er|elle|ella|ela|lei|lui|она|он)(?!\w)|.*(?<!\w)(?:kids?|children|sons?|"
    r"daughters?|wife|"
    r"husband|dogs?|cats?|kinder|sohn|tochter|enfants?|fils|fille|hij[oa]s?|filh[oa]s?|crianças|figli[oae]?|"
    r"дети)(?!\w)",
    re.IGNORECASE,
)
"""Tells of somebody's own life rather than of what others do: "her kids go to Hill School"."""
_OPENS = {
    Passing.ABSENCE: (_ORDER,),
    Passing.OUT_OF_USE: (_ORDER, _ONLY, _NOTHING),
    Passing.STOP: (_ONLY, _NOTHING),
    Passing.OFFER: (),
}
"""How a clause opens that each state holds."""
_SAYS = {
    Passing.ABSENCE: (_HAND_OVER,),
    Passing.OUT_OF_USE: (_HAND_OVER, _WAY_ROUND),
    Passing.STOP: (),
    Passing.OFFER: (),
}
"""What such a clause says, wherever it does."""
_MEANWHILE = lazy(MEANWHILE, re.IGNORECASE)
_LONGEST = 220  # characters; a longer sentence says more than what holds meanwhile
_LONGEST_NAME = 2  # words
_JOINS_NAMES = re.compile(r"\s\w+\s+")
_EDGES = " \t*_([-–—"
_COMMA = re.compile(r"\s*[,，、]\s*")
_JOINT = lazy(
    r"\s*(?:[;:，；、：]|,(?=\s)|[—–](?=\s))\s*(?:(?:and|und|et|y|e|и|so|also|donc|así que|por isso|quindi|"
    r"поэтому|因此)\s+)?"
    r"|\s+(?:and|und|et|y|e|и)\s+",
    re.IGNORECASE,
)


def passing(text: str) -> Passing | None:
    """Return what kind of passing state a text speaks of, if any."""
    return next((kind for kind, words in _STATES.items() if words.search(text)), None)


def is_back(sentence: str, start: int, end: int) -> bool:
    """Whether a sentence says of the day at `start` to `end` that somebody or something is back on it."""
    return _BACK.search(sentence[:start]) is not None or _BACK_AFTER.match(sentence, end) is not None


def is_held_by(clause: str, state: Passing | None) -> bool:
    """Whether a clause beside a passing state says only what is so for as long as that state lasts.

    Without a state, an order is held by the day that opens its sentence.
    """
    meanwhile = holds_meanwhile(clause)
    clause = _MEANWHILE.sub(" ", clause).strip(" \t.;。；")
    if is_general(clause) or tells_of_past(clause) or tells_cause(clause) or tells_later(clause):
        return False
    if state is Passing.ABSENCE and _OUT_OF_REACH.fullmatch(clause):
        return True
    if _LASTING.search(clause):
        return False
    if state is None:
        return _ORDER.match(clause) is not None
    return (
        meanwhile
        or any(words.match(clause) for words in _OPENS[state])
        or (_THEMSELVES.match(clause) is None and any(words.search(clause) for words in _SAYS[state]))
        or any(stop.end() == len(clause) for stop in _STATES[Passing.STOP].finditer(clause))
    )


def without_held(sentence: str, start: int, end: int, state: Passing | None) -> str:
    """Return a sentence without what its last clauses say of the time of a state.

    The words for its end span `start` to `end`. What follows them at the head of a sentence is the state itself.
    """
    if len(sentence) > _LONGEST:
        return sentence
    if not sentence[:start].strip(_EDGES) and (comma := _COMMA.match(sentence, end)):
        end = comma.end()
    joints = list(_JOINT.finditer(sentence, end))
    kept = len(sentence)
    for joint in reversed(joints):
        clause = sentence[joint.end() : kept]
        if is_held_by(clause, state):
            kept = joint.start()
        elif not _JOINS_NAMES.fullmatch(joint[0]) or len(clause.split()) > _LONGEST_NAME:
            break  # perhaps "the stairs and the lift" is what the clause says
    return sentence[:kept]


def stated(sentence: str, end: int) -> str:
    """Return the clause of a sentence that names the day which ends at `end`, with what goes on right after it."""
    joint = _JOINT.search(sentence, end)
    return sentence[: joint.start()] if joint else sentence


def all_held(sentence: str, state: Passing) -> bool:
    """Whether all the clauses of a sentence that stands beside a passing state are held by it."""
    return not without_held(f"; {sentence}", 0, 0, state)


def hands_over(sentence: str) -> bool:
    """Whether a sentence says who does what somebody else cannot do at the time: "Invoices go to Pim."."""
    return all_held(sentence, Passing.ABSENCE) and _HAND_OVER.search(sentence) is not None
