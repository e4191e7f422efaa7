"""What a dream does to a labelled directory is counted by its truth."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from bench.directories import main
from bench.labelled import read_labelled

TRAINING = Path(__file__).parents[3] / "training"
OURS = sorted(
    file
    for folder in ("directories", "untouched", "placed/natural", "placed/dense")
    for file in (TRAINING / folder).glob("*.json")
)
BULLETS = [
    "The spare key of the shed hangs on the nail behind the door.",
    "The nail behind the door is where the spare key of the shed hangs.",
    "The boiler listens on port 8080.",
    "The boiler listens on port 9090.",
    "Until 2026-03-01 the gate stays open.",
    "Robin waters the ferns on Mondays.",
    "Sascha waters the cacti on Fridays.",
]


def directory(tmp_path: Path) -> Path:
    key, other_key, port, other_port, gate, ferns, cacti = (
        {"file": "MEMORY.md", "text": text} for text in BULLETS
    )
    file = tmp_path / "garden.json"
    record = {
        "name": "garden",
        "today": "2026-06-01",
        "files": {"MEMORY.md": "".join(f"- {text}\n" for text in BULLETS)},
        "duplicate_groups": [[key, other_key]],
        "contradictions": [{"a": port, "b": other_port, "newer": "unknown"}],
        "stale": [gate],
        "traps": [[ferns, cacti]],
        "must_keep": [{**ferns, "facts": ["Robin"]}],
        "index": {"broken": [], "missing": [], "duplicated": []},
    }
    file.write_text(json.dumps(record), "utf-8")
    return file


@pytest.mark.model
def test_a_dream_is_scored_by_what_was_planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", os.environ.get("OMP_NUM_THREADS", "1"))
    done = CliRunner().invoke(main, [str(directory(tmp_path)), "--json"])
    assert done.exit_code == 0, done.output
    score = json.loads(done.stdout)["all"]
    assert (score["duplicates"], score["conflicts"], score["stale"]) == (1, 1, 1)
    assert (score["conflicts_found"], score["flags_right"], score["flags"]) == (1, 1, 1)
    assert score["stale_removed"] == 1
    assert [score[name] for name in ("traps_merged", "traps_flagged", "facts_lost", "groups_lost")] == [0] * 4


def test_the_planted_pairs_of_a_directory_are_known_by_kind(tmp_path: Path) -> None:
    (garden,) = read_labelled([directory(tmp_path)])
    assert [(kind, a["text"], b["text"]) for kind, a, b in garden.pairs()] == [
        ("duplicate", *BULLETS[:2]),
        ("conflict", *BULLETS[2:4]),
    ]
    garden.write_to(tmp_path / "root")
    assert (tmp_path / "root" / "MEMORY.md").read_text("utf-8").count("\n") == len(BULLETS)


@pytest.mark.parametrize("file", OURS, ids=lambda file: file.stem)
def test_every_planted_text_of_our_directories_is_in_its_file(file: Path) -> None:
    (one,) = read_labelled([file])
    planted = [text for _, *pair in one.pairs() for text in pair]
    planted += [text for trap in one.traps for text in trap] + list(one.stale)
    assert planted
    for text in planted:
        assert (text["text"] or "") in one.files[str(text["file"])]
