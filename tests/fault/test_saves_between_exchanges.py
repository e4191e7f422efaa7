"""Saves at any instant of a replacement that is taken back: the newest one keeps the name."""

from __future__ import annotations

from contextlib import suppress
from itertools import product
from pathlib import Path

import pytest

from kairos.errors import ChangedError
from kairos.store.disk import Disk
from kairos.store.tree import Tree

EXCHANGES = 6


class Interrupted(Disk):
    """A disk on which somebody saves just before, or just after, some of the exchanges of names."""

    def __init__(self, file: Path, turns: tuple[bool, ...], *, before: bool) -> None:
        """Save at each exchange for which `turns` is true."""
        self._file, self._turns, self._before = file, iter(turns), before
        self.saved: list[str] = []

    def exchange(self, first: str, second: str, *, dir_fd: int) -> None:
        """Exchange names, and save."""
        now = next(self._turns, False)
        if now and self._before:
            self._save()
        super().exchange(first, second, dir_fd=dir_fd)
        if now and not self._before:
            self._save()

    def _save(self) -> None:
        self.saved.append(f"save {len(self.saved)}")
        new = self._file.with_suffix(".new")
        new.write_text(self.saved[-1])
        new.rename(self._file)


@pytest.mark.parametrize("before", [True, False])
def test_the_newest_save_keeps_the_name(tmp_path: Path, *, before: bool) -> None:
    for turns in product((False, True), repeat=EXCHANGES):
        place = tmp_path / "".join(map(str, map(int, turns)))
        place.mkdir()
        file = place / "a.md"
        file.write_text("first")
        disk = Interrupted(file, turns, before=before)
        tree = Tree(place, disk)
        with suppress(ChangedError):
            tree.write("a.md", b"ours", expected=tree.read("a.md").sha256)
        assert file.read_text() == (disk.saved or ["ours"])[-1], turns
