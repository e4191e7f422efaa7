"""The half of the state machine that writes notes. It tracks every version of a file that it did not remove itself."""

from __future__ import annotations

import os
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.light import light_front
from tests.property.test_dream_invariants import SENTENCES

START = datetime.now(UTC).replace(microsecond=0)
NAMES = ("a.md", "b.md", "sub/c.md", "2026-02-03.md", "d e.md")
HEADS = (
    "",
    "---\nname: n\ndescription: something\ntype: project\noriginSessionId: s1\n---\n\n",
    "---\nname: n\ntype: feedback\nexpires: 2026-01-31\n---\n\n",
    "---\npinned: true\n---\n\n",
)
names, texts, heads = st.sampled_from(NAMES), st.sampled_from(SENTENCES), st.sampled_from(HEADS)


class Editor(RuleBasedStateMachine):
    """One root, an editor that writes to it, and two front doors of Kairos with clocks of their own."""

    @initialize(names=st.lists(names, min_size=2, max_size=4, unique=True), said=st.data())
    def begin(self, names: list[str], said: st.DataObject) -> None:
        memory = Path("/dev/shm")  # noqa: S108
        self.home = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None)).resolve()
        self.root = self.home / "memory"
        self.root.mkdir()
        self.live: dict[str, bytes] = {}
        self.owed: set[bytes] = set()
        self.clock = START
        self.fronts = [light_front(self.home, self.clock) for _ in range(2)]
        self.write("MEMORY.md", "# Memory\n")
        for name in names:
            lines = said.draw(st.lists(texts, min_size=1, max_size=4))
            self.write(name, said.draw(heads) + "".join(f"- {line}\n" for line in lines))

    def teardown(self) -> None:
        if hasattr(self, "home"):
            shutil.rmtree(self.home)

    def write(self, name: str, text: str) -> None:
        """Save a file as editors do, by a rename, whatever Kairos has made of the previous version."""
        path = self.root / name
        self.let_go(name)
        path.parent.mkdir(exist_ok=True)
        temporary = path.with_suffix(".tmp")
        temporary.write_bytes(text.encode())
        temporary.rename(path)
        self.live[name] = text.encode()

    def let_go(self, name: str) -> None:
        """Stop tracking the editor's last version of a file. If it is gone already, Kairos must have kept it."""
        last = self.live.pop(name, None)
        path = self.root / name
        if last is not None and (not path.exists() or path.read_bytes() != last):
            self.owed.add(last)

    def now_in(self, name: str) -> str:
        path = self.root / name
        return path.read_bytes().decode() if path.exists() else ""

    @rule(name=names, text=texts, head=heads)
    def append(self, name: str, text: str, head: str) -> None:
        self.write(name, (self.now_in(name) or head) + f"- {text}\n")

    @rule(name=names, text=texts, back=st.booleans())
    def rewrite(self, name: str, text: str, *, back: bool) -> None:
        lines = self.now_in(name).splitlines(keepends=True)
        self.write(name, "".join([*lines[: len(lines) // 2], f"- {text}\n"]))
        if back:
            os.utime(self.root / name, (1_600_000_000, 1_600_000_000))

    @rule(name=names, to=names)
    def move(self, name: str, to: str) -> None:
        assume((self.root / name).exists() and not (self.root / to).exists())
        text = self.now_in(name)
        self.write(to, text)
        self.delete(name)

    @rule(name=names)
    def delete(self, name: str) -> None:
        assume((self.root / name).exists())
        self.let_go(name)
        (self.root / name).unlink()
