"""The example directory: it has one of everything, and a dream handles all of it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kairos.config import Config
from kairos.core.markdown.parse import parse
from kairos.dream import Kairos, Mode, Status
from kairos.layouts import detect
from kairos.model import ChangeKind, Note
from kairos.store.files import read_snapshot
from tests.conftest import contents, share_models

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "memory"


def notes() -> dict[str, Note]:
    layout = detect(EXAMPLE)
    snapshot = read_snapshot(EXAMPLE, layout=layout.name, role_of=layout.role_of)
    return {source.path: parse(source) for source in snapshot.sources}


def test_the_example_is_detected_as_claude_code() -> None:
    assert detect(EXAMPLE).name == "claude-code"


def test_the_example_has_both_forms_of_front_matter_and_a_broken_one() -> None:
    heads = {path: note.front for path, note in notes().items() if note.front}
    texts = {path: (EXAMPLE / path).read_bytes() for path in heads}
    assert any(b"metadata: \n" in text for text in texts.values())
    assert any(b"\ntype: " in text for text in texts.values())
    assert [path for path, head in heads.items() if not head.valid] == ["partner-gardens.md"]


def test_the_example_has_crlf_line_ends_and_twins() -> None:
    assert (EXAMPLE / "label-printer.md").read_bytes().count(b"\r\n") > 1
    assert (EXAMPLE / "labels.md").read_bytes() == (EXAMPLE / "labels-copy.md").read_bytes()


@pytest.mark.model
def test_a_dream_over_the_example_does_everything_and_undo_restores_it(
    tmp_path: Path, compiled_models: Path
) -> None:
    root = tmp_path / "memory"
    shutil.copytree(EXAMPLE, root)
    share_models(tmp_path, compiled_models)
    config = Config(state_dir=str(tmp_path / "state"), cache_dir=str(tmp_path / "kairos"))
    kairos = Kairos(config, env={"HOME": str(tmp_path)}, now=datetime(2026, 11, 20, 12, tzinfo=UTC))

    outcome = kairos.dream(root, Mode.UNATTENDED)

    assert outcome.status is Status.APPLIED
    kinds = Counter(change.kind for change in outcome.plan.changes)
    assert kinds[ChangeKind.MERGE] >= 4
    assert kinds[ChangeKind.PRUNE] >= 4
    assert kinds[ChangeKind.DATE] == 1
    clashes = {frozenset((c.a.file, c.b.file)) for c in outcome.plan.conflicts}
    assert {
        frozenset(("local-setup.md", "api.md")),
        frozenset(("releases.md", "release-routine.md")),
    } <= clashes
    gone = {"autumn-freeze.md", "labels-copy.md", "todo-host-move.md", "csv-import.md", "ideas.md"}
    assert not [path for path in gone if (root / path).exists()]
    assert "[[labels]]" in (root / "photo-pipeline.md").read_text()
    assert (root / "environments.md").read_bytes() == (EXAMPLE / "environments.md").read_bytes()
    index = (root / "MEMORY.md").read_text()
    assert "old-search.md" not in index
    assert index.count("(operations.md)") == 1
    assert all(
        f"({path})" in index for path in ("photo-pipeline.md", "backup-details.md", "kairos-conflicts.md")
    )
    assert "Ask Mara before you delete anything in the bucket" in index

    kairos.undo(root, everything=True)

    assert contents(root) == contents(EXAMPLE)


@pytest.mark.model
def test_check_corpus_finds_nothing_wrong(experienced: Path) -> None:
    done = run_script("check_corpus.py", experienced, "--json", "--jobs", "1")
    (row,) = json.loads(done.stdout)
    assert row["directory"] == "memory"
    assert row["changed"] > 10
    assert row["faults"] == []


@pytest.mark.model
def test_recall_does_not_drop_after_a_dream(experienced: Path) -> None:
    done = run_script("check_recall.py", experienced)
    (row,) = re.findall(r"^memory +(\d+) +(\d+) → (\d+) +(\d+) → (\d+)$", done.stdout, re.MULTILINE)
    asked, first_before, first_after, among_before, among_after = map(int, row)
    assert asked > 20
    assert first_before <= first_after
    assert asked >= among_after >= among_before > asked // 2


def run_script(name: str, home: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run a script on a folder that holds the example, with the cache of earlier tests."""
    shutil.copytree(EXAMPLE, home / "corpus" / "memory")
    cache = Path(os.environ["XDG_CACHE_HOME"], "kairos")
    command = [sys.executable, str(ROOT / "scripts" / name), str(home / "corpus"), "--cache", str(cache)]
    done = subprocess.run(
        [*command, "--now", "2026-11-20", *options], capture_output=True, check=False, cwd=home, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done
