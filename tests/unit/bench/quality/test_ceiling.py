import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from bench.quality.ceiling import Reach, ceilings, entries_of
from kairos.core.root.reading import Reading
from kairos.dream.vectors import Vectors
from kairos.errors import UsageError

Read = Callable[[Mapping[str, str]], Reading]

FILES = {
    "ports.md": "# Ports\n\n- The staging API listens on port 8080.\n- The database listens on port 5432.\n",
    "network.md": "# Network\n\n- The API on staging listens on port 8080.\n- Staging's API is on port 9090.\n",
}


def test_planted_text_is_found_in_its_own_file_whatever_the_markup(read: Read) -> None:
    reading = read(
        {"a.md": "- Use **tabs**, always.\n- Deploy on Monday.\n", "b.md": "- Use tabs, always.\n"}
    )
    (found,) = entries_of({"file": "a.md", "text": "use tabs always"}, reading)
    assert found.raw == "- Use **tabs**, always."
    assert entries_of({"file": "c.md", "text": "use tabs always"}, reading) == []
    assert entries_of({"file": "b.md", "text": "Deploy on Monday."}, reading) == []


@pytest.mark.model
def test_the_ceiling_counts_planted_pairs_among_the_candidates(tmp_path: Path, vectors: Vectors) -> None:
    root = tmp_path / "memo"
    root.mkdir()
    for name, text in FILES.items():
        (root / name).write_text(text, "utf-8")
    a, b, other = (
        {"file": "ports.md", "text": "The staging API listens on port 8080."},
        {"file": "network.md", "text": "The API on staging listens on port 8080."},
        {"file": "network.md", "text": "Staging's API is on port 9090."},
    )
    gone = {"file": "network.md", "text": "This line was never written."}
    truth = {
        "today": "2026-03-02",
        "duplicate_groups": [[a, b]],
        "contradictions": [{"a": a, "b": other}, {"a": a, "b": gone}],
    }
    (tmp_path / "memo.truth.json").write_text(json.dumps(truth), "utf-8")
    (found,) = ceilings(tmp_path, vectors)
    assert (found.name, found.entries) == ("memo", 4)
    assert found.duplicates.planted == found.duplicates.seen == 1
    assert (found.conflicts.planted, found.conflicts.seen) == (2, 1)
    assert found.missed == (("ports.md:3", "network.md"),)
    assert {file.name for file in root.iterdir()} == set(FILES), "the look wrote into the directory"


def test_a_folder_without_truth_files_is_refused(tmp_path: Path, vectors: Vectors) -> None:
    with pytest.raises(UsageError, match=r"truth\.json"):
        ceilings(tmp_path, vectors)


def test_reaches_add_up() -> None:
    assert Reach(3, 2, 1) + Reach(1, 1, 0) == Reach(4, 3, 1)
