from pathlib import Path

import pytest

from bench.speed.generate import generate
from bench.speed.measure import Home
from bench.speed.processes import FailedError, environment, python
from bench.speed.stages import STAGES
from bench.speed.texts import texts
from tests.conftest import share_models

PROGRAM_WITH_STEPS = """
import json, os, time
pipe = int(os.environ["KAIROS_PROGRESS_FD"])
for stage, done in (("read", 0), ("read", 1)):
    os.write(pipe, json.dumps({"stage": stage, "done": done, "of": 1}).encode() + b"\\n")
kept = bytearray(60_000_000)
print("done")
"""


def test_a_process_is_measured_to_its_end(tmp_path: Path) -> None:
    cost = python(["-c", PROGRAM_WITH_STEPS], environment(tmp_path))
    assert cost.output == b"done\n"
    assert cost.peak_mb > 57
    assert cost.wall > 0
    assert cost.cpu > 0
    assert list(cost.stages) == ["start", "read", "parse"]
    assert sum(cost.stages.values()) == pytest.approx(cost.wall)


def test_a_failed_process_is_reported_with_its_error(tmp_path: Path) -> None:
    with pytest.raises(FailedError, match="ended with 7") as caught:
        python(["-c", "import sys; print('no luck', file=sys.stderr); sys.exit(7)"], environment(tmp_path))
    assert "no luck" in str(caught.value)
    assert python(["-c", "import sys; sys.exit(3)"], environment(tmp_path), fine=(0, 3)).output == b""


def test_the_environment_has_its_own_home(tmp_path: Path) -> None:
    told = python(
        ["-c", "import os, kairos; print(os.environ['HOME'], kairos.__file__)"], environment(tmp_path)
    )
    home, package = told.output.decode().split()
    assert home == str(tmp_path)
    assert Path(package).parents[1] == Path(__file__).parents[4]


def test_texts_are_those_of_the_generated_entries(tmp_path: Path) -> None:
    made = generate(tmp_path, 30)
    assert len(texts(tmp_path)) == 30 == sum(len(note.entries) for note in made)


def test_a_home_forgets_everything_but_compiled_models(tmp_path: Path) -> None:
    home, other = Home(tmp_path / "one"), Home(tmp_path / "other")
    for file in ("state/kairos/state.db", "cache/kairos/vectors.db", "cache/kairos/indexes/one.faiss"):
        (home.path / file).parent.mkdir(parents=True, exist_ok=True)
        (home.path / file).touch()
    model = home.path / "cache/kairos/models/abc/model.onnx"
    model.parent.mkdir(parents=True)
    model.touch()
    home.forget()
    assert [path for path in home.path.rglob("*") if path.is_file()] == [model]
    other.take_models(home)
    assert (other.path / "cache/kairos/models/abc/model.onnx").is_file()


@pytest.mark.model
def test_a_dream_is_measured_by_stage(tmp_path: Path, compiled_models: Path) -> None:
    share_models(tmp_path / "cache", compiled_models)
    home = Home(tmp_path)
    generate(home.root, 12)
    cost = home.dream()
    assert set(cost.stages) <= set(STAGES)
    assert {"start", "read", "parse", "embed", "pair", "plan"} <= set(cost.stages)
