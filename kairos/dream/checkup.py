"""A root looked at without changing it: what leads nowhere, what nothing leads to, and what the agent does not see."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kairos.config import Config
from kairos.core.budget import size
from kairos.core.linker import Linker
from kairos.core.reading import Reading
from kairos.errors import KairosError
from kairos.layouts import Layout
from kairos.model import IndexSize
from kairos.report.phrases import shell_path
from kairos.store.check import Flaw
from kairos.store.files import read_snapshot


def root_flaws(root: Path, layout: Layout, config: Config) -> Iterator[Flaw]:
    """Yield what is wrong with the notes of a root; nothing of it is Kairos' own, so nothing is serious."""
    try:
        snapshot = read_snapshot(
            root,
            layout=layout.name,
            role_of=layout.role_of,
            max_bytes=config.max_file_bytes,
            ignore=config.is_ignored,
        )
    except KairosError as error:
        yield Flaw("root", error.what, error.advice, serious=False)
        return
    for skip in snapshot.skipped:
        yield Flaw("root", f"{skip.what}: {skip.why}", skip.advice, serious=False)
    reading = Reading.of(snapshot)
    linker = Linker(reading)
    yield from _budget_flaws(reading, config)
    dream = f"kairos dream {shell_path(str(root), '')}"
    for path, found in linker.pointers.items():
        for pointer in found:
            for link, target in zip(pointer.links, pointer.targets, strict=True):
                if target is None:
                    what = f"{path}:{pointer.entry.line} leads to {link.target}, which does not exist."
                    yield Flaw("index", what, dream, serious=False)
                elif not target:
                    what = f"{path}:{pointer.entry.line} leads out of the directory, to {link.target}."
                    yield Flaw(
                        "index",
                        what,
                        "It is never followed; take it out if you do not want it.",
                        serious=False,
                    )
    if reading.index is not None:
        for path in linker.unreachable():
            yield Flaw("index", f"Nothing leads to {path}.", dream, serious=False)


def _budget_flaws(reading: Reading, config: Config) -> Iterator[Flaw]:
    if reading.index is None:
        return
    budget = IndexSize(config.index.lines, config.index.bytes)
    now = size(reading.index.data)
    if now.lines > budget.lines or now.bytes > budget.bytes:
        what = (
            f"{reading.index.path} has {now.lines:,} lines and {now.bytes:,} bytes; "
            f"the agent loads {budget.lines:,} and {budget.bytes:,}."
        )
        yield Flaw("index", what, f"kairos dream {shell_path(reading.snapshot.root, '')}", serious=False)
