"""The daemon's worker, running the real `kairos dream`."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from kairos.control.progress import Step
from kairos.store.lock import RootLock
from kairos_service.dreams import DreamRequest, DreamResult, DreamStatus
from kairos_service.worker import WorkerSettings, run_dream

NOTES = dict.fromkeys(
    ("a.md", "b.md"), "# Notes\n\n- Releases are cut from the main branch every Thursday.\n"
)

# With its usual niceness a dream gives way to everything else, and would hardly progress next to other tests.
_SETTINGS = WorkerSettings(niceness=0, stop_seconds=120)


@pytest.fixture
def root(home: Path) -> Path:
    directory = home / "memory"
    directory.mkdir()
    for name, text in NOTES.items():
        (directory / name).write_text(text, encoding="utf-8")
    return directory


def dream(
    root: Path, *, first: bool = False, steps: list[Step] | None = None, stop_at: str = ""
) -> DreamResult:
    async def main() -> DreamResult:
        stop = asyncio.Event()

        def told(step: Step) -> None:
            if steps is not None:
                steps.append(step)
            if step.stage == stop_at:
                stop.set()

        request = DreamRequest(root, first=first)
        return await run_dream(request, _SETTINGS, on_progress=told, stop=stop)

    return asyncio.run(main())


@pytest.mark.model
def test_a_stopped_dream_reports_that_it_was_interrupted(root: Path) -> None:
    stopped = dream(root, first=True, stop_at="embed")
    assert (stopped.status, stopped.exit_code) == (DreamStatus.STOPPED, 143), stopped
    assert (stopped.value or {})["status"] == "interrupted"


@pytest.mark.model
def test_a_root_is_reported_then_locked_then_done(experienced: Path, root: Path) -> None:
    first = dream(root, first=True)
    assert (first.status, first.exit_code, first.error) == (DreamStatus.REPORTED, 3, None), first.tail
    assert sorted(path.name for path in root.iterdir()) == sorted(NOTES)

    with RootLock(experienced / ".local/state/kairos/locks", root):
        locked = dream(root)
    assert (locked.status, locked.exit_code) == (DreamStatus.LOCKED, 11)
    assert "worked on by another Kairos" in (locked.error or "")

    steps: list[Step] = []
    done = dream(root, steps=steps, stop_at="apply")  # too late: it completes, and says so
    assert (done.status, done.error) == (DreamStatus.DONE, None), done
    assert done.exit_code in {0, 143}, done  # 0 if it has ended before the signal arrives
    assert len(list(root.iterdir())) == 1
    stages = list(dict.fromkeys(step.stage for step in steps))
    assert [stage for stage in stages if stage in {"read", "embed", "apply"}] == ["read", "embed", "apply"]
