from __future__ import annotations

from pathlib import Path

import pytest

from kairos.config import parse_config
from kairos_service import places as module
from kairos_service.looks import Looks
from kairos_service.places import Survey


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for name in ("-a/memory", "-b", ".hidden/memory"):
        (tmp_path / "[home]" / ".claude" / "projects" / name).mkdir(parents=True)
    (tmp_path / "[home]" / ".claude" / "projects" / "file").write_text("")
    (tmp_path / "[home]" / ".claude" / "projects" / "loop").symlink_to("loop")
    return tmp_path / "[home]"


def places(home: Path, *patterns: str, known: tuple[str, ...] = ()) -> dict[str, set[str]]:
    survey = Survey(home, Looks())
    survey.look(patterns)
    found = survey.places(patterns, [home / name for name in known])
    return {str(place.relative_to(home.parent)): set(names) for place, names in found.items()}


def test_each_level_of_a_pattern_is_a_place(home: Path) -> None:
    assert places(home, "~/.claude/projects/*/memory") == {
        "[home]/.claude/projects": {"*"},
        "[home]/.claude/projects/-a": {"memory"},
        "[home]/.claude/projects/-b": {"memory"},
        "[home]/.claude/projects/.hidden": {"memory"},
    }


def test_a_path_is_waited_for_in_the_deepest_directory_that_exists(home: Path) -> None:
    assert places(home, "~/.claude/projects/-a/memory") == {"[home]/.claude/projects/-a": {"memory"}}
    assert places(home, "~/.claude/projects/-c/memory") == {"[home]/.claude/projects": {"-c"}}
    assert places(home, "~/notes/*/deep") == {"[home]": {"notes"}}
    assert places(home, "~/.claude/projects/file/x") == {"[home]/.claude/projects": {"file"}}


def test_a_home_that_is_missing_is_waited_for(tmp_path: Path) -> None:
    survey = Survey(tmp_path / "x[1]" / "y", Looks())
    survey.look(["~/a/b"])
    assert survey.places(["~/a/b"]) == {tmp_path: frozenset({"x[[]1]"})}


def test_the_home_itself_can_be_a_root(home: Path) -> None:
    assert places(home, "~") == {".": {"[[]home]"}}


def test_several_patterns_share_a_place(home: Path) -> None:
    assert places(home, "~/.claude/projects/-a/*", "~/.claude/projects/-a/memory") == {
        "[home]/.claude/projects/-a": {"*", "memory"}
    }


def test_at_any_depth_only_the_parents_of_known_roots_are_places(home: Path) -> None:
    assert places(home, "~/.claude/**/memory", known=(".claude/projects/-a/memory", ".claude/memory")) == {
        "[home]/.claude": {"*"},
        "[home]/.claude/projects/-a": {"memory"},
    }


def test_the_number_of_places_is_limited(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PLACES", 2)
    assert len(places(home, "~/.claude/projects/*/memory")) == 2


@pytest.mark.parametrize(
    "pattern",
    "~/.claude/projects/*/memory ~/**/memory ~/** ~/.claude/* ~/.claude/**/-a/[m]* ~/*/projects/-? "
    "~/.claude/projects/* ~/.claude/projects/loop/* ~/none/* ~/.claude/./projects/../*/-a/ /*/..".split(),
)
def test_a_survey_finds_what_glob_finds(home: Path, pattern: str) -> None:
    (home / "link").symlink_to(".claude")
    survey = Survey(home, Looks())
    survey.look([pattern])
    named = parse_config(f"roots: [{pattern!r}]", "test").all_roots(home)
    assert survey.matches(pattern) == tuple(root.path for root in named)
