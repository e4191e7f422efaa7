import hashlib
from datetime import date

import pytest

from kairos.core.dates.today import Today
from kairos.core.markdown.parse import parse
from kairos.core.staleness.stale import goes_stale, is_stock_heading, stale
from kairos.model import Finding, Role, Source

TODAY = date(2026, 11, 20)


def source(text: str, path: str = "note.md", role: Role = Role.NOTE) -> Source:
    data = text.encode()
    return Source(path, data, hashlib.sha256(data).hexdigest(), 0, 0o644, role)


def findings(
    text: str, role: Role = Role.NOTE, existing: tuple[str, ...] = (), path: str = "note.md"
) -> tuple[Finding, ...]:
    return stale(parse(source(text, path, role)), today=Today(TODAY), exists=existing.__contains__)


def unattended(text: str) -> bool:
    """Whether one of two bullets is pruned unattended; the other is a lasting fact."""
    found = findings(f"# Notes\n\n- {text}\n- The sky over the lab is blue.\n")
    return any(one.unattended for one in found)


@pytest.mark.parametrize(
    "text",
    [
        "Until 2026-09-30 keep `beta` at 5 %, don't raise it before the review.",
        "Temporary: parcels go to number 9 until 30 September 2026",
        "Winter freeze: no deploys of `cart` until 2026-01-07.",
        "The old host is only reachable until 2026-08-01.",
        "Tank 3 is in the cellar until 2026-10-21. Leave the valve closed until then.",
        "Vorübergehend: Zugang über Port 8022, gilt bis 30.09.2026",
        "Bis 2026-09-30 bleibt der alte Drucker im Flur.",
        "Temporaire : livraisons chez le voisin jusqu'au 30 septembre 2026",
        "Temporal: usar la puerta lateral hasta el 30 de septiembre de 2026",
        "Temporário: usar a porta lateral até 30 de setembro de 2026",
        "Provvisorio: usare il portone fino al 30 settembre 2026",
        "Временно: доступ через резервный сервер до 30 сентября 2026",
        "临时：使用备用服务器，直到2026年9月30日",
        "臨時:2026年9月30日まで裏口を使う",
    ],
)
def test_entries_whose_end_has_passed_are_pruned(text: str) -> None:
    assert unattended(text)


@pytest.mark.parametrize(
    "text",
    [
        "The contract runs until 2027-03-31, ask Ada before then.",
        "The contract with the power company runs until 2026-03-31.",
        "Until 2026-06-01 we used A, since then B.",
        'Ben wrote "keep the flag until 2026-06-01" in the ticket.',
        "Freeze postponed from 2026-09-30 until 2026-10-30.",
        "Not before 2026-06-01: the switch to port 9000.",
        "Since 2026-06-01 the gate is closed.",
        "Temporary: use port 8022 until 2026-09-30. The admin is Ada.",
        "Node 18 is supported until 2025-04-30.",
        "The TLS certificate is valid until 2026-08-01.",
        "Remove the compat shim, delete after 2026-06-01.",
        "The flag compat_mode stays on: remove after the 3.2 release on 2026-09-15.",
        "Der Bericht ist bis 2026-06-01 abzugeben, nicht vergessen.",
        "The report must be handed in until 2026-06-01.",
        "The new rig is not available until 2026-06-01.",
        "Closed session: talks 2026-06-10 through 2026-06-17.",
        "Bis 2026-06-01 wurde A benutzt, seitdem B.",
        "[ ] Temporary: parcels go to number 9 until 2026-09-30",
        "Temporary: parcels go to number 9 until 5 November",
        "Temporary: parcels go to number 9 until 2026-11-20",
    ],
)
def test_entries_whose_date_is_no_end_stay(text: str) -> None:
    assert not unattended(text)


@pytest.mark.parametrize(
    "text",
    [
        "[x] Order 50 labels by 2026-09-25 (done at Printo)",
        "Label the new images (due 2026-08-15, finished 2026-08-11)",
        "Reminder: library card has to be renewed before 2026-10-15",
        "Steuererklärung fällig am 31.07.2026 (erledigt)",
        "`run_v1.py` made the first run; the script was deleted in 0a1b2c3",
        "`sim.sh` simulated the pump (script deleted on 2026-10-12)",
        "`alt.sh` machte die ersten Messungen; das Skript wurde am 2026-05-01 gelöscht",
        "~~Use the blue cable~~",
    ],
)
def test_finished_entries_are_pruned(text: str) -> None:
    assert unattended(text)


@pytest.mark.parametrize(
    "text",
    [
        "[ ] Order 50 labels by 2026-09-25",
        "[x] Move to the new gateway (2026-05-12)",
        "Report by 2026-09-25 is not done",
        "Completed the move to the new rack before 2026-05-01",
        "Invoices due 2026-05-01 are paid from the grant",
        "Order 50 labels by 2026-12-25 (done at Printo)",
        "Deleted the flag, keep the metric",
        "The old name was deleted on 2026-05-01, use `pump` now",
        "`sim.sh` simulated the pump; the script was deleted on 2026-10-12, use `pump.sh`",
        "`pump.sh` runs the pump; the file was deleted on 2026-10-12 by mistake",
        "Ada said that ~~blue~~ is wrong",
    ],
)
def test_unfinished_entries_stay(text: str) -> None:
    assert not unattended(text)


@pytest.mark.parametrize(
    "text",
    [
        "[x] Decide on the database: Postgres 16 (due 2026-03-01)",
        "[x] Choose the cloud → Hetzner, due 2026-03-01",
        "[x] Pick the meeting room by 2026-03-01 — B 12",
        "[x] Datenbank auswählen: Postgres (fällig am 01.03.2026)",
        "[x] Rotate the key by 2026-05-01 (new one in vault/api)",
        "[x] Rotate the key (new one in vault/api) by 2026-05-01",
        "[x] Rotate the key by 2026-05-01 (done: new one in vault/api)",
        "[x] Rotate the key by 2026-05-01, new one in vault/api",
        "[x] Schlüssel tauschen bis zum 01.05.2026 (der neue liegt im Tresor)",
        "[x] 换密钥（新的在保险柜里）截止2026年5月1日",
        "Reminder: door code for the fair: 4711, before 2026-10-15",
        "Freeze until 2026-05-01, unless the audit is late.",
        "Bis 2026-05-01 bleibt der Drucker im Flur, außer der Umzug verspätet sich.",
        "Temporaire : entrée par la cour jusqu'au 1er mai 2026, sauf si les travaux durent.",
        "Temporal: usar la puerta lateral hasta el 1 de mayo de 2026, salvo retraso.",
        "Temporal: usar la puerta lateral hasta el 1 de mayo de 2026, a menos que se retrase.",
        "Временно: доступ через резервный сервер до 1 мая 2026, если не продлят",
        "临时：使用备用服务器，直到2026年5月1日，除非审计未完成",
        "臨時:2026年5月1日まで裏口を使う、工事が遅れない限り",
    ],
)
def test_entries_that_may_say_more_or_last_longer_are_only_proposed(text: str) -> None:
    found = findings(f"# Notes\n\n- {text}\n- The sky over the lab is blue.\n")
    assert found
    assert not any(one.unattended for one in found)


@pytest.mark.parametrize(
    "text",
    [
        "[x] Order 50 labels — due 2026-09-25",
        "[x] Order 50 labels (deadline: 2026-09-25)",
        "[x] Order 50 labels by 2026-09-25 — done",
        "Done: order 50 labels by 2026-09-25",
        "[x] Order 50 labels by 2026-09-25 (2026-09-20)",
        "[x] Order 50 labels by 2026-09-25 (was ordered at Printo)",
        "[x] Order 50 labels by 2026-09-25, done 2026-09-20",
    ],
)
def test_punctuation_before_the_date_adds_no_content(text: str) -> None:
    assert unattended(text)


def test_an_expired_note_is_pruned_as_a_whole() -> None:
    text = "---\nname: guest\nexpires: 2026-06-30\n---\n\nGuest login for the portal.\n"
    (found,) = findings(text)
    assert found.entry_id is None
    assert found.unattended
    assert not findings(text.replace("2026-06-30", "2026-11-20"))


def test_protected_notes_wait_for_a_person() -> None:
    text = "---\nname: guest\ntype: user\nexpires: 2026-06-30\n---\n\nGuest login for the portal.\n"
    (found,) = findings(text)
    assert not found.unattended


@pytest.mark.parametrize("role", [Role.READ_ONLY, Role.MANAGED, Role.SUBINDEX])
def test_files_that_are_not_ours_are_not_judged(role: Role) -> None:
    assert findings("---\nname: a\nexpires: 2026-06-30\n---\n\nText.\n", role) == ()


def test_a_superseded_note_needs_an_existing_successor() -> None:
    text = "---\nname: old\nsuperseded_by: new.md\n---\n\nUse A.\n"
    assert findings(text) == ()
    (found,) = findings(text, existing=("new.md",))
    assert found.unattended
    assert "new.md" in found.reason


def test_a_finished_list_is_pruned_as_a_whole() -> None:
    text = "To do before 12 May 2026:\n\n- [x] load test\n- [x] translate mails\n\nAll done on 2026-05-11.\n"
    (found,) = findings(text)
    assert found.entry_id is None
    assert found.unattended
    for told in (": the pool of 20 was too small", " (the pool of 20 was too small)"):
        explained = text.replace("load test", f"load test{told}")
        assert not any(one.unattended for one in findings(explained))
    assert findings(text.replace("load test", "load test (done on 2026-05-10)"))[0].unattended
    assert not any(one.unattended for one in findings(text.replace("[x] load", "[ ] load")))


def test_notes_without_content_are_pruned() -> None:
    assert findings("")[0].unattended
    assert not findings("---\nname: pump\ndescription: the pump is blue\n---\n")[0].unattended
    assert not findings("---\ntype: project\nhost: eu-3\n---\n")[0].unattended
    assert findings("---\ntype: project\ncreated: 2026-05-01\n---\n")[0].unattended
    assert findings("", Role.INDEX) == ()
    assert findings("# Plan\n\nTODO\n", path="plan.md")[0].unattended
    assert findings("---\ntype: project\n---\n# The plan\n", path="project_the_plan.md")[0].unattended


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("# Never push to main on a Friday\n", "rules.md"),
        ("# Never push to main on a Friday\n", "never-push-to-main-on-a-friday.md"),
        ("# Root password of eu-3 is in the blue safe\n", "safe.md"),
        ("# Never push to main\n\nTODO\n", "rules.md"),
        ("# Never push to main\n\n## Why\n\n## How to apply\n", "rules.md"),
        ("# Plan\n\nTODO\n\n<details>The backup host is eu-3</details>\n", "plan.md"),
        ("# Plan\n\n- <https://wiki.example/runbook/42>\n", "plan.md"),
        ("# Plan\n\n<mara@example.com>\n", "plan.md"),
    ],
)
def test_headings_that_may_be_the_whole_message_wait(text: str, path: str) -> None:
    assert not any(one.unattended for one in findings(text, path=path))


def test_bare_headings_are_pruned_only_as_a_template() -> None:
    template = "# The pump\n\n## Why\n\n## How to apply\n"
    assert findings(template, path="the-pump.md")[0].unattended
    assert not findings(f"---\ndescription: it is blue\n---\n\n{template}", path="the-pump.md")[0].unattended
    assert not findings("# The pump\n\n## Never run it dry\n", path="the-pump.md")[0].unattended
    assert findings(f"{template}\n---\n", path="the-pump.md") == ()
    assert findings("# Index\n\n## Why\n", Role.INDEX) == ()


def test_a_chore_after_some_event_is_proposed() -> None:
    (found,) = findings("- B stays.\n- Keep compat_mode: remove after the 3.2 release on 2026-09-15.\n")
    assert not found.unattended
    assert findings("- B stays.\n- Remove the shim after the 3.2 release on 2026-12-15.\n") == ()


def test_records_keep_what_they_record() -> None:
    assert findings("# Changelog\n\n- Temporary: port 8022 until 2026-09-30\n- B\n") == ()


def test_evidence_quotes_the_clause() -> None:
    (found,) = findings("- Temporary: port 8022 until 2026-09-30\n- B stays.\n")
    assert '"Temporary: port 8022 until 2026-09-30"' in found.evidence[0].text
    assert "2026-09-30" in found.reason


def test_a_day_with_one_heading_has_only_just_begun() -> None:
    assert findings("# 2026-11-19\n", Role.DAILY, path="2026-11-19.md") == ()
    (found,) = findings("# 2026-11-19\n\n## Done\n", Role.DAILY, path="2026-11-19.md")
    assert not found.unattended


def test_an_empty_note_is_described_as_it_is() -> None:
    assert [one.reason for one in findings("# Notes\n")] == ["it has a heading but no text"]
    assert [one.reason for one in findings("# Notes\n\n## Later\n")] == ["it has headings but no text"]


def test_only_what_an_entry_is_about_can_be_gone() -> None:
    text = "`sync.sh` copied the dumps every night. The script `{}` was removed on 2026-05-01."
    assert unattended(text.format("sync.sh"))
    assert not findings(f"# Notes\n\n- {text.format('other.sh')}\n- The sky is blue.\n")


@pytest.mark.parametrize(
    ("text", "will_be"),
    [
        ("The sky is blue.", False),
        ("~~The sky is green.~~", True),
        ("Use the side door until 2099-03-01.", True),
    ],
)
def test_an_entry_is_known_to_go_stale_some_day(text: str, will_be: bool) -> None:
    (entry,) = parse(source(f"- {text}\n")).entries
    assert goes_stale(entry) is will_be


def test_a_finished_task_is_found_above_another_sentence() -> None:
    (found,) = findings(
        "# Notes\n\n- Report due by 2026-03-01 (done). Kofi has the slides.\n- The sky is blue.\n"
    )
    assert "2026-03-01, has passed" in found.reason
    assert found.evidence[0].text.count("Report") == 1
    assert not found.unattended


def test_headings_of_templates_are_known() -> None:
    assert is_stock_heading("Why")
    assert not is_stock_heading("Pump 3")
