"""Headings above two equal lines: either the line is filed under two topics, or it holds for two different things."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from kairos.core.planning.guard import GuardCache, guarded, guarded_pairs, twins_wait
from kairos.core.root.reading import Reading
from kairos.core.root.trust import Trust
from kairos.model import Action, JudgedPair, Judgement, Relation

Read = Callable[[Mapping[str, str]], Reading]
DB = "The database runs with the user app and listens on port 5432."
JUDGEMENT = Judgement(Relation.SAME, Action.MERGE, 1.0, ())


def outcome(reading: Reading) -> Action:
    """Return the action to which the merge of the two entries that end with DB is lowered by their position."""
    a, b = (entry for entry in reading.entries.values() if entry.raw.endswith(DB))
    pair = JudgedPair(a.id, b.id, JUDGEMENT)
    return guarded(pair, reading, frozenset()).judgement.action


def bullets(heading: str) -> str:
    return f"{heading}\n\n- {DB}\n- {heading.strip('# ')}.\n"


@pytest.mark.parametrize(
    "files",
    [
        {"prod.md": bullets("# Production"), "staging.md": bullets("# Staging")},
        {"prod.md": bullets("# Production"), "hosts.md": bullets("# Hosts and what runs there")},
        {"berlin.md": bullets("# Berlin"), "kiel.md": bullets("# Kiel")},
        {"a.md": "# Sites\n\n" + bullets("## Berlin") + "\n" + bullets("## Kiel")},
        {"a.md": f"# Sites\n\nIn Berlin:\n\n- {DB}\n\nIn Kiel:\n\n- {DB}\n"},
        {"MEMORY.md": "# Memory\n\n" + bullets("## Falcon") + "\n" + bullets("## Sparrow")},
        {
            "MEMORY.md": "# Memory\n\n"
            + bullets("## Shop").replace(DB, f"Store: {DB}")
            + "\n"
            + bullets("## Money and paperwork").replace(DB, f"Store: {DB}"),
            "b.md": "- The shop opens at nine.\n- Kiln.\n",
        },
        {"eu/db.md": bullets("# Database"), "us/db.md": bullets("# Database")},
        {"a.md": bullets("# Rack 12"), "b.md": bullets("# Rack 14")},
        {"a.md": bullets("# Mara's machines"), "b.md": bullets("# Notes") + "- Ask Mara about it.\n"},
        {"datenbank.md": bullets("# Zürich"), "b.md": bullets("# Genf")},
        {"a.md": bullets("# 北京"), "b.md": bullets("# 上海")},
        {"a.md": bullets("# 서울"), "b.md": bullets("# 부산")},
        {"a.md": bullets("# 生产环境"), "b.md": bullets("# 测试环境")},
        {"a.md": bullets("# Sicherung"), "b.md": bullets("# Wartung")},
        {
            "a.md": bullets("# Berlin"),
            "b.md": bullets("# Kiel") + "- Der Berliner Rechner steht im Keller.\n",
        },
        {"prod.md": f"---\nname: prod-db\n---\n\n{DB}\n", "b.md": f"---\nname: dev-db\n---\n\n{DB}\n"},
        {
            "memory/2026-03-01.md": f"# Cycles\n\n{bullets('**1. Router** done')}\n{bullets('**2. Store** done')}"
        },
    ],
)
def test_equal_lines_that_may_hold_for_two_things_wait(read: Read, files: Mapping[str, str]) -> None:
    assert outcome(read(files)) is Action.ASK


@pytest.mark.parametrize(
    "files",
    [
        {"a.md": bullets("# Database"), "b.md": bullets("# Hosts") + "- Two more hosts are on order.\n"},
        {"MEMORY.md": "# Memory\n\n" + bullets("## Notes") + "\n" + bullets("## Misc")},
        {"a.md": bullets("# Notes"), "b.md": bullets("# General")},
        {"a.md": bullets("# Backup"), "b.md": bullets("# Backup details")},
        {
            "MEMORY.md": "# Memory\n\n" + bullets("## Shop") + "\n" + bullets("## Money and paperwork"),
            "b.md": "- The shop opens at nine.\n- Kiln.\n",
        },
        {"memory/2026-03-01.md": bullets("# 2026-03-01 (Sunday)"), "MEMORY.md": bullets("# Memory")},
        {"a.md": bullets("# 2026-03-01"), "b.md": bullets("# 2026-04-01")},
        {"a.md": bullets("# Sicherung"), "b.md": bullets("# Wartung") + "- Die Datensicherung ist neu.\n"},
        {"a.md": bullets("# 笔记"), "b.md": bullets("# 其他")},
        {"db.md": f"---\nname: db-port\n---\n\n{DB}\n", "b.md": f"---\nname: where-it-runs\n---\n\n{DB}\n"},
    ],
)
def test_equal_lines_that_are_filed_twice_merge(read: Read, files: Mapping[str, str]) -> None:
    assert outcome(read(files)) is Action.MERGE


def section(heading: str) -> str:
    """Return a note in which only its heading uses the words of the heading."""
    return f"# {heading}\n\n- {DB}\n- Kiln.\n"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Build quirks", "Unit and snapshot"),
        ("Vet and drugs", "Department"),
        ("Backend, as seen today", "Storage and session"),
        ("Odd things (and pitfalls)", "Toolchain"),
        ("Règles et usages", "Bureau"),
    ],
)
def test_a_word_in_lower_case_within_a_heading_is_no_name(read: Read, one: str, other: str) -> None:
    words = "- The build, the vet, odd things and the backend: règles.\n"
    for a, b in ((one, other), (other, one)):
        reading = read({"a.md": section(a), "b.md": section(b), "c.md": f"{words}- Pots.\n"})
        assert outcome(reading) is Action.MERGE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Host mimas", "Box titan"),  # machines in lower case
        ("Backups of mimas", "Rules for titan"),
        ("Sicherung auf mimas", "Regeln für titan"),
        ("Setup nginx", "Setup apache"),  # a heading of one form
        ("Old nginx quirks", "New apache quirks"),
        ("Client acme", "Customer globex"),
        ("Kid mia", "Child tom"),
        ("Mia and school", "Tom and work"),  # children
        ("Acme quirks", "Rules for Globex"),  # clients
        ("Falcon quirks", "Sparrow quirks"),  # projects
        ("Berlin and surroundings", "Kiel and surroundings"),  # cities
        ("Release 2.1 quirks", "Pitfalls in 3.0"),  # versions
        ("Staging quirks", "Pitfalls in production"),  # environments
        ("Quirks on staging", "Pitfalls"),
        ("Windows quirks", "Pitfalls on linux"),
        ("mimas quirks", "titan pitfalls"),  # no sentence case
        ("Box keller-ci", "Board esp-dut"),  # identifiers
        ("Box `mimas`", "Board `titan`"),
    ],
)
def test_headings_that_may_name_two_things_wait(read: Read, one: str, other: str) -> None:
    for a, b in ((one, other), (other, one)):
        assert outcome(read({"a.md": section(a), "b.md": section(b)})) is Action.ASK


@pytest.mark.parametrize(
    ("ours", "theirs", "action"),
    [
        (
            "Velero copies the volumes at two.",
            "At two o'clock the volumes are copied by Velero.",
            Action.MERGE,
        ),
        ("Copies go to `s3://vol-ams`.", "The bucket for copies is `s3://vol-ams`.", Action.MERGE),
        ("Volumes are copied at two.", "At two o'clock the volumes are copied.", Action.ASK),
        ("Velero copies the volumes at two.", "Velero copies the volumes at two.", Action.ASK),
    ],
)
def test_a_name_above_one_of_two_texts_does_not_matter_if_both_name_a_thing(
    read: Read, ours: str, theirs: str, action: Action
) -> None:
    # The others of the root show that Mara, Fauna and Velero are names.
    others = "- Ask Mara about Fauna, and Ines about Velero.\n- Kiln.\n"
    reading = read(
        {"a.md": f"# Mara's work\n\n- {ours}\n- Pots.\n", "b.md": f"# Notes\n\n- {theirs}\n{others}"}
    )
    a, b = (next(e for e in reading.notes[path].entries) for path in ("a.md", "b.md"))
    pair = JudgedPair(a.id, b.id, Judgement(Relation.SAME, Action.MERGE, 0.95, ()))
    assert guarded(pair, reading, frozenset()).judgement.action is action


EMPTIED = "The kiln is emptied and swept each Tuesday at ten."
RETOLD = "Emptying and cleaning of the kiln takes place at ten every Tuesday."


@pytest.mark.parametrize(
    ("one", "other", "theirs", "action"),
    [
        ("Timetable", "Duties", RETOLD, Action.MERGE),
        (
            "Timetable",
            "Duties",
            "Each Tuesday the kiln is emptied and swept at ten.",
            Action.ASK,
        ),  # put alike
        ("Timetable", "Duties", f"{EMPTIED} Whoever does it signs the sheet beside the door.", Action.ASK),
        ("Timetable", "Duties", "Ten is when the pots come out.", Action.ASK),  # hardly a word in common
        ("Mara", "Fauna", RETOLD, Action.ASK),  # known names
        ("Host mimas", "Box titan", RETOLD, Action.ASK),
        ("Host Mimas", "Box Titan", RETOLD, Action.ASK),  # words where names stand
        ("At Kiel", "Near Berlin", RETOLD, Action.ASK),
        ("Dr. Osei", "Prof. Lund", RETOLD, Action.ASK),
        ("Rack R12", "Shelf S4", RETOLD, Action.ASK),
        ("BMW", "SEAT", RETOLD, Action.ASK),
        ("北京", "上海", RETOLD, Action.ASK),
    ],
)
@pytest.mark.parametrize("confidence", [0.95, 1.0])
def test_headings_name_topics_if_one_fact_was_told_twice(  # noqa: PLR0917 - one case each
    read: Read, one: str, other: str, theirs: str, action: Action, confidence: float
) -> None:
    for first, second in ((one, other), (other, one)):
        reading = read(
            {
                "a.md": f"# {first}\n\n- {EMPTIED}\n- Pots.\n",
                "b.md": f"# {second}\n\n- {theirs}\n- Lids.\n",
                "c.md": "- Ask Mara about Fauna.\n- Shelf.\n",
            }
        )
        a, b = (reading.notes[path].entries[0] for path in ("a.md", "b.md"))
        pair = JudgedPair(a.id, b.id, Judgement(Relation.SAME, Action.MERGE, confidence, ()))
        assert guarded(pair, reading, frozenset()).judgement.action is action


@pytest.mark.parametrize(
    ("heading", "action"), [("Food and health", Action.MERGE), ("Food and Health", Action.ASK)]
)
def test_a_name_in_lower_case_within_a_heading_is_a_topic_there(
    read: Read, heading: str, action: Action
) -> None:
    notes = f"# Notes\n\n- {DB}\n- Ask the Board of Health, and what food there is.\n"
    assert outcome(read({"a.md": section(heading), "b.md": notes})) is action


@pytest.mark.parametrize(("kind", "action"), [("user", Action.MERGE), ("project", Action.ASK)])
def test_a_note_about_the_user_applies_to_all_that_is_done(read: Read, kind: str, action: Action) -> None:
    ours, theirs = "Wants tests before the code.", "Tests are written first, the code comes after them."
    reading = read(
        {
            "a.md": f"---\nname: ines-habits\ndescription: How Ines works\ntype: {kind}\n---\n\n{ours}\n",
            "b.md": f"---\nname: order\ndescription: The order of work\ntype: feedback\n---\n\n{theirs}\n",
            "c.md": "# Notes\n\n- Ask Ines about it.\n- Kiln.\n",
        }
    )
    a, b = (next(e for e in reading.entries.values() if text in e.raw) for text in (ours, theirs))
    pair = JudgedPair(a.id, b.id, Judgement(Relation.SAME, Action.MERGE, 0.95, ()))
    assert guarded(pair, reading, frozenset()).judgement.action is action


@pytest.mark.parametrize(
    ("about", "action"),
    [
        (("How Acme pays", "Terms of Globex"), Action.ASK),
        (("how acme pays", "terms of globex"), Action.MERGE),
    ],
)
def test_the_description_of_a_one_fact_note_shows_its_name(
    read: Read, about: tuple[str, str], action: Action
) -> None:
    notes = zip(("Acme", "Globex"), about, strict=True)
    reading = read(
        {f"{name}.md": f"---\nname: {name}\ndescription: {text}\n---\n\n{DB}\n" for name, text in notes}
    )
    assert outcome(reading) is action


def test_two_sections_of_one_note_wait_whatever_their_headings(read: Read) -> None:
    sections = "\n".join(f"#{section(heading)}" for heading in ("Build quirks", "Unit and snapshot"))
    assert outcome(read({"a.md": f"# Notes\n\n{sections}"})) is Action.ASK


@pytest.mark.parametrize(
    ("line", "action"),
    [
        ("Restarted the pump of the greenhouse because of a leak.", Action.ASK),
        ("The pump of the greenhouse is restarted by a timer.", Action.MERGE),
    ],
)
def test_what_happened_on_two_days_happened_twice(read: Read, line: str, action: Action) -> None:
    reading = read(
        {f"memory/2026-03-0{day}.md": f"# 2026-03-0{day}\n\n- {line}\n- Rain.\n" for day in (1, 2)}
    )
    a, b = (entry for entry in reading.entries.values() if line in entry.raw)
    assert guarded(JudgedPair(a.id, b.id, JUDGEMENT), reading, frozenset()).judgement.action is action


def test_production_is_no_environment_where_nothing_is_deployed(read: Read) -> None:
    line = "Each recipe is cooked by two testers before it is edited."
    files = {
        "a.md": f"# Production\n\n- {line}\n- Paper is bought in May.\n",
        "b.md": f"# Rules\n\n- {line}\n",
    }

    def acted(reading: Reading) -> Action:
        a, b = (entry for entry in reading.entries.values() if entry.raw.endswith(line))
        pair = JudgedPair(a.id, b.id, JUDGEMENT)
        return guarded(pair, reading, frozenset()).judgement.action

    assert acted(read(files)) is Action.MERGE
    assert acted(read({**files, "c.md": "- Files are on the server in the cellar.\n"})) is Action.MERGE
    assert acted(read({**files, "c.md": "- Ines deploys the site to the server.\n"})) is Action.ASK


def test_twins_named_after_two_environments_wait(read: Read) -> None:
    reading = read({"db-prod.md": f"{DB}\n", "db-staging.md": f"{DB}\n", "db-copy.md": f"{DB}\n"})
    assert twins_wait("db-prod.md", "db-staging.md", reading, Trust())
    assert not twins_wait("db-prod.md", "db-copy.md", reading, Trust())


def test_a_judgement_is_lowered_again_once_the_root_uses_a_name_as_a_word(read: Read) -> None:
    files = {"berlin.md": bullets("# Berlin"), "kiel.md": bullets("# Kiel")}
    known: GuardCache = {}
    for more, expected in ((None, Action.ASK), ("# More\n\n- the berlin and kiel of it\n", Action.MERGE)):
        reading = read({**files, **({"more.md": more} if more else {})})
        a, b = (entry for entry in reading.entries.values() if entry.raw.endswith(DB))
        pair = JudgedPair(a.id, b.id, JUDGEMENT)
        (found,) = guarded_pairs([pair], reading, frozenset(), Trust(), known)
        assert found == guarded(pair, reading, frozenset())
        assert found.judgement.action is expected
