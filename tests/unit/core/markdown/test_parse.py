from datetime import date

import pytest

from kairos.core.markdown.parse import day_of, parse, segments
from kairos.model import Dated, Entry, EntryKind, Note, Role, Source

MTIME_NS = 1_700_000_000_000_000_000  # 2023-11-14


def source(text: str, path: str = "note.md", role: Role = Role.NOTE) -> Source:
    return Source(path, text.encode(), "", MTIME_NS, 0o644, role)


def note(text: str, path: str = "note.md", role: Role = Role.NOTE) -> Note:
    return parse(source(text, path, role))


def entries(text: str) -> tuple[Entry, ...]:
    return note(f"# Top\n\n{text}").entries


def only(text: str) -> Entry:
    (entry,) = entries(text)
    return entry


class TestBullets:
    def test_each_top_level_item_is_one_entry_with_its_children_as_parts(self) -> None:
        first, second = entries("- The kiln\n  - heats at 60 °C/h\n  - cools overnight\n- The wheel\n")
        assert [part.text for part in first.parts] == ["The kiln", "heats at 60 °C/h", "cools overnight"]
        assert first.raw == "- The kiln\n  - heats at 60 °C/h\n  - cools overnight"
        assert second.text == "The wheel"
        assert {first.kind, second.kind} == {EntryKind.BULLET}

    def test_text_after_the_children_is_a_part_too(self) -> None:
        entry = only(
            "- The kiln\n  - heats slowly\n\n  Never above 1,240 °C.\n\n  - cools overnight\n\n  End.\n"
        )
        assert [part.text for part in entry.parts] == [
            "The kiln",
            "heats slowly",
            "Never above 1,240 °C.",
            "cools overnight",
            "End.",
        ]

    def test_marks_of_grandchildren_are_not_text(self) -> None:
        assert only("- a\n  - b\n    - [ ] c\n").parts[1].text == "b\nc"

    def test_code_right_below_an_item_is_part_of_it(self) -> None:
        entry = only("- Build with\n  - the cache\n\n```sh\nmake -j2\n```\n")
        assert entry.text == "Build with\nthe cache\nmake -j2"

    @pytest.mark.parametrize(
        ("text", "done"),
        [("- [ ] post it", False), ("- [x] post it", True), ("1. [X] post it", True), ("- a", None)],
    )
    def test_a_checkbox_says_whether_a_task_is_done(self, text: str, done: bool | None) -> None:
        assert only(text).done is done

    @pytest.mark.parametrize(
        ("text", "struck"),
        [("- ~~all of it~~", True), ("- ~~some~~ of it", False), ("- ~~a~~ b ~~c~~", False)],
    )
    def test_an_entry_is_struck_only_as_a_whole(self, text: str, struck: bool) -> None:
        assert only(text).struck is struck

    def test_deleting_an_entry_leaves_a_clean_list(self) -> None:
        page = source("# Top\n\n- one\n- two\n\nEnd.\n")
        second = parse(page).entries[1]
        assert page.data[: second.span.start] + page.data[second.span.end :] == b"# Top\n\n- one\n\nEnd.\n"

    def test_empty_items_are_no_entries(self) -> None:
        assert [entry.text for entry in entries("- \n- a b\n-\n")] == ["a b"]


class TestParagraphsAndTables:
    def test_a_paragraph_with_a_colon_leads_the_list_below_it(self) -> None:
        ports, end = entries("**Ports:**\n\n- web 8080\n\nEnd.\n")
        assert (ports.text, ports.lead) == ("web 8080", "Ports:")
        assert (end.text, end.lead) == ("End.", "")

    def test_a_paragraph_with_a_colon_keeps_its_code(self) -> None:
        build, item = entries("Build：\n\n```sh\nmake\n```\n\n```sh\ndef f():\n```\n\n- an item\n")
        assert (build.kind, build.text) == (EntryKind.PARAGRAPH, "Build：\nmake\ndef f():")
        assert item.lead == ""

    def test_table_rows_have_the_header_of_their_table_as_lead(self) -> None:
        row, item = entries("Wiring:\n\n| Pin | GPIO |\n|---|---|\n| SDA | `21` |\n\n- an item\n")
        assert (row.kind, row.text, row.lead) == (EntryKind.TABLE_ROW, "SDA | 21", "Wiring: Pin | GPIO")
        assert row.raw == "| SDA | `21` |"
        assert item.lead == ""

    def test_a_row_does_not_take_the_code_below_the_table(self) -> None:
        row, code = entries("| a |\n|---|\n| b |\n\n```\nmake it\n```\n")
        assert (row.text, code.text) == ("b", "make it")

    def test_headings_comments_rules_and_definitions_are_no_entries(self) -> None:
        text = "## Sub\n\n<!-- kept\n- as it is -->\n\n***\n\n[ref]: https://example.org\n\nSaid.\n"
        entry = only(text)
        assert (entry.text, entry.headings, entry.line) == ("Said.", ("Top", "Sub"), 12)

    def test_a_section_ends_at_the_next_heading_of_its_level(self) -> None:
        headings = [entry.headings for entry in entries("## A\n\n### B\n\nx.\n\n## C\n\ny.\n")]
        assert headings == [("Top", "A", "B"), ("Top", "C")]

    def test_a_quote_is_a_paragraph(self) -> None:
        entry = only("> said\n> twice\n")
        assert (entry.kind, entry.text) == (EntryKind.PARAGRAPH, "said\ntwice")


HEAD = "---\nname: tap-water\ndescription: d\ntype: project\n---\n"


class TestFacts:
    def test_a_labelled_body_is_one_entry(self) -> None:
        parsed = note(f"{HEAD}\nThe tap runs.\n\n**Why:** it is old.\n\n**How to apply:** close it.\n")
        assert parsed.is_fact
        entry = parsed.entries[0]
        assert [(part.label, part.core) for part in entry.parts] == [
            ("", True),
            ("why", False),
            ("how to apply", False),
        ]
        assert entry.text == "The tap runs."

    def test_labels_may_begin_on_the_next_line(self) -> None:
        entry = note(f"{HEAD}\nThe tap runs.\n**Why:** it is old.\n__为什么__： 老了\n").entries[0]
        assert [part.label for part in entry.parts] == ["", "why", "为什么"]

    def test_a_label_that_gives_no_reason_is_core(self) -> None:
        entry = note(f"{HEAD}\nThe tap runs.\n\n**Flow:** 3 l/min\n").entries[0]
        assert [(part.label, part.core) for part in entry.parts] == [("", True), ("flow", True)]

    def test_a_single_paragraph_is_a_fact_without_front_matter(self) -> None:
        assert note("The tap runs.\n").is_fact

    @pytest.mark.parametrize(
        "body", ["# A\n\nb.\n", "a.\n\nb.\n", "- a\n", "a.\n\n- b\n", "a.\n\n" + "**Why:** b.\n\n" * 6]
    )
    def test_longer_bodies_are_no_facts(self, body: str) -> None:
        assert not any(entry.kind is EntryKind.FACT for entry in note(HEAD + body).entries)

    def test_only_notes_can_be_facts(self) -> None:
        assert note("Said.\n", "MEMORY.md", Role.INDEX).entries[0].kind is EntryKind.PARAGRAPH


class TestNotes:
    def test_fields_come_from_front_matter(self) -> None:
        parsed = note(
            "---\nname: n\ndescription: d\nmetadata: \n  type: user\n  originSessionId: s1\n---\nx\n"
        )
        assert (parsed.title, parsed.description, parsed.type, parsed.session) == ("n", "d", "user", "s1")
        assert parsed.protected

    def test_titles_fall_back_to_heading_and_stem(self) -> None:
        assert note("# The **kiln**\n").title == "The kiln"
        assert note("text\n", "a/kiln.md").title == "kiln"

    @pytest.mark.parametrize(
        ("text", "path", "protected"),
        [
            ("---\nname: n\npinned: true\n---\n", "n.md", True),
            ("---\nname: n\npinned: no\n---\n", "n.md", False),
            ("x\n", "team/n.md", True),
            ("x\n", "teams/n.md", False),
        ],
    )
    def test_pinned_and_team_notes_are_protected(self, text: str, path: str, protected: bool) -> None:
        assert note(text, path).protected is protected

    @pytest.mark.parametrize(
        ("text", "path", "dated"),
        [
            (
                "---\nmodified: 2026-07-29T13:16:34.420Z\n---\n",
                "2026-01-01.md",
                Dated(date(2026, 7, 29), "front matter"),
            ),
            ("# 2026-02-02\n", "2026-01-01-x.md", Dated(date(2026, 1, 1), "file name")),
            ("# 2026-02-02\n", "2026_01_01.md", Dated(date(2026, 1, 1), "file name")),
            ("# On 2026-02-02\n", "n.md", Dated(date(2026, 2, 2), "text")),
            ("x\n", "n.md", Dated(date(2023, 11, 14), "mtime")),
        ],
    )
    def test_a_note_is_dated_by_front_matter_file_name_text_or_mtime(
        self, text: str, path: str, dated: Dated
    ) -> None:
        assert note(text, path).dated == dated

    def test_an_entry_is_dated_by_the_nearest_date(self) -> None:
        own, above, far = note(
            "- since 2026-05-05\n\n## 2026-04-04\n\n- b\n\n# C\n\n- d\n", "2026-01-01.md"
        ).entries
        assert (own.dated, above.dated) == (
            Dated(date(2026, 5, 5), "text"),
            Dated(date(2026, 4, 4), "text"),
        )
        assert far.dated == Dated(date(2026, 1, 1), "file name")

    def test_the_expiry_is_read_from_front_matter(self) -> None:
        assert note("---\nname: n\nvalid_until: '2026-12-31'\n---\nx\n").expires == date(2026, 12, 31)


class TestBytes:
    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    @pytest.mark.parametrize("bom", ["", "\ufeff"])
    def test_any_line_breaks_and_a_byte_order_mark_are_read(self, end: str, bom: str) -> None:
        text = bom + f"{HEAD}# A\n\n- ä one\n  - two\n\n| a |\n|---|\n| b |\n\nlast, no break".replace(
            "\n", end
        )
        page = source(text)
        parsed = parse(page)
        assert [entry.text for entry in parsed.entries] == ["ä one\ntwo", "b", "last, no break"]
        assert [entry.line for entry in parsed.entries] == [8, 13, 15]
        assert b"".join(segments(page, parsed)) == page.data
        assert parsed.entries[0].id == f"note.md:{len(text[: text.index('- ä')].encode())}"

    def test_the_digest_ignores_marker_case_and_blanks(self) -> None:
        digests = {only(text).digest for text in ("- The  Kiln\n", "* the kiln\n", "1. THE\n   kiln\n")}
        assert len(digests) == 1
        assert only("- the kilns\n").digest not in digests

    def test_conflict_markers_are_text(self) -> None:
        assert "<<<<<<< HEAD" in entries("<<<<<<< HEAD\na\n")[0].text

    @pytest.mark.timeout(60)
    @pytest.mark.parametrize(
        "piece", ["`", "**a ", "__a ", "~~a ", "<!--", "![](", "[a](<", "[[", "> ", "a. ", "- b\n", "*a "]
    )
    def test_hostile_text_takes_linear_time(self, piece: str) -> None:
        page = source("x " + piece * (200_000 // len(piece)))
        assert b"".join(segments(page, parse(page))) == page.data

    def test_deep_nesting_is_survived(self) -> None:
        deep = "".join("  " * level + "- x\n" for level in range(600)) + ">" * 5000 + " y\n"
        page = source(deep)
        assert b"".join(segments(page, parse(page))) == page.data


@pytest.mark.parametrize(
    ("mtime_ns", "day"),
    [
        (0, date(1970, 1, 1)),
        (-1, date(1969, 12, 31)),
        (86_400 * 10**9 - 1, date(1970, 1, 1)),
        (1_700_000_000_999_999_999, date(2023, 11, 14)),
        (2**63 - 1, date(2262, 4, 11)),
        (10**30, date(1970, 1, 1)),  # beyond any date
    ],
)
def test_an_mtime_belongs_to_a_day_in_utc(mtime_ns: int, day: date) -> None:
    assert day_of(mtime_ns) == day
