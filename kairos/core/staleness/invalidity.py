"""The words by which a text says in nine languages that something no longer holds, or what it says that of."""

from __future__ import annotations

INVALID = (
    r"(?:now |meanwhile |jetzt |inzwischen |nun |désormais |maintenant |ya |agora |ormai |уже )?"
    r"(?:void|moot|obsolete|outdated|out of date|superfluous|invalid|no longer (?:valid|needed|necessary|"
    r"relevant|applicable|true|in force|required)"
    r"|not (?:valid|needed|necessary|relevant|applicable|true|required) any ?more"
    r"|hinfällig|überholt|veraltet|obsolet|gegenstandslos|überflüssig|ungültig|entfällt|nicht mehr zutreffend"
    r"|nicht (?:mehr|länger) (?:gültig|nötig|notwendig|aktuell|erforderlich|relevant)"
    r"|caduque|caduc|obsolètes?|périmée?|sans objet|dépassée?|plus (?:valables?|nécessaires?|d['’]actualité|"
    r"en vigueur)"
    r"|caducad[oa]|obsolet[oa]|(?:queda )?sin efecto|superad[oa]|sem efeito|senza effetto|non più (?:valid[oa]|"
    r"necessari[oa])"
    r"|недействительн\w+|неактуальн\w+|устарел[аои]?|больше не (?:нужн\w+|актуальн\w+|действу\w+)|утратил[аои]? силу)"
)
NO_LONGER = (
    r"(?:no longer (?:applies|apply|holds?|counts?)|does not (?:apply|hold) any ?more|doesn['’]t (?:apply|"
    r"hold) any ?more"
    r"|gilt (?:nicht mehr|nicht länger)|trifft nicht mehr zu|hat sich erledigt|entfällt|ist nicht mehr (?:gültig|"
    r"nötig|aktuell|erforderlich)"
    r"|n['’]a plus cours|ne (?:s['’]applique|vaut|tient|sert) plus|n['’]est plus (?:valable|nécessaire|"
    r"d['’]actualité|en vigueur)"
    r"|(?:ya )?no (?:vale|rige|se aplica|aplica|es válid[oa]|es necesari[oa]|hace falta)(?: ya| más)?"
    r"|ya no (?:vale|rige|se aplica|aplica|es válid[oa]|es necesari[oa]|hace falta)"
    r"|(?:já )?não (?:vale|se aplica|é (?:mais )?válid[oa]|é (?:mais )?(?:necessári[oa]|precis[oa]))(?: mais)?|"
    r"non (?:vale|si applica) più"
    r"|deixou de (?:valer|ser válid[oa])|ha dejado de (?:valer|ser válid[oa])"
    r"|больше не (?:действует|нужно|нужна|актуально)|не актуально|уже не (?:нужно|действует|актуально))"
)
NOTE_NOUN = r"(?:note|memory|notiz|merkzettel|fiche|nota|заметка|запись)"
TEXT_NOUN = (
    r"(?:point|rule|line|entry|item|tip|hint|advice|instruction|step|remark|reminder|paragraph|section|"
    r"workaround|bullet|"
    r"punkt|regel|zeile|eintrag|hinweis|tipp|anweisung|schritt|absatz|abschnitt|vorgabe|merksatz|"
    r"consigne|point|règle|ligne|remarque|astuce|étape|mention|instruction|"
    r"regla|línea|entrada|consejo|instrucción|paso|punto|indicación|regra|linha|dica|instrução|passo|ponto|"
    r"regola|riga|consiglio|istruzione|пункт|правило|строка|совет|указание|шаг)"
)
THIS = r"(?:this|diese[rs]?|cette|cet|ce|esta|este|esto|essa|esse|questa|questo|эта|этот|это)"
REASON_WORD = (
    r"(?:since|as|because|with|after|now that|from|seit|seitdem|da|weil|mit|nach|depuis|car|comme|puisque|avec|après|"
    r"desde|porque|ya que|puesto que|pues|con|tras|pois|com|após|dal|da quando|perché|poiché|с тех пор|так как|"
    r"потому что|с|после)"
)
_HINTS = tuple(
    "no longer/any more/anymore/out of date/superfluous/void/moot/obsol/outdated/invalid/hinfällig/überholt/"
    "veraltet/gegenstandslos/überflüssig/entfällt/hat sich erledigt/nicht mehr/nicht länger/ungültig/trifft nicht/"
    "cadu/périm/sans objet/dépass/ plus/ya no/no vale/no rige/no se aplica/no aplica/no es v/no es n/"
    "no hace falta/sin efecto/sem efeito/superad/não /senza effetto/ più/недейств/актуал/устарел/больше не/"
    "уже не/deixou de/ha dejado/утратил/作废/作廢/失效/过时/過時/过期/過期/废止/不再/無効/廃止/"
    "不要/適用されない/有効ではない/withdrawn/retracted/revoked/zurückgezogen/widerrufen/retiré/retirad/anulad/revogad/"
    "ritirat/отозван".split("/")
)
"""Any text that says of itself that it no longer holds contains one of these."""


def may_be_void(text: str) -> bool:
    """A quick check: whether a text can say of itself that it no longer holds."""
    lowered = text.casefold()
    return any(hint in lowered for hint in _HINTS)
