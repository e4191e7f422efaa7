from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kairos.config import parse_config
from kairos_service.roster import FORGET_AFTER, OFF, KnownRoot, Roster

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
NOBODY = 65534
PATTERN = "~/.claude/projects/*/memory"


@dataclass(frozen=True)
class RosterChange:
    """What became of the roots from one look to the next."""

    appeared: tuple[KnownRoot, ...] = ()
    gone: tuple[KnownRoot, ...] = ()
    replaced: tuple[KnownRoot, ...] = ()


def look(roster: Roster, now: datetime) -> RosterChange:
    before = {root.path: root for root in roster.roots}
    roster.look(now)
    after = {root.path: root for root in roster.roots}
    were_fine = {path for path, root in before.items() if root.problem is None}
    are_fine = {path for path, root in after.items() if root.problem is None}
    return RosterChange(
        appeared=tuple(root for path, root in after.items() if path in are_fine - were_fine),
        gone=tuple(root for path, root in after.items() if path in were_fine - are_fine),
        replaced=tuple(
            root
            for path, root in after.items()
            if path in are_fine & were_fine and before[path].identity != root.identity
        ),
    )


class RosterScene:
    """A home with a roster over it, and a clock that goes on by a minute at each look."""

    def __init__(self, home: Path, *roots: str) -> None:
        self.home = home
        listed = "".join(f"\n  - {root!r}" for root in roots)
        self.roster = Roster(parse_config(f"roots:{listed}", "test"), home)
        self.now = NOW

    def make(self, name: str) -> Path:
        path = self.home / ".claude" / "projects" / name / "memory"
        path.mkdir(parents=True)
        return path

    def look(self) -> RosterChange:
        self.now += timedelta(minutes=1)
        return look(self.roster, self.now)

    def problem(self, path: Path) -> str | None:
        return next(root for root in self.roster.roots if root.path == path).problem


@pytest.fixture
def make_scene(home: Path) -> Callable[..., RosterScene]:
    return lambda *roots: RosterScene(home, *roots)


def paths(roots: Iterable[KnownRoot]) -> list[Path]:
    return [root.path for root in roots]


def test_the_first_look_finds_what_is_there(make_scene: Callable[..., RosterScene]) -> None:
    scene = make_scene(PATTERN)
    root = scene.make("-a")
    change = scene.look()
    assert change == RosterChange(appeared=scene.roster.roots)
    (known,) = scene.roster.roots
    status = root.stat()
    assert (known.path, known.layout, known.problem) == (root, "claude-code", None)
    assert known.identity == (status.st_dev, status.st_ino)
    assert scene.look() == RosterChange()


def test_new_matches_of_a_pattern_appear(make_scene: Callable[..., RosterScene]) -> None:
    scene = make_scene(PATTERN)
    scene.look()
    root = scene.make("-new")
    assert paths(scene.look().appeared) == [root]


def test_a_root_that_vanishes_is_gone_and_can_come_back(make_scene: Callable[..., RosterScene]) -> None:
    scene = make_scene(PATTERN)
    root = scene.make("-a")
    scene.look()
    root.rename(root.parent / "aside")
    assert paths(scene.look().gone) == [root]
    scene.look()
    (known,) = scene.roster.roots
    assert known.problem == "It no longer exists."
    assert known.since == NOW + timedelta(minutes=2)
    (root.parent / "aside").rename(root)
    assert paths(scene.look().appeared) == [root]
    assert scene.problem(root) is None


def test_what_is_gone_for_a_week_is_spoken_of_no_longer(make_scene: Callable[..., RosterScene]) -> None:
    scene = make_scene(PATTERN)
    root = scene.make("-a")
    scene.look()
    shutil.rmtree(root)
    scene.look()
    scene.now += FORGET_AFTER - timedelta(hours=1)
    scene.look()
    assert paths(scene.roster.roots) == [root]
    scene.now += timedelta(hours=2)
    assert scene.look() == RosterChange()
    assert scene.roster.roots == ()


def test_a_configured_path_that_is_missing_is_never_forgotten(make_scene: Callable[..., RosterScene]) -> None:
    scene = make_scene("~/notes")
    assert scene.look() == RosterChange()
    assert scene.problem(scene.home / "notes") == "It does not exist."
    scene.now += 2 * FORGET_AFTER
    scene.look()
    assert paths(scene.roster.roots) == [scene.home / "notes"]
    (scene.home / "notes").mkdir()
    assert paths(scene.look().appeared) == [scene.home / "notes"]


def test_another_directory_under_the_same_name_is_a_replacement(
    make_scene: Callable[..., RosterScene],
) -> None:
    scene = make_scene(PATTERN)
    root = scene.make("-a")
    scene.look()
    root.rename(root.parent / "aside")
    root.mkdir()
    change = scene.look()
    assert (change.appeared, change.gone, paths(change.replaced)) == ((), (), [root])
    (found,) = scene.roster.roots
    assert found.replaced_at == found.since
    assert scene.look() == RosterChange()
    assert scene.roster.roots == (found,)


def test_a_root_that_became_a_link_is_left_alone_until_it_is_back(
    make_scene: Callable[..., RosterScene],
) -> None:
    scene = make_scene(PATTERN)
    root = scene.make("-a")
    elsewhere = scene.home / "private"
    elsewhere.mkdir()
    scene.look()
    root.rename(root.parent / "aside")
    root.symlink_to(elsewhere)
    assert paths(scene.look().gone) == [root]
    problem = f"It now leads to {elsewhere}, and led to {root} before. If that is right, reload the daemon."
    assert scene.problem(root) == problem
    root.unlink()
    scene.look()
    root.symlink_to(elsewhere)
    scene.look()
    assert scene.problem(root) == problem  # also after it was away in between
    root.unlink()
    (root.parent / "aside").rename(root)
    assert paths(scene.look().appeared) == [root]


def test_what_happened_while_no_daemon_looked_is_noticed(make_scene: Callable[..., RosterScene]) -> None:
    scene = make_scene(PATTERN, "~/never")
    linked, gone, stays = scene.make("-linked"), scene.make("-gone"), scene.make("-stays")
    scene.look()
    assert {Path(path) for path in scene.roster.seen} == {linked, gone, stays}
    (scene.home / "private").mkdir()
    shutil.rmtree(linked)
    linked.symlink_to(scene.home / "private")
    gone.rename(gone.parent / "aside")
    for _ in range(2):  # and once more
        scene.roster = Roster(
            parse_config(f"roots: ['{PATTERN}', ~/never]", "test"), scene.home, seen=scene.roster.seen
        )
        scene.look()
        assert "leads to" in str(scene.problem(linked))
        assert scene.problem(gone) == "It no longer exists."
        assert scene.problem(stays) is None
        assert {
            root.since for root in scene.roster.roots if root.problem and root.path != scene.home / "never"
        } == {NOW + timedelta(minutes=2)}
    linked.unlink()
    linked.mkdir()
    scene.look()
    assert scene.problem(linked) is None
    scene.now += FORGET_AFTER
    scene.look()
    assert gone not in paths(scene.roster.roots)


def test_what_another_configuration_no_longer_names_is_not_gone(
    make_scene: Callable[..., RosterScene],
) -> None:
    scene = make_scene(PATTERN)
    scene.make("-a")
    scene.look()
    scene.roster = Roster(parse_config("roots: [~/notes]", "test"), scene.home, seen=scene.roster.seen)
    scene.look()
    assert paths(scene.roster.roots) == [scene.home / "notes"]


def test_a_root_that_is_a_link_from_the_start_is_followed(make_scene: Callable[..., RosterScene]) -> None:
    scene = make_scene("~/notes")
    (scene.home / "elsewhere").mkdir()
    (scene.home / "notes").symlink_to(scene.home / "elsewhere")
    (known,) = scene.look().appeared
    assert known.real == scene.home / "elsewhere"


def test_one_directory_is_looked_after_once(make_scene: Callable[..., RosterScene]) -> None:
    scene = make_scene("~/notes", "~/link")
    (scene.home / "notes").mkdir()
    (scene.home / "link").symlink_to("notes")
    assert paths(scene.look().appeared) == [scene.home / "notes"]
    assert scene.problem(scene.home / "link") == f"It is the same directory as {scene.home / 'notes'}."


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda path: path.write_text(""), "It is not a directory."),
        (lambda path: path.symlink_to("notes"), "It is a symbolic link that points to itself."),
        (lambda path: path.symlink_to("nowhere"), "It does not exist."),
    ],
)
def test_what_is_no_directory_has_a_problem(
    make_scene: Callable[..., RosterScene], make: Callable[[Path], object], problem: str
) -> None:
    scene = make_scene("~/notes")
    make(scene.home / "notes")
    assert scene.look() == RosterChange()
    assert scene.problem(scene.home / "notes") == problem


def test_what_others_keep_to_themselves_has_a_problem() -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can act as somebody else")
    with tempfile.TemporaryDirectory(dir="/tmp") as directory:  # where another user can reach it
        home = Path(directory)
        home.chmod(0o711)
        for name, owner, mode in (("closed", 0, 0o700), ("theirs", 0, 0o755), ("mine", NOBODY, 0o700)):
            (home / name).mkdir()
            (home / name).chmod(mode)
            os.chown(home / name, owner, owner)
        scene = RosterScene(home, "~/closed", "~/theirs", "~/mine")
        assert as_nobody(lambda: (scene.look(), [root.problem for root in scene.roster.roots])[1]) == [
            "It cannot be read by your user.",
            "It belongs to another user, and your user may not write there.",
            None,
        ]


def as_nobody(act: Callable[[], object]) -> object:
    """What `act` returns in a process of another user."""
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            os.write(into, json.dumps(act()).encode())
        finally:
            os._exit(0)
    os.close(into)
    with os.fdopen(out, "rb") as file:
        answer = file.read()
    os.waitpid(child, 0)
    return json.loads(answer)


def test_disabled_roots_are_known_and_left_alone(home: Path) -> None:
    (home / "notes").mkdir()
    (home / "link").symlink_to(home / "notes")
    text = "roots: [~/link, {path: ~/notes, enabled: false}, {path: ~/none, enabled: false}]"
    roster = Roster(parse_config(text, "test"), home)
    assert look(roster, NOW) == RosterChange()
    assert [root.path.name for root in roster.roots] == ["link", "notes", "none"]
    for root in roster.roots:
        assert (root.problem, root.is_enabled, root.fault, root.since) == (OFF, False, None, NOW)
    assert look(roster, NOW + timedelta(minutes=1)) == RosterChange()
    assert {root.since for root in roster.roots} == {NOW}
    assert home / "none" not in roster.places()
    shutil.rmtree(home / "notes")
    assert look(roster, NOW + timedelta(minutes=2)) == RosterChange()
    assert {root.fault for root in roster.roots} == {None}


def test_it_knows_where_to_look_out_for_roots(make_scene: Callable[..., RosterScene]) -> None:
    scene = make_scene(PATTERN)
    root = scene.make("-a")
    scene.look()
    assert scene.roster.places() == {
        root.parent.parent: frozenset({"*"}),
        root.parent: frozenset({"memory"}),
    }
