"""A text goes that turns on itself: it tells what to do, and then that this no longer holds, and why."""

import pytest

from kairos.core.staleness.turns import turning_point
from kairos.core.staleness.void import retracted_text
from kairos.model import Role
from tests.unit.core.staleness.judged import found, found_in, unattended


@pytest.mark.parametrize(
    "text",
    [
        "Bleed the radiators every Friday because the pump sucks air: obsolete since version 3.1 of 2026-04-02.",
        "Knocking on the glass when the feeder jams: not necessary any more since the new motor came in May 2026.",
        "Workaround for the empty `site` column (take it from the name): no longer needed, fixed on 2026-04-02.",
        "Wipe the lens of camera 2 before each shoot – no longer needed since the housing was sealed.",
        "Turn the key of the north gate twice; no longer true, the lock was replaced in May.",
        "The goods lift must be called from the cellar: no longer true since the repair.",
        "Restart the indexer each night. No longer needed: the leak was fixed in 4.1.",
        "No longer valid: reboot the till each morning before it opens; the vendor fixed it in March.",
        "No longer valid: the hired tent stands behind the barn. (It went back on 3 October.)",
        "Obsolete: reset the meter every Monday; it was repaired on 2026-05-03.",
        "(obsolete) Restart the worker each hour because of the leak; the leak was fixed in 5.2.",
        "Veraltet: den Zähler jeden Montag zurücksetzen; er wurde im Mai repariert.",
        "Den Filter jeden Abend von Hand spülen: nicht mehr nötig, seit die neue Pumpe läuft.",
        "Das Ventil muss nach jeder Schicht zu sein: gilt nicht mehr, es wurde im Mai repariert.",
        "Vider le cache après chaque import : plus nécessaire depuis la version 5.",
        "Cerrar la válvula después de cada turno: ya no hace falta, fue reparada en mayo.",
        "Fechar a válvula depois de cada turno: não é mais necessário, o fornecedor consertou em maio.",
        "Chiudere la valvola ogni sera: non più necessario da quando c'è la pompa nuova.",
        "Закрывать клапан каждый вечер: больше не нужно с мая.",
        "每天晚上手动清空缓存目录：不再需要，服务器已下线。",
    ],
)
def test_an_instruction_goes_with_what_ended_it(text: str) -> None:
    assert unattended(text)


@pytest.mark.parametrize(
    "text",
    [
        "Obsolete, kept here only by mistake: mail the price list each month (the shop does it).",
        'Note withdrawn: "the kiln must be aired each morning" (new kiln since May, nothing to do any more).',
        "Der Umweg über das Fax für die Bestellungen ist überholt, das Portal erledigt es.",
        "Feed the hens twice before noon: obsolete.",
        "Feed the hens twice before noon: obsolete since 4.12, the grain moved to `/srv/grain`.",
        "Feed the hens twice before noon: obsolete since May and Ada has the key.",
        "Feed the hens twice before noon: obsolete since May. Leave the light on.",
        "Feed the hens twice before noon: no longer needed, the feeder starts itself at 03:00.",
        "Feed the hens twice before noon: no longer needed, they were sold to Kofi.",
        "Feed the hens twice before noon: no longer needed since Ada does it from the mill.",
        "Feed the hens twice before noon, which is no longer necessary since May.",
        "[obsolete since 5.2] Feed the hens twice before noon.",
        "Wipe the lens of camera 2 before each shoot (no longer needed since the housing was sealed).",
        "Wipe the lens of camera 2 before each shoot, no longer needed since May.",
        "Badges for all contractors on site: no longer needed since May.",
        "Keys that are on the green board: no longer valid since May.",
        "Obsolete, replaced by the press in May: glue the spines by hand with the brush.",
        "Obsolete: clean the tray of the printer each week (with gloves).",
        "Veraltet, nur aus Versehen noch hier: die Liste jeden Monat per Mail schicken.",
        "Den Filter jeden Abend von Hand spülen: hinfällig.",
        "Vider le cache après chaque import : plus nécessaire, voir avec Léa pour la clé.",
        "The press is closed for a cracked joint; this note no longer holds, the key is with Ada.",
        "The press is closed for a cracked joint; this note no longer holds, it was repaired on 2026-05-03.",
    ],
)
def test_what_may_be_needed_waits(text: str) -> None:
    assert not unattended(text)


@pytest.mark.parametrize(
    "text",
    [
        "The v1 API: obsolete since 4.2.",
        "`legacy_mode`: obsolete since v2, use `mode`.",
        "Feed the hens twice before noon: obsolete if it rains.",
        "Feed the hens twice before noon: obsolete once the feeder is in.",
        "Feed the hens twice before noon: no longer needed, use the feeder.",
        "Gift cards of the museum shop: void after 90 days.",
        "The row has one of these states: open, closed, obsolete.",
        "The value of the old flag is: invalid.",
        "The banner at the gate says: no longer valid since May.",
        "Status of the key for gate B: no longer valid keys go to Ada.",
        "Ada asked about the rule: whether it is no longer valid since May.",
    ],
)
def test_news_and_conditions_are_not_asked_about(text: str) -> None:
    assert not found(text)


def test_a_whole_note_that_ends_with_it_goes() -> None:
    said = (
        "The press is closed for a cracked joint; this note no longer holds, it was repaired on 2026-05-03.\n"
    )
    assert found_in(said)[0].unattended
    (one,) = found_in("The press is closed; this note no longer holds, the key is with Ada.\n")
    assert not one.unattended


def test_a_log_keeps_what_it_took_back() -> None:
    line = "Turn the key of the north gate twice; no longer true, the lock was replaced in May."
    assert not found_in(f"# A day\n\n- {line}\n- The sky is blue.\n", "2026-05-05.md", Role.DAILY)


def test_what_is_taken_back_is_what_stands_before() -> None:
    said = "Wipe the lens of camera 2 before each shoot"
    assert retracted_text([f"{said}: no longer needed since the housing was sealed."]) == said


@pytest.mark.parametrize(
    "text", ["", ":", "obsolete", ": obsolete", "(obsolete", "a " * 10_000, "obsolete, " * 2_000]
)
def test_any_text_is_read(text: str) -> None:
    assert turning_point(text) is None
