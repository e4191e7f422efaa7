import json
import os
from pathlib import Path

import pytest

from kairos.core.root.conflicts_note import conflicts_note
from kairos.errors import UsageError
from kairos.layouts import CONFLICTS_NOTE, LAYOUTS, FoundRoot, by_name, detect, find_roots
from kairos.model import Role

TYPED = "---\nname: n\nmetadata: \n  type: project\n---\nSaid.\n"


def write(path: Path, text: str = "Said.\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize("name", ["claude-code", "plain"])
@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("MEMORY.md", Role.INDEX),
        ("sub/MEMORY.md", Role.NOTE),
        ("MEMORY-project.md", Role.SUBINDEX),
        ("sub/MEMORY-project.md", Role.NOTE),
        ("kairos-conflicts.md", Role.MANAGED),
        ("CLAUDE.md", Role.READ_ONLY),
        ("sub/AGENTS.md", Role.READ_ONLY),
        ("2026-11-03-import.md", Role.DAILY),
        ("memory/2026-11-03.md", Role.DAILY),
        ("2026-11-031.md", Role.NOTE),
        ("note.md", Role.NOTE),
        ("note.txt", None),
        ("note.md.bak.1", None),
        ("note.bak.2.md", None),
        ("MEMORY.md.lock", None),
        (".consolidate-lock", None),
        ("memory/.dreams/x.md", None),
        ("dreaming/x.md", None),
        (".hidden.md", None),
    ],
)
def test_a_role_follows_from_the_path(name: str, path: str, role: Role | None) -> None:
    assert by_name(name).role_of(path) is role


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("MEMORY.md", Role.INDEX),
        ("kairos-conflicts.md", Role.MANAGED),
        ("MEMORY-notes.md", Role.READ_ONLY),
        ("AGENTS.md", Role.READ_ONLY),
        ("SOUL.md", Role.READ_ONLY),
        ("USER.md", Role.READ_ONLY),
        ("HEARTBEAT.md", Role.READ_ONLY),
        ("DREAMS.md", Role.READ_ONLY),
        ("2026-11-03.md", Role.READ_ONLY),
        ("memory/people.md", Role.NOTE),
        ("memory/projects/site.md", Role.NOTE),
        ("memory/MEMORY.md", Role.NOTE),
        ("memory/2026-11-03.md", Role.READ_ONLY),
        ("memory/2026-11-03-import.md", Role.READ_ONLY),
        ("memory/important/2026-11-03-move.md", Role.READ_ONLY),
        ("memory/dreaming/deep/2026-11-03.md", None),
        ("memory/.dreams/x.md", None),
        ("memory/people.txt", None),
        ("skills/mail/SKILL.md", None),
        ("projects/site/README.md", None),
        ("memory-old/people.md", None),
    ],
)
def test_in_a_workspace_only_memory_is_edited_and_no_daily_log(path: str, role: Role | None) -> None:
    assert by_name("openclaw").role_of(path) is role


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("MEMORY.md", Role.SECTIONS),
        ("USER.md", Role.SECTIONS),
        ("kairos-conflicts.md", Role.MANAGED),
        ("MEMORY.md.lock", None),
        ("MEMORY.md.bak.1795000000", None),
        ("MEMORY-notes.md", None),
        ("notes.md", None),
        ("AGENTS.md", None),
        ("2026-11-03.md", None),
        ("sub/MEMORY.md", None),
        (".mem_x1.tmp", None),
    ],
)
def test_hermes_reads_two_files_and_nothing_else(path: str, role: Role | None) -> None:
    assert by_name("hermes").role_of(path) is role


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("MEMORY.md", Role.READ_ONLY),
        ("memory_summary.md", Role.READ_ONLY),
        ("rollout_summaries/2026-11-03T10-00-00-x.md", Role.READ_ONLY),
        ("kairos-conflicts.md", Role.READ_ONLY),
        (".git/x.md", None),
        ("notes.txt", None),
    ],
)
def test_the_memory_of_codex_is_only_read(path: str, role: Role | None) -> None:
    assert by_name("codex").role_of(path) is role


class TestSections:
    HERMES = "A.\n§\nB.".encode()

    @pytest.mark.parametrize("name", sorted(LAYOUTS.keys() - {"hermes"}))
    def test_a_file_of_hermes_is_left_alone_elsewhere(self, name: str) -> None:
        reason, advice = by_name(name).problem_of("MEMORY.md", self.HERMES) or ("", "")
        assert (
            reason
            == f"Its entries are separated by lines of §, as Hermes writes them, and this layout is {name}."
        )
        assert "`layout: hermes`" in advice
        assert by_name(name).problem_of("notes.md", self.HERMES) == (reason, "Let Hermes maintain it.")
        assert by_name(name).problem_of("MEMORY.md", "A § B\n".encode()) is None

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "A.",
            "A.\n",
            "\n A.\n§\nB.\n\n",
            "A.\r\n§\r\nB.",
            "A.\n\n- x\n§\n```\ny\n```",
            "§\nA.\n§",
            "x" * 1375,
        ],
    )
    def test_what_hermes_would_edit_is_read(self, text: str) -> None:
        assert by_name("hermes").problem_of("USER.md", text.encode()) is None

    @pytest.mark.parametrize(
        "text", ["A. \n§\nB.", "A.\n§\n\nB.", "A.\n\n§\nB.", "A.\n§\n \n§\nB.", "A.\n§\n\u3000B."]
    )
    def test_what_hermes_would_refuse_to_edit_is_left_alone(self, text: str) -> None:
        reason, advice = by_name("hermes").problem_of("MEMORY.md", text.encode()) or ("", "")
        assert "Hermes itself refuses" in reason
        assert "one line of §" in advice

    def test_an_entry_beyond_the_limit_of_all_is_left_alone_as_hermes_does(self) -> None:
        layout = by_name("hermes")
        assert layout.problem_of("MEMORY.md", b"x" * 2200) is None
        reason, _ = layout.problem_of("MEMORY.md", b"x" * 2201) or ("", "")
        assert "2,200 characters" in reason
        assert layout.problem_of("USER.md", "ä".encode() * 1375) is None
        assert layout.problem_of("USER.md", b"x" * 1376) is not None


def test_only_claude_code_has_a_lock_of_its_own() -> None:
    locks = {name: layout.foreign_lock for name, layout in LAYOUTS.items()}
    others = dict.fromkeys(("openclaw", "hermes", "codex", "plain"))
    assert locks == {"claude-code": ".consolidate-lock", **others}


def test_an_unknown_layout_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="no layout 'x'"):
        by_name("x")


class TestDetection:
    @pytest.mark.parametrize("place", [".claude/projects/-a/memory", "p/.claude/agent-memory/reviewer"])
    def test_a_layout_is_detected_by_its_path(self, tmp_path: Path, place: str) -> None:
        assert detect(tmp_path / place).name == "claude-code"

    def test_a_layout_is_detected_by_front_matter(self, tmp_path: Path) -> None:
        write(tmp_path / "MEMORY.md")
        write(tmp_path / "a.md")
        assert detect(tmp_path).name == "plain"
        write(tmp_path / "b.md", TYPED)
        assert detect(tmp_path).name == "claude-code"

    def test_notes_that_kairos_wrote_are_ignored(self, tmp_path: Path) -> None:
        write(tmp_path / "MEMORY.md")
        write(tmp_path / "a.md")
        write(tmp_path / CONFLICTS_NOTE, conflicts_note(()).decode())
        assert detect(tmp_path).name == "plain"

    def test_a_word_in_the_body_is_no_front_matter(self, tmp_path: Path) -> None:
        write(tmp_path / "MEMORY.md")
        write(tmp_path / "a.md", "---\nname: n\n---\n\ntype: none\n")
        assert detect(tmp_path).name == "plain"

    @pytest.mark.parametrize(
        "place",
        [
            ".openclaw/workspace",
            ".openclaw/workspace-ops",
            ".openclaw-work/workspace",
            ".openclaw/agents/ops/workspace",
        ],
    )
    def test_a_workspace_is_detected_by_its_path(self, tmp_path: Path, place: str) -> None:
        assert detect(tmp_path / place).name == "openclaw"
        assert detect(tmp_path / place / "memory").name == "plain"

    def test_a_workspace_is_detected_by_what_it_is_set_up_with(self, tmp_path: Path) -> None:
        write(tmp_path / "AGENTS.md")
        assert detect(tmp_path).name == "plain"
        write(tmp_path / "SOUL.md")
        assert detect(tmp_path).name == "openclaw"

    @pytest.mark.parametrize("place", [".hermes/memories", ".hermes/profiles/work/memories"])
    def test_a_memory_of_hermes_is_detected_by_its_path(self, tmp_path: Path, place: str) -> None:
        assert detect(tmp_path / place).name == "hermes"
        assert detect(tmp_path / place / "sub").name == "plain"
        assert detect((tmp_path / place).parent).name == "plain"

    def test_a_memory_of_hermes_elsewhere_is_detected_by_its_name_and_form(self, tmp_path: Path) -> None:
        write(tmp_path / "data/memories/USER.md", "A.\n")
        assert detect(tmp_path / "data/memories").name == "plain"
        write(tmp_path / "data/memories/USER.md", "A.\n§\nB.")
        assert detect(tmp_path / "data/memories").name == "hermes"
        write(tmp_path / "data/notes/USER.md", "A.\n§\nB.")
        assert detect(tmp_path / "data/notes").name == "plain"
        os.mkfifo(write(tmp_path / "pipe/memories/x").parent / "MEMORY.md")
        assert detect(tmp_path / "pipe/memories").name == "plain"

    def test_the_memory_of_codex_is_detected_by_its_path_or_what_codex_keeps_in_it(
        self, tmp_path: Path
    ) -> None:
        assert detect(tmp_path / ".codex/memories").name == "codex"
        assert detect(tmp_path / ".codex").name == "plain"
        write(tmp_path / "raw_memories.md")
        assert detect(tmp_path).name == "plain"
        write(tmp_path / "rollout_summaries/x.md")
        assert detect(tmp_path).name == "codex"

    def test_without_an_index_the_layout_is_plain(self, tmp_path: Path) -> None:
        write(tmp_path / "b.md", TYPED)
        assert detect(tmp_path).name == "plain"

    def test_a_missing_directory_is_plain(self, tmp_path: Path) -> None:
        assert detect(tmp_path / "none").name == "plain"


class TestFinding:
    def test_roots_of_projects_and_agents_are_found(self, tmp_path: Path) -> None:
        memory = write(tmp_path / ".claude/projects/-w-shop/memory/MEMORY.md").parent
        agent = write(tmp_path / ".claude/agent-memory/reviewer/MEMORY.md").parent
        (tmp_path / ".claude/projects/-w-empty/memory").mkdir(parents=True)
        assert find_roots({}, tmp_path) == (FoundRoot(memory, "claude-code"), FoundRoot(agent, "claude-code"))

    def test_the_configured_base_comes_first(self, tmp_path: Path) -> None:
        write(tmp_path / ".claude/projects/-a/memory/MEMORY.md")
        memory = write(tmp_path / "elsewhere/projects/-b/memory/MEMORY.md").parent
        found = find_roots({"CLAUDE_CONFIG_DIR": str(tmp_path / "elsewhere")}, tmp_path)
        assert [root.path for root in found] == [memory]

    def test_the_project_is_read_from_its_newest_transcript(self, tmp_path: Path) -> None:
        project = tmp_path / ".claude/projects/-w-my-shop"
        write(project / "memory/MEMORY.md")
        old = write(project / "old.jsonl", json.dumps({"cwd": "/w/my/shop"}) + "\n")
        os.utime(old, (1, 1))
        lines = ["not json", "[]", '{"cwd": null}', "[" * 100_000, json.dumps({"cwd": "/w/my-shop"})]
        write(project / "new.jsonl", "\n".join(lines))
        os.mkfifo(project / "pipe.jsonl")
        assert [root.project for root in find_roots({}, tmp_path)] == ["/w/my-shop"]

    def test_workspaces_with_a_memory_are_found(self, tmp_path: Path) -> None:
        main = write(tmp_path / ".openclaw/workspace/MEMORY.md").parent
        ops = write(tmp_path / ".openclaw/workspace-ops/memory/2026-11-03.md").parent.parent
        work = write(tmp_path / ".openclaw-work/workspace/MEMORY.md").parent
        write(tmp_path / ".openclaw/workspace-new/AGENTS.md")
        assert find_roots({}, tmp_path) == tuple(FoundRoot(path, "openclaw") for path in (main, ops, work))

    def test_workspaces_of_agents_are_found_wherever_openclaw_makes_them(self, tmp_path: Path) -> None:
        ops = write(tmp_path / ".openclaw/agents/ops/workspace/MEMORY.md").parent
        write(tmp_path / ".openclaw/agents/ops/agent/MEMORY.md")
        mail = write(tmp_path / ".openclaw/workspace/mail/MEMORY.md").parent
        for name in ("AGENTS.md", "SOUL.md"):
            write(mail / name)
        write(tmp_path / ".openclaw/workspace/projects/MEMORY.md")
        assert find_roots({}, tmp_path) == tuple(FoundRoot(path, "openclaw") for path in (ops, mail))
        main = write(tmp_path / ".openclaw/workspace/MEMORY.md").parent  # no root may lie inside another
        assert find_roots({}, tmp_path) == tuple(FoundRoot(path, "openclaw") for path in (main, ops))

    def test_the_environment_says_where_workspaces_are(self, tmp_path: Path) -> None:
        write(tmp_path / ".openclaw/workspace/MEMORY.md")
        named = write(tmp_path / "named/MEMORY.md").parent
        state = write(tmp_path / "state/workspace/MEMORY.md").parent
        env = {"OPENCLAW_WORKSPACE_DIR": str(named), "OPENCLAW_STATE_DIR": str(tmp_path / "state")}
        assert [root.path for root in find_roots(env, tmp_path)] == [named, state]

    def test_a_path_in_the_environment_may_begin_at_home_but_not_in_the_working_directory(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        named = write(tmp_path / "named/MEMORY.md").parent
        state = write(tmp_path / "state/workspace/MEMORY.md").parent
        env = {"OPENCLAW_WORKSPACE_DIR": "~/named", "OPENCLAW_STATE_DIR": "~/state"}
        assert [root.path for root in find_roots(env, tmp_path)] == [named, state]
        assert find_roots({"OPENCLAW_WORKSPACE_DIR": "named", "OPENCLAW_STATE_DIR": "state"}, tmp_path) == ()

    def test_the_memories_of_hermes_and_its_profiles_are_found(self, tmp_path: Path) -> None:
        main = write(tmp_path / ".hermes/memories/MEMORY.md").parent
        work = write(tmp_path / ".hermes/profiles/work/memories/USER.md").parent
        write(tmp_path / ".hermes/profiles/.deleted/memories/USER.md")
        write(tmp_path / ".hermes/profiles/new/memories/MEMORY.md.lock")
        assert find_roots({}, tmp_path) == (FoundRoot(main, "hermes"), FoundRoot(work, "hermes"))

    @pytest.mark.parametrize("named", ["opt", "opt/profiles/work"])
    def test_the_environment_says_where_hermes_is(self, tmp_path: Path, named: str) -> None:
        write(tmp_path / ".hermes/memories/MEMORY.md")
        main = write(tmp_path / "opt/memories/MEMORY.md").parent
        work = write(tmp_path / "opt/profiles/work/memories/MEMORY.md").parent
        found = find_roots({"HERMES_HOME": str(tmp_path / named)}, tmp_path)
        assert {root.path for root in found} == {main, work}
        assert len(found) == 2

    def test_a_relative_home_of_hermes_is_not_looked_for(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        write(tmp_path / "opt/memories/MEMORY.md")
        assert find_roots({"HERMES_HOME": "opt"}, tmp_path) == ()

    def test_what_is_only_read_is_not_found(self, tmp_path: Path) -> None:
        write(tmp_path / ".codex/memories/MEMORY.md")
        assert find_roots({}, tmp_path) == ()

    def test_nothing_is_found_in_an_empty_home(self, tmp_path: Path) -> None:
        assert find_roots({}, tmp_path) == ()
