"""A text goes that says of itself, with a reason, that it no longer holds; news of something else stays."""

import pytest

from kairos.model import Role
from tests.unit.core.staleness.judged import found, found_in, unattended


@pytest.mark.parametrize(
    "text",
    [
        "No longer needed since the fence was mended: check the north gate every evening.",
        "No longer valid, the boiler was replaced in June: press the red button twice before heating.",
        "This point is void because the printer was sold: refill the tray with A5 paper on Mondays.",
        "This rule no longer applies since the merger: two signatures are needed for each invoice.",
        "(No longer needed since version 3.2: clear the cache after each import.)",
        "Open the side gate with the brass key. (Obsolete, the gate was bricked up in May.)",
        "Restart the indexer after each import. (No longer needed since 4.1.)",
        "Gilt nicht mehr, seit die Heizung neu ist: das Ventil muss jeden Abend zu sein.",
        "Hinfällig, seit der Aufzug läuft: Pakete werden über den Hof geliefert.",
        "Dieser Hinweis ist überholt, da der Server weg ist: die Logs liegen auf nas2.",
        "Consigne caduque depuis le déménagement : fermer le volet de la réserve à midi.",
        "N'est plus nécessaire depuis la version 5 : vider le cache après chaque import.",
        "Cette règle n'a plus cours depuis juin : deux signatures sont exigées par facture.",
        "Ya no vale desde que cambiaron la cerradura: la llave está debajo de la maceta.",
        "Já não se aplica desde a mudança: as encomendas são entregues na portaria.",
        "Больше не действует с мая: заявки подписывают двое сотрудников.",
        "已作废，因为服务器已下线：每周一需要手动清空缓存目录。",
        "不再需要，自从升级到 5.0：导入之后要手动重启索引服务。",
        "Check the north gate every evening. No longer needed since the fence was mended.",
        "Close the valve after each shift. This no longer applies since the new pump.",
        "Entfällt, seit der Zaun steht: das Nordtor wird jeden Abend geprüft.",
        "Ya no hace falta, porque hay bomba nueva: cerrar la válvula después de cada turno.",
        "Não é mais necessário desde maio: fechar a válvula depois de cada turno.",
        "Больше не нужно, так как насос новый: закрывать клапан после каждой смены.",
        "Obsolete, no longer true: `/v1/lockers` answers with the full list; v1 was shut down on 1 July 2026.",
        "Veraltet: Absturz bei Schlagzeugen mit `--no-drums` umgehen; seit 2.3.2 behoben, Trick nicht mehr nötig.",
        "No longer valid: patched fork of zlib in `vendor`; the fork was deleted when upstream took the patch.",
        "Obsolete: entering by gate B with the red key: the gate was demolished in May.",
        "Nicht mehr gültig: Anmeldung über das alte Formular auf der Startseite; das Formular wurde im Mai gelöscht.",
        "Ya no vale: entrar por la puerta B con la llave roja; la puerta fue eliminada en mayo.",
        "Já não vale: entrar pela porta B com a chave vermelha; a porta foi removida em maio.",
        "Устарело: заходить через ворота Б с красным ключом; ворота снесены в мае.",
        "已失效：每周一手动清空缓存目录；服务器已下线。",
    ],
)
def test_what_is_over_goes(text: str) -> None:
    assert unattended(text)


@pytest.mark.parametrize(
    "text",
    [
        "No longer needed: the VPN for staging.",
        'The rule "no deploys on Fridays" no longer applies since we have canaries.',
        "Obsolete, no longer true: `/v1/lockers` answers with the full list.",
        "The old booking form is switched off and this note about it no longer applies.",
        "Das alte Formular ist abgeschaltet und dieser Hinweis dazu gilt nicht mehr.",
        "Obsolete: Node 16; it was removed in May.",
        "Obsolete: run the nightly copy to nas2; nas2 was removed, its disks are in the safe.",
        "Obsolete: run the nightly copy to nas2; nas2 was removed and the room is 12 m² large.",
        "Obsolete: run the nightly copy to nas2; nas2 was sold to Kofi.",
        "Obsolete: run the nightly copy to nas2; nas2 was never removed.",
        "Obsolete: run the nightly copy to nas2; nas2 will be removed in 2027.",
        "Obsolete: run the nightly copy to nas2; nas2 is closed to guests.",
        "Obsolete: don't mount /data by hand; the mount is fixed in fstab.",
        "Obsolete: entering by gate B with the red key; the new gate was closed in May.",
        "Obsolete: entering by gate B with the red key; ask Ada whether it was fixed.",
        "Obsolete: clear the cache by hand before the import; the cache was deleted on each start.",
        "已作废：每周一手动清空缓存目录；需要先删除旧文件。",
    ],
)
def test_what_may_be_needed_is_asked_about(text: str) -> None:
    assert found(text)
    assert not unattended(text)


@pytest.mark.parametrize(
    "text",
    [
        "Use the flag --fast on host b2 (obsolete since May).",
        "Close the valve. It is out of date.",
        "Restart the indexer. The v1 API no longer applies since May.",
        "The page is outdated since the redesign: the header is still blue.",
        "The document is no longer valid since March: the DMS has the new one.",
        "It is no longer needed since v3: the cache handles it.",
        "This is outdated since the move: parcels are left at the lodge.",
        "Nos bureaux sont à Lyon depuis le déménagement, la règle n'est plus valable.",
    ],
)
def test_what_says_more_does_not_go(text: str) -> None:
    assert not unattended(text)


@pytest.mark.parametrize(
    "text",
    [
        "The v1 API is no longer supported: use v2.",
        "The v1 API is obsolete.",
        "The v1 API is obsolete, use v2.",
        "Obsolete: use v2 instead.",
        "Obsolete tests are deleted at each release.",
        "Obsolete since May.",
        "No longer valid.",
        "Kofi no longer works here.",
        "We no longer use Jenkins: builds run on Buildkite.",
        "Docker is no longer needed: podman does it.",
        'The banner says "No longer valid since May: press the button".',
        '"No longer valid since May: press the button" is on the sign.',
        "If this note is obsolete, delete it.",
        "When a rule no longer applies, strike it out.",
        "Entries that are no longer needed: move them to the archive.",
        "Mark as obsolete: all endpoints under /v1.",
        "This note is obsolete since May: the pilot was dropped.",
        "Passwords are void after 90 days: change them in time.",
        "Void where the seal is broken: no refund.",
        "Not needed any more in tests: fixtures.",
        "No longer needed: remove `old.sh` after the merge.",
        "Diese Regel gilt nicht mehr bald.",
        "Ya no se usa Jenkins: todo va por Buildkite.",
        "Nothing is void here: read on.",
        "Es entfällt keine Gebühr: zahlen ist trotzdem nötig.",
        "It is obsolete code that breaks the build: search src/old first.",
        "That is no longer true of v2: v2 caches.",
        "This is no longer needed for Safari: use the polyfill only in Firefox.",
        "Obsolete packages in the lock file: lodash, moment; both were removed in May.",
        "The wiki says that this note about it no longer applies.",
        "If the lift is fixed, the rule about keys is void and this note about it no longer applies.",
    ],
)
def test_what_stays_is_not_asked_about(text: str) -> None:
    assert not found(text)


def test_a_note_that_says_so_of_itself_goes_as_a_whole() -> None:
    said = "This note no longer applies: the trial of the heat pump was given up in June.\n"
    (one,) = found_in(f"{said}The pump is rented at 40 € a month.\n")
    assert one.unattended
    assert found_in("This note is obsolete.\n\nThe pump is rented.\n")[0].waits.endswith(
        "it does not say why"
    )
    (last,) = found_in("The trial failed in May; this note no longer applies.\n")
    assert last.unattended


def test_a_note_of_several_entries_that_says_so_is_asked_about_as_a_whole() -> None:
    text = "This note no longer applies since the trial was given up.\n\n- The pump is rented.\n- It hums.\n"
    (one,) = found_in(text)
    assert one.entry_id is None
    assert one.waits == "not certain: only its opening says so"


def test_a_line_about_its_note_is_not_taken_out_alone() -> None:
    text = "# Pump\n\n- It hums.\n- This note no longer applies since the trial was given up.\n"
    assert not found_in(text)


def test_the_words_alone_are_about_their_surroundings() -> None:
    assert not found_in("# Pump\n\nNo longer valid since May.\n\nThe pump hums.\n")
    assert not found_in(
        "# Pump\n\nThese rules no longer apply since May:\n\n- Open the valve.\n- Close it.\n"
    )


def test_a_record_of_days_keeps_what_it_took_back() -> None:
    line = "No longer needed since the fence was mended: check the north gate every evening."
    assert not found_in(f"# Log\n\n- {line}\n- The sky is blue.\n")
    assert not found_in(f"# Notes\n\n- {line}\n- The sky is blue.\n", "2026-05-05.md", Role.DAILY)


def test_a_note_that_opens_with_marks_alone_is_read() -> None:
    assert not found_in("`---\n\nThe pump hums.\n")
    assert not found_in("`---\n\n`\n")
