"""What is perhaps stale waits for a person, who is told what is missing for it to be certain."""

import hashlib
from datetime import date

import pytest

from kairos.core.dates.today import Today
from kairos.core.markdown.parse import parse
from kairos.core.staleness.stale import stale
from kairos.core.staleness.superseded import with_final_successors
from kairos.model import Note, Role, Source

TODAY = Today(date(2026, 11, 20))
JUNE = 1_780_272_000 * 10**9
DAY = 86_400 * 10**9


def note(text: str, path: str = "note.md", role: Role = Role.NOTE, mtime_ns: int = JUNE) -> Note:
    data = text.encode()
    return parse(Source(path, data, hashlib.sha256(data).hexdigest(), mtime_ns, 0o644, role))


def why(text: str, path: str = "note.md", role: Role = Role.NOTE) -> str:
    (found,) = stale(note(text, path, role), today=TODAY, exists={"new.md"}.__contains__)
    assert found.unattended is (not found.waits)
    return found.waits


@pytest.mark.parametrize(
    ("line", "doubt"),
    [
        ("The old host is only reachable until 2026-08-01.", ""),
        ("The old host is only reachable until 2026-08-01, and its owner is Kofi.", "it says more than that"),
        ("The lab is closed until 2026-08-01. Its owner is Kofi.", "it says more than that"),
        ("Remove the shim after 2026-07-01.", "it asks for something that may still have to be done"),
        ("The lab is closed until Q2 2025.", "it names no exact day"),
        ("The heater is on every night until 2026-08-01.", "what recurs may come again (every night)"),
        ("Kofi says that the lab is closed until 2026-08-01.", "what somebody said stays said (says)"),
        ("The lab is not open to guests until 2026-08-01.", "something may have begun on that day"),
        (
            "Bis 2026-06-30 nutzen wir den alten Server.",
            "it does not say plainly that something lasted until then",
        ),
        ("The licence is valid until 2026-08-01.", "that it ended may be worth knowing (licence)"),
        ("The lab is closed until 2026-08-01 unless it rains.", "it may have lasted longer (unless)"),
        ("Temporary: the lab was closed until 2026-08-01.", "it says more than that"),
        ("- [x] Order the badge by 2026-05-01", ""),
        ("- [x] Renew the domain by 2026-05-01: it costs 12 EUR now", "it says more than that"),
        ("Superseded by new.md: the limit is 60.", "it says more than that"),
        ("~~The queue is called blue.~~", ""),
    ],
)
def test_a_line_that_waits_says_what_is_missing(line: str, doubt: str) -> None:
    text = f"# Notes\n\n- {line.removeprefix('- ')}\n- The sky over the lab is blue.\n"
    assert why(text) == (f"not certain: {doubt}" if doubt else "")


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("Superseded by new.md\n\nDeploys go by ftp.\n", ""),
        ("> Superseded by new.md\n\nDeploys go by ftp.\n", "it says so in a quotation"),
        (
            "- Superseded by new.md\n- Deploys go by ftp.\n",
            "a line of a list says so, perhaps about the next line",
        ),
        ("# Superseded by new.md\n\nDeploys go by ftp.\n", "only its title or description says so"),
        ("Superseded by new.md: deploys go by ssh.\n\nDeploys go by ftp.\n", "it says more than that"),
        ("", ""),
        ("---\nhost: eu-3\n---\n", "its front matter may say something"),
        ("# The pump\n\n## Never run it dry\n", 'its heading may say something ("Never run it dry")'),
        ("# The pump\n\nTODO\n", 'its heading may say something ("The pump")'),
        ("# Plan for 2026-05-05\n\n- [x] flyers\n- [x] cake\n", "no line says that everything is done"),
        (
            "# Plan for 2026-05-05\n\n- [x] flyers: the blue ones\n- [x] cake\n\nAll done.\n",
            "an item says more than what was to do",
        ),
        (
            "| A | B |\n|---|---|\n| closed until 2026-08-01 | y |\n| z | z |\n",
            "a row of a table may be needed there",
        ),
    ],
)
def test_a_note_that_waits_says_what_is_missing(text: str, doubt: str) -> None:
    assert why(text) == (f"not certain: {doubt}" if doubt else "")


def test_an_empty_log_of_a_day_waits() -> None:
    assert why("# A\n\n# B\n", "2026-05-05.md", Role.DAILY).startswith(
        "not certain: its heading may say something"
    )
    assert why("TODO\n", "2026-05-05.md", Role.DAILY) == "not certain: it is a log of one day"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("[x] Order the badge by 2026-05-01", "it is done, and its date, 2026-05-01, has passed"),
        ("Pay Ada by 2026-05-01 (done)", "it is done, and its date, 2026-05-01, has passed"),
        ("Reminder: pay Ada by 2026-05-01", "it was a reminder, and its date, 2026-05-01, has passed"),
    ],
)
def test_what_is_done_is_told_from_a_reminder(line: str, reason: str) -> None:
    (found,) = stale(note(f"- {line}\n- The sky is blue.\n"), today=TODAY, exists=lambda _path: False)
    assert found.reason == reason


@pytest.mark.parametrize(
    ("path", "field", "reason"),
    [
        ("a.md", "type: user", "notes of type user are removed only by you"),
        ("a.md", "pinned: true", "a pinned note is removed only by you"),
        ("team/a.md", "type: project", "a team's notes are removed only by you"),
    ],
)
def test_a_protected_note_says_by_what(path: str, field: str, reason: str) -> None:
    assert why(f"---\n{field}\nexpires: 2026-01-31\n---\n\nAda is on leave.\n", path) == reason


def chain(*notes: Note) -> dict[str, str]:
    by_path = {one.path: one for one in notes}
    found = [one for each in notes for one in stale(each, today=TODAY, exists=by_path.__contains__)]
    return {one.path: one.waits for one in with_final_successors(found, by_path)}


def test_an_older_successor_is_named() -> None:
    old, new = note("Superseded by b.md\n", "a.md"), note("B.\n", "b.md", mtime_ns=JUNE - DAY)
    assert chain(old, new) == {"a.md": "not certain: b.md is the older of the two"}


def test_a_circle_of_successors_is_said_to_be_one() -> None:
    found = chain(note("Superseded by b.md\n", "a.md"), note("Superseded by a.md\n", "b.md"))
    assert set(found.values()) == {"not certain: the notes that supersede it lead back to it"}
