"""A root at rest gives the same answer as a full dream, and any change ends the rest."""

from __future__ import annotations

import io
import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from importlib.util import find_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from kairos.dream import Kairos, Mode, Outcome, Status
from kairos.dream.rest import Rests
from kairos.dream.vectors import Vectors
from kairos.ml.cache import CachedEncoder
from kairos.ml.compiled import Compiled, versions
from kairos.ml.encoder import Encoder, SentenceTransformerEncoder
from kairos.ml.encoders import _key
from kairos.ml.model_files import ModelFiles, find_model
from kairos.report.dream import dream_report, ending
from kairos.report.page import Page
from kairos.report.values import dream_value
from kairos.store import fingerprint
from kairos.store.lock import RootLock
from kairos.store.records import Verdict
from tests.unit.dream.notes import FILES_AT_REST

if TYPE_CHECKING:
    from tests.conftest import Bed

    MakeBed = Callable[[Mapping[str, str | bytes]], Bed]

pytestmark = pytest.mark.model


@pytest.fixture
def resting(bed: MakeBed) -> Bed:
    """A root at rest: its last dream found nothing to do."""
    made = bed(FILES_AT_REST)
    made.dream()
    assert made.dream().status is Status.NOTHING
    return made


def outcome_at_rest(bed: Bed, mode: Mode = Mode.UNATTENDED, **other: Any) -> Outcome | None:
    rests = Rests(bed.kairos.config, bed.kairos.env, bed.kairos.now)
    return replace(rests, **other).outcome(bed.root, mode)


def text(outcome: Outcome) -> str:
    written = io.StringIO()
    sheet = Page(Console(file=written, width=100, markup=False, emoji=False, highlight=False))
    dream_report(sheet, outcome, home="/h")
    ending(sheet, outcome, home="/h")
    return written.getvalue()


def last_dream(bed: Bed) -> tuple[object, ...]:
    with bed.state() as state:
        last = state.dreams(bed.root, limit=1)[0]
    return (last.at, last.today, last.outcome, last.transaction, last.stats, last.skipped)


# --- the same answer as a full dream ---


@pytest.mark.parametrize("mode", list(Mode))
def test_a_root_at_rest_answers_like_a_full_dream(
    resting: Bed, mode: Mode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fingerprint, "COARSEST_NS", 0)  # file times prove at once that nothing has changed
    resting.write("bad.md", b"caf\xe9\n")
    resting.dream()
    full = resting.dream(mode)
    noted = last_dream(resting)
    for _ in range(2):
        quick = outcome_at_rest(resting, mode)
        assert quick is not None
        if mode is not Mode.PREVIEW:
            assert None not in (full.dream, quick.dream)
            full = replace(full, dream=quick.dream)
        assert json.dumps(dream_value(quick)) == json.dumps(dream_value(full))
        assert text(quick) == text(full)
        assert quick.plan.conflicts
        assert quick.exposures
        assert quick.skipped
        assert last_dream(resting) == noted


def test_each_answer_at_rest_is_recorded_as_a_dream(resting: Bed) -> None:
    with resting.state() as state:
        before = len(state.dreams(resting.root))
    first, second = outcome_at_rest(resting), outcome_at_rest(resting)
    assert first is not None
    assert second is not None
    assert (second.dream or 0) == (first.dream or 0) + 1
    with resting.state() as state:
        assert len(state.dreams(resting.root)) == before + 2
    with resting.state() as state:
        decisions = state.query("SELECT dream FROM looked_at")
    assert decisions == [(second.dream,)]


def test_a_preview_writes_nothing(resting: Bed) -> None:
    database = sqlite3.connect(resting.kairos.state_dir / "state.db")
    with closing(database):
        before = list(database.iterdump())
        assert outcome_at_rest(resting, Mode.PREVIEW) is not None
        assert list(database.iterdump()) == before


class Taught(SentenceTransformerEncoder):
    """The uncompiled encoder with the vectors of the compiled one, because loading the real one takes seconds."""

    def __init__(self, files: ModelFiles, compiled: Encoder) -> None:
        super().__init__(files)
        self.encode = compiled.encode  # type: ignore[method-assign]


def test_a_permanent_notice_allows_rest_and_is_repeated(bed: MakeBed, vectors: Vectors) -> None:
    """The notice: an earlier attempt found that the model cannot be compiled on this machine."""
    made = bed(FILES_AT_REST)
    taught = CachedEncoder(Taught(find_model(), vectors.encoder), made.kairos.cache_dir / "vectors.db")
    made.kairos._vectors = Vectors(taught)
    for _ in range(2):
        made.dream()  # all texts are cached from now on
    models = made.home / ".cache/kairos/models"
    noted = Compiled("none", reason="no such operator", versions=versions())

    def dream() -> Outcome:
        kairos = Kairos(
            made.kairos.config, env=made.kairos.env, now=made.kairos.now, _judge=made.kairos.judge_model()
        )
        return kairos.dream(made.root, Mode.UNATTENDED)

    folder = models / _key(find_model())
    folder.mkdir(parents=True)
    noted.write(folder)
    full = dream()
    assert full.status is Status.NOTHING
    (notice,) = full.notices
    assert "cannot be compiled (no such operator)" in notice
    quick = outcome_at_rest(made)
    assert quick is not None
    assert quick.notices == full.notices
    assert notice.split("(")[0].strip() in " ".join(text(quick).split())


# --- what ends the rest ---


def edit(bed: Bed) -> None:
    bed.write("guest.md", bed.text("guest.md") + "- Another one.\n")


def rewrite_in_place(bed: Bed) -> None:
    path = bed.root / "guest.md"
    before = path.stat()
    with path.open("r+b") as file:
        file.write(b"# GUEST")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)


def decide(bed: Bed) -> None:
    with bed.state() as state:
        state.decide(bed.root, "some-key", Verdict.REJECTED, at=bed.kairos.now)


def settle_a_conflict(bed: Bed) -> None:
    with bed.state() as state:
        (found,) = state.conflicts(bed.root)
    bed.kairos.resolve(found.conflict.id, "both")


def write_anew(bed: Bed) -> None:
    (bed.root / "guest.md").rename(bed.root.parent / "aside")
    bed.write("guest.md", (bed.root.parent / "aside").read_bytes())


def leave_a_temporary_file(bed: Bed) -> None:
    (bed.root / f".kairos-{'0' * 16}.tmp").write_bytes(b"half")


ENDS_REST: dict[str, Callable[[Bed], object]] = {
    "an edit": edit,
    "a rewrite in place with its time put back": rewrite_in_place,
    "a touch": lambda bed: os.utime(bed.root / "guest.md"),
    "a mode": lambda bed: (bed.root / "guest.md").chmod(0o600),
    "a rename": lambda bed: (bed.root / "guest.md").rename(bed.root / "host.md"),
    "a removal": lambda bed: (bed.root / "guest.md").unlink(),
    "a new note": lambda bed: bed.write("new.md", "# New\n\n- New.\n"),
    "a new image": lambda bed: bed.write("new.png", b"x"),
    "an empty directory": lambda bed: (bed.root / "empty").mkdir(),
    "a link": lambda bed: (bed.root / "link.md").symlink_to("guest.md"),
    "the same bytes in a new file": write_anew,
    "half a write": leave_a_temporary_file,
    "a decision": decide,
    "a settled conflict": settle_a_conflict,
    "an undo": lambda bed: bed.kairos.undo(bed.root, everything=True),
    "another configuration": lambda bed: bed.configure("prune: {enabled: false}"),
    "another day": lambda bed: bed.configure("", now=bed.kairos.now + timedelta(days=1)),
    "a lost state": lambda bed: (bed.kairos.state_dir / "state.db").unlink(),
    "a damaged state": lambda bed: (bed.kairos.state_dir / "state.db").write_bytes(b"x" * 5000),
}


@pytest.mark.parametrize("name", ENDS_REST)
def test_any_change_ends_the_rest(resting: Bed, name: str) -> None:
    assert outcome_at_rest(resting, Mode.PREVIEW) is not None
    ENDS_REST[name](resting)
    assert outcome_at_rest(resting) is None
    assert outcome_at_rest(resting, Mode.PREVIEW) is None


def test_bytes_are_compared_while_file_times_prove_nothing(
    bed: MakeBed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fingerprint, "COARSEST_NS", 10**12)
    made = bed(FILES_AT_REST)
    made.dream()
    made.write("guest.md", FILES_AT_REST["guest.md"])
    assert made.dream().status is Status.NOTHING
    (rest,) = (made.kairos.cache_dir / "rests").iterdir()
    assert "guest.md" in json.loads(rest.read_bytes())["fresh"]
    assert outcome_at_rest(made) is not None
    monkeypatch.setattr(fingerprint, "COARSEST_NS", 0)
    assert outcome_at_rest(made) is not None
    assert json.loads(rest.read_bytes())["fresh"] == {}


def test_another_hour_of_the_same_day_does_not_end_the_rest(resting: Bed) -> None:
    resting.configure("", now=resting.kairos.now + timedelta(hours=3))
    quick = outcome_at_rest(resting)
    assert quick is not None
    assert last_dream(resting)[0] == resting.kairos.now


@pytest.mark.parametrize("damage", [b"", b"{}", b"[]", b"\xff", b"null", b'{"is": "Rest"}'])
def test_a_damaged_rest_is_ignored(resting: Bed, damage: bytes) -> None:
    (rest,) = (resting.kairos.cache_dir / "rests").iterdir()
    rest.write_bytes(damage)
    assert outcome_at_rest(resting) is None
    resting.dream()
    assert outcome_at_rest(resting) is not None


def test_a_dream_that_found_something_starts_no_rest(bed: MakeBed) -> None:
    made = bed(FILES_AT_REST)
    assert made.dream(Mode.ASK).status is Status.REPORTED
    assert outcome_at_rest(made) is None
    assert outcome_at_rest(made, Mode.PREVIEW) is None


def test_a_locked_root_is_left_to_the_full_dream(resting: Bed) -> None:
    with RootLock(resting.kairos.state_dir / "locks", resting.root):
        assert outcome_at_rest(resting) is None
    assert outcome_at_rest(resting) is not None


def test_a_root_locked_by_an_agent_is_left_to_the_full_dream(bed: MakeBed) -> None:
    made = bed(
        {"MEMORY.md": "# Memory\n\n- [A](a.md) — a\n", "a.md": "---\nname: a\ntype: user\n---\n\nA fact.\n"}
    )
    made.dream()
    assert made.dream().status is Status.NOTHING
    assert outcome_at_rest(made) is not None
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as agent:
        (made.root / ".consolidate-lock").write_text(str(agent.pid), encoding="ascii")
        assert outcome_at_rest(made) is None
        agent.communicate(b"\n")


def test_with_a_language_model_a_root_is_never_at_rest(resting: Bed) -> None:
    llm = "llm: {provider: openai, model: m, base_url: 'http://127.0.0.1:9/v1'}"
    resting.configure(llm)
    resting.dream()
    assert outcome_at_rest(resting) is None


def test_a_dream_does_not_fail_if_no_rest_can_be_kept(resting: Bed) -> None:
    outcome, seen = resting.dream(), resting.kairos._last_snapshot
    assert seen is not None
    rests = Rests(resting.kairos.config, resting.kairos.env, resting.kairos.now)
    beginning = rests.begin(resting.root)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = os.dup(0)
    os.close(free)
    resource.setrlimit(
        resource.RLIMIT_NOFILE, (free + 2, hard)
    )  # enough to open the root, but not to walk it
    try:
        rests.keep(beginning, outcome, seen, ())
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    shutil.rmtree(resting.root)
    rests.keep(beginning, outcome, seen, ())


def with_model(resting: Bed, model: Path) -> None:
    resting.kairos._model_paths.append(model)
    resting.dream()


def test_a_model_from_the_hub_prevents_rest_unless_its_path_is_configured(
    resting: Bed, tmp_path: Path
) -> None:
    model = tmp_path / "models--a--b" / "snapshots" / "1"
    model.mkdir(parents=True)
    (rest,) = (resting.kairos.cache_dir / "rests").iterdir()
    rest.unlink()
    with_model(resting, model)
    assert outcome_at_rest(resting) is None
    resting.configure(f"model: {{path: {model}}}")
    with_model(resting, model)
    assert outcome_at_rest(resting) is not None


def test_a_model_file_rewritten_in_place_ends_the_rest(resting: Bed, tmp_path: Path) -> None:
    model, shared = tmp_path / "model", tmp_path / "shared"
    model.mkdir()
    shared.mkdir()
    (model / "pooling").symlink_to(shared)
    (model / "again").symlink_to(model)
    file = shared / "config.json"
    file.write_bytes(b"{}")
    with_model(resting, model)
    assert outcome_at_rest(resting) is not None
    before = file.stat()
    file.write_bytes(b"[]")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert outcome_at_rest(resting) is None


def test_another_python_ends_the_rest(resting: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    assert outcome_at_rest(resting) is not None
    monkeypatch.setattr(sys, "version", "4.0")
    assert outcome_at_rest(resting) is None


@pytest.mark.parametrize(
    "library", ["markdown_it", "yaml", "numpy", "faiss", "tokenizers", "onnxruntime", "onnx", "torch"]
)
def test_another_version_of_a_library_ends_the_rest(
    resting: Bed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    (tmp_path / "__init__.py").write_bytes(b"")
    upgraded = spec_from_file_location(library, tmp_path / "__init__.py")
    assert outcome_at_rest(resting) is not None
    monkeypatch.setattr(
        "kairos.dream.rest.find_spec", lambda name: upgraded if name == library else find_spec(name)
    )
    assert outcome_at_rest(resting) is None
