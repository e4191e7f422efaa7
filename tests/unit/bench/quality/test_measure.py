"""The whole benchmark on a few made-up pairs, with the real embedding model."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bench.quality.__main__ import main
from bench.quality.gold import GoldPair, Label
from bench.quality.measure import brier, calibrations
from bench.quality.score import Chances, Verdict
from bench.tables import Table, markdown
from kairos.model import Action, Relation

PAIRS = [
    ("duplicate", "Deploys go out on Fridays.", "Deploys go out on fridays"),
    ("duplicate", "Tests are run with pytest.", "We run the tests with pytest."),
    ("contains", "The cache lives in Redis. It is flushed nightly.", "The cache lives in Redis."),
    ("contradiction", "The API listens on port 8080.", "The API listens on port 9090."),
    ("update", "Releases are cut by Imogen.", "Since May releases are cut by Rupert."),
    ("related", "Backups of staging run at 02:00.", "Backups of production run at 04:00."),
    ("unrelated", "Prefer tabs.", "The invoice is due on Monday."),
    ("stale", "Remove this after the move.", "We moved."),
]


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    file = tmp_path / "gold.jsonl"
    rows = [
        {"id": f"{label}-{copy}", "a": a, "b": b, "label": label, "kind": "lang-de" if copy else "port"}
        for copy in (0, 1)
        for label, a, b in PAIRS
    ]
    file.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return file


@pytest.mark.model
def test_one_command_measures_everything(gold: Path, home: Path) -> None:
    none = str(home / "no-model")
    ran = CliRunner().invoke(main, [str(gold), "--json", "--folds", "2", "--judge-model", none])
    assert ran.exit_code == 0, ran.output
    found = json.loads(ran.stdout)["files"][0]
    assert found["gold"] == {"name": "gold.jsonl", "pairs": 14, "aside": {"stale": 2}}
    assert found["systems"]["tiers 1–2"]["unattended"]["precision"] == 1.0
    assert found["merged"]["-1.0"]["unattended"]["called"] == 14
    assert found["flagged"]["-1.0"]["conflict"]["recall"] == 1.0
    assert {"SemHash 0.9", "paraphrase mining ≥ 0.9"} <= set(found["systems"])
    assert len(found["folds"]["cosine"]["folds"]) == 2
    assert set(found["slices"]["tiers 1–2"]["language"]) == {"en", "de"}
    assert found["foremost"] == "tiers 1–2"
    assert "The judge model is left out" in ran.stderr
    assert "Redis" not in ran.stdout, "texts of gold pairs are not for figures"


@pytest.mark.model
@pytest.mark.parametrize("form", [[], ["--markdown"]])
def test_tables_are_printed(gold: Path, home: Path, form: list[str]) -> None:
    none = str(home / "no-model")
    ran = CliRunner().invoke(main, [str(gold), "--folds", "2", "--judge-model", none, *form])
    assert ran.exit_code == 0, ran.output
    for title in ("thresholds as they come", "cosine alone", "chance of conflict", "by language", "fold 2"):
        assert title in ran.stdout
    assert "The judge model is left out" in ran.stderr


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "Name a file"),
        (["--folds", "1", "GOLD"], "nothing to choose on"),
        (["no.jsonl"], "does not exist"),
    ],
)
def test_an_invalid_command_line_is_refused(gold: Path, arguments: list[str], complaint: str) -> None:
    ran = CliRunner().invoke(main, [str(gold) if word == "GOLD" else word for word in arguments])
    assert ran.exit_code == 2
    assert complaint in ran.stderr


def test_an_invalid_gold_file_is_reported_in_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "gold.jsonl"
    file.write_text("no json", "utf-8")
    ran = CliRunner().invoke(main, [str(file)])
    assert ran.exit_code == 1
    assert "gold.jsonl, line 1 is no gold pair" in ran.stderr
    assert "Traceback" not in ran.output


def test_pairs_without_chances_are_left_out_of_the_calibration() -> None:
    pairs = [GoldPair("1", "", "", Label.DUPLICATE), GoldPair("2", "", "", Label.RELATED)]
    certain = Verdict(Relation.SAME, Action.MERGE)
    weighed = Verdict(Relation.DISTINCT, Action.NONE, chances=Chances(0.1, 0.2, 0.7))
    found = calibrations(pairs, [certain, weighed])
    assert {calibration.pairs for calibration in found.values()} == {1}
    assert brier(pairs, [certain, weighed]) == pytest.approx(0.1**2 + 0.2**2 + 0.3**2)
    assert brier(pairs, [certain, certain]) is None


def test_markdown_tables_survive_bars_in_cells() -> None:
    table = Table("Kinds", ("kind", "pairs"), (("a|b", "3"),))
    assert markdown(table).splitlines() == [
        "**Kinds**",
        "",
        "| kind | pairs |",
        "| --- | ---: |",
        "| a\\|b | 3 |",
    ]
