"""A line that says something beyond its date is not pruned unattended."""

import hashlib
from datetime import date

import pytest

from kairos.core.dates.today import Today
from kairos.core.markdown.parse import parse
from kairos.core.staleness.beyond import adds
from kairos.core.staleness.stale import stale
from kairos.model import Role, Source


def unattended(text: str) -> bool:
    data = f"# Notes\n\n- {text}\n- The sky over the lab is blue.\n".encode()
    source = Source("note.md", data, hashlib.sha256(data).hexdigest(), 0, 0o644, Role.NOTE)
    found = stale(parse(source), today=Today(date(2026, 11, 20)), exists=lambda _: False)
    return any(one.unattended for one in found)


@pytest.mark.parametrize(
    "text",
    [
        "Use code 51 for the gate until 2026-03-01, code 52 after it.",
        "Use the old kiln until 2026-03-01, the new one is being used by the school.",
        "Use the back stairs until 2026-03-01, the code is being changed to 4712.",
        "Take no orders until 2026-03-01, its owner is being paid in advance.",
        "Imogen is on leave until 2026-03-01, Kofi leads the team.",
        "Use v1 until 2026-03-01 but v2 for new clients.",
        "Until 2026-03-01 the API is frozen and the owner is Kofi.",
        "Zara is at camp until 2026-03-01 and back in school on the 2nd.",
        "The pool is closed until 2026-03-01 (the sauna stays open).",
        "The server is down for maintenance until 2026-03-01 every night from 2 to 3.",
        "The shop is frozen until 2026-03-01 each year.",
        "Jedes Jahr ist das Tor bis 01.03.2026 geschlossen.",
        "Kofi thinks the office is closed until 2026-03-01.",
        "The wiki says the flag is off until 2026-03-01.",
        "The pool is not closed until 2026-03-01.",
        "The gate isn't locked until 2026-03-01.",
        "Imogen, our only electrician, is on leave until 2026-03-01.",
        "Imogen (head of the workshop) is on leave until 2026-03-01.",
        "Head of the workshop is Imogen, on leave until 2026-03-01.",
        "The kiln has a cracked lid and stays off until 2026-03-01.",
        "The kiln, which draws 32 A, is off until 2026-03-01.",
        "The kiln stays off until 2026-03-01 because glaze 7 eats the lid.",
        "Because glaze 7 eats the lid, the kiln stays off until 2026-03-01.",
        "Der Ofen bleibt bis 01.03.2026 aus, weil Glasur 7 den Deckel angreift.",
        "Use firmware 2.1 until 2026-03-01, 2.2 bricks rev B boards.",
        "[x] Agree with Kofi by 2026-03-01 on 40 € an hour",
        "Report due by 2026-03-01 (done by Kofi; Imogen has to check it).",
        "Report due by 2026-03-01 (done, but rejected).",
        "[x] Ask Kofi about the API by 2026-03-01 (he prefers REST)",
        "[x] Renew the passport by 2026-03-01, new number is C01X",
        "Reminder: rent is due by 2026-03-01 each year.",
        "Reminder: by 2026-03-01 tell Imogen that the code is 51.",
        "Erinnerung: Miete bis 01.03.2026 zahlen, danach jeden Monat.",
        "[x] Send the offer by 2026-03-01 (sent, but they refused)",
        "Deposit due by 2026-03-01 (paid 512 €).",
        "Grant due by 2026-03-01 (submitted, number 4711).",
        "Report due by 2026-03-01 (done), slides due by 2026-03-02.",
        "Report due by 2026-03-01, slides due by 2026-03-02 (done).",
    ],
)
def test_lines_that_outlast_their_date_wait(text: str) -> None:
    assert not unattended(text)


@pytest.mark.parametrize(
    "text",
    [
        "Use code 51 for the gate until 2026-03-01.",
        'Use "guest" for the gate until 2026-03-01.',
        "The pool is closed until 2026-03-01, use the lake.",
        "Pools 1, 2 and 4 are closed until 2026-03-01.",
        "Temporarily, the gate is open until 2026-03-01.",
        "The pool stays closed until 2026-03-01, 18:00.",
        "[x] Book the room by 2026-03-01 18:00",
        "The road is closed until 2026-03-01 (storm damage).",
        "Do not touch the billing table until 2026-03-01.",
        "Deposit due by 2026-03-01 (paid on 2026-02-27).",
        "Reminder: pay the tax by 2026-03-01.",
        "[x] Book the room by 2026-03-01",
        "Labels due by 2026-03-01 (ordered at Printo).",
        "Report due by 2026-03-01 (done), slides due by 2026-03-02 (done).",
    ],
)
def test_lines_that_end_with_their_date_are_pruned(text: str) -> None:
    assert unattended(text)


def test_a_date_adds_nothing_to_a_finished_task() -> None:
    assert not adds(" on 27 February 2026).")
    assert adds(" on 27 February 2026, invoice 4711).")
