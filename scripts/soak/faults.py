"""The faults that a soak inflicts on the daemon. Each returns None if all went well, else a sentence."""

from __future__ import annotations

import errno
import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from scripts.soak.editor import Editor, markers_in
from scripts.soak.process import BAD_CONFIG, Kairosd

_LONGEST_END = 10.0
_WATCHES = Path("/proc/sys/user/max_inotify_watches")
_A_MOMENT = 0.5


@dataclass(slots=True)
class Scene:
    """What the faults act on. `erased` collects the markers that faults destroyed, `written` those they wrote."""

    daemon: Kairosd
    editor: Editor
    rng: random.Random
    flood: int
    erased: set[str] = field(default_factory=set)
    written: set[str] = field(default_factory=set)

    @property
    def elsewhere(self) -> Path:
        """The directory that a root points to while it is a link; what the editor writes meanwhile ends up there."""
        return self.daemon.home / "not-a-root"

    def any_root(self) -> Path:
        """Return a random existing root."""
        return self.rng.choice(sorted(self.daemon.home.glob("projects/*/memory")))

    def fill(self, root: Path, notes: int) -> None:
        """Write this many notes into a root."""
        for _ in range(notes):
            self.written.update(self.editor.add(root).wrote)

    def has_problem(self, root: Path, *, wanted: bool) -> bool:
        """Wait until the daemon has noticed that a root has a problem, or (not `wanted`) has none any more.

        Returns False if it never did.
        """
        return self.daemon.wait(
            lambda status: any(
                one.path == str(root) and (one.problem is not None) == wanted for one in status.roots
            )
        )


Fault = Callable[[Scene], str | None]


def kill_child(scene: Scene) -> str | None:
    """Kill a dream at a random moment."""
    scene.daemon.dream(scene.any_root())
    scene.daemon.wait(lambda _: bool(scene.daemon.children()))
    time.sleep(scene.rng.random() * 3)
    for child in scene.daemon.children()[:1]:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    return None


def kill_daemon(scene: Scene) -> str | None:
    """Kill the daemon and restart it at once; its dreams must die with it."""
    children = scene.daemon.children()
    scene.daemon.end(signal.SIGKILL)
    scene.daemon.start()
    time.sleep(_A_MOMENT)
    left = [child for child in children if _is_alive(child)]
    return f"{len(left)} dreams outlived the daemon." if left else None


def stop_daemon(scene: Scene) -> str | None:
    """Tell the daemon to end, perhaps in the middle of a dream, and restart it."""
    code, seconds = scene.daemon.end(signal.SIGTERM)
    scene.daemon.start()
    if code != 0 or seconds > _LONGEST_END:
        return f"It ended with status {code} after {seconds:.1f} s."
    return None


def reload_config(scene: Scene) -> str | None:
    """Have the daemon reload a bad configuration, then the good one again."""
    scene.daemon.configure(BAD_CONFIG)
    scene.daemon.send(signal.SIGHUP)
    is_refused = scene.daemon.wait(lambda status: status.config.error is not None)
    scene.daemon.configure()
    scene.daemon.send(signal.SIGHUP)
    is_taken = scene.daemon.wait(lambda status: status.config.error is None)
    return None if is_refused and is_taken else "It did not tell a bad configuration from a good one."


def fill_disk(scene: Scene) -> str | None:
    """Fill the disk of the state for a while, and ask for a dream meanwhile."""
    ballast = scene.daemon.state_dir / "ballast"
    try:
        with ballast.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
    root = scene.any_root()
    scene.daemon.dream(root)
    time.sleep(10)
    ballast.unlink()
    answers = scene.daemon.wait(lambda status: status.state == "running")
    return None if answers else "It did not answer any more."


def exhaust_watches(scene: Scene) -> str | None:
    """Add a root while the kernel grants no more watches, then lift the limit."""
    before = _WATCHES.read_text(encoding="ascii")
    root = scene.daemon.home / f"projects/limit{scene.rng.randrange(10**6)}/memory"
    _WATCHES.write_text("1", encoding="ascii")
    try:
        (root / "deep").mkdir(parents=True)
        scene.fill(root, 2)
        is_polled = scene.daemon.wait(
            lambda status: any(one.path == str(root) and _is_polled(one.watch) for one in status.roots)
        )
    finally:
        _WATCHES.write_text(before, encoding="ascii")
    is_mended = scene.daemon.wait(
        lambda status: any(one.path == str(root) and _is_watched(one.watch) for one in status.roots)
    )
    return None if is_polled and is_mended else f"Polled: {is_polled}; watched again: {is_mended}."


def flood(scene: Scene) -> str | None:
    """Create thousands of notes at once and delete them again."""
    directory = scene.any_root() / "flood"
    with suppress(FileNotFoundError):  # the root has vanished
        directory.mkdir()
        for number in range(scene.flood):
            (directory / f"{number}.md").write_text("- Flood.\n", encoding="utf-8")
    shutil.rmtree(directory, ignore_errors=True)
    return None


def rename_root(scene: Scene) -> str | None:
    """Rename a root, then rename it back."""
    root = scene.any_root()
    away = root.with_name("elsewhere")
    root.rename(away)
    is_noticed = scene.has_problem(root, wanted=True)
    away.rename(root)
    is_back = scene.has_problem(root, wanted=False)
    return None if is_noticed and is_back else f"Noticed: {is_noticed}; noticed that it is back: {is_back}."


def replace_root(scene: Scene) -> str | None:
    """Delete a root for good, and put another directory in its place."""
    root = scene.any_root()
    grave = root.with_name("grave")
    root.rename(grave)
    is_noticed = scene.has_problem(root, wanted=True)
    time.sleep(_A_MOMENT)  # for editors to finish notes that they had open
    scene.erased |= markers_below(grave)
    shutil.rmtree(grave)
    root.mkdir()
    scene.fill(root, 3)
    is_back = scene.has_problem(root, wanted=False)
    return None if is_noticed and is_back else f"Noticed: {is_noticed}; noticed the new one: {is_back}."


def link_root(scene: Scene) -> str | None:
    """Replace a root by a link to elsewhere, then restore it."""
    root = scene.any_root()
    away = root.with_name("elsewhere")
    scene.elsewhere.mkdir(exist_ok=True)
    root.rename(away)
    root.symlink_to(scene.elsewhere)
    is_noticed = scene.has_problem(root, wanted=True)
    root.unlink()
    away.rename(root)
    is_back = scene.has_problem(root, wanted=False)
    return None if is_noticed and is_back else f"Noticed: {is_noticed}; noticed that it is back: {is_back}."


TURMOIL: tuple[Fault, ...] = (kill_daemon, stop_daemon)
"""Faults that end the daemon's process: they come first, so that afterwards one process lives long enough."""

FAULTS: tuple[Fault, ...] = (
    kill_child, reload_config, rename_root, flood, replace_root, fill_disk, exhaust_watches, link_root,
)  # fmt: skip

NEEDS_NAMESPACE: frozenset[Fault] = frozenset({fill_disk, exhaust_watches})
"""Faults that are possible only if the soak may mount its own disk and has its own limits."""


def markers_below(directory: Path) -> set[str]:
    """Return the markers in all files below a directory."""
    found: set[str] = set()
    for folder, _, names in os.walk(directory):
        for name in names:
            with suppress(FileNotFoundError):
                found |= markers_in(Path(folder, name).read_bytes())
    return found


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _is_polled(watch: object) -> bool:
    return getattr(watch, "mode", "") == "polling"


def _is_watched(watch: object) -> bool:
    return getattr(watch, "mode", "") == "inotify"
