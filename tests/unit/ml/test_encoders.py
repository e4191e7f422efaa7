"""Choosing an encoder: the model is compiled once, repaired if damaged, and runs uncompiled if it cannot be kept."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copytree

import pytest

from kairos.config.model_cache import unused_models
from kairos.ml import file_checksums
from kairos.ml.compiled import NETWORK, SETTINGS, TOKENIZER, Compiled, CompiledEncoder, versions
from kairos.ml.encoder import SentenceTransformerEncoder
from kairos.ml.encoders import _multiplies_bytes, find_encoder
from kairos.ml.file_checksums import checksum
from kairos.ml.model_files import ModelFiles, find_model

ROOT = Path(__file__).parents[3]
_PROGRAM = """
import sys
from pathlib import Path
from kairos.ml.encoders import find_encoder
from kairos.ml.model_files import find_model
found = find_encoder(find_model(path=Path(sys.argv[1])), Path(sys.argv[2]), lambda done, of: print("told"))
print(type(found.encoder).__name__, *found.notices)
print(found.encoder.encode(["a kiln"]).tobytes().hex())
print([name for name in ("torch", "transformers", "sentence_transformers", "onnx") if name in sys.modules])
"""


@pytest.fixture(scope="module")
def files(tiny_model: Path) -> ModelFiles:
    return find_model(path=tiny_model)


@pytest.fixture(scope="module")
def compiled_tiny(files: ModelFiles, tmp_path_factory: pytest.TempPathFactory) -> Path:
    models = tmp_path_factory.mktemp("models")
    find_encoder(files, models)
    return models


@pytest.fixture
def models(compiled_tiny: Path, tmp_path: Path) -> Path:
    """A cache in which the tiny model is compiled."""
    return copytree(compiled_tiny, tmp_path / "models")


def folder_in(models: Path) -> Path:
    (found,) = (path for path in models.iterdir() if path.is_dir())
    return found


def run(model: Path, models: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(model), str(models)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_a_model_is_compiled_once_and_torch_is_never_imported(tiny_model: Path, tmp_path: Path) -> None:
    first, second = run(tiny_model, tmp_path / "m"), run(tiny_model, tmp_path / "m")
    assert first[:3] == ["told", "told", "CompiledEncoder"]
    assert second == first[2:]
    assert second[-1] == "[]"
    # Checksums of files written a moment ago are not remembered yet, so known.json may be missing.
    assert {path.suffix for path in (tmp_path / "m").iterdir()} - {".json"} == {"", ".lock"}


def test_two_processes_compile_once(tiny_model: Path, tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(lambda _: run(tiny_model, tmp_path / "m"), range(2))
    assert one[-2:] == other[-2:]
    assert sorted(line.count("told") for line in ("".join(one), "".join(other))) == [0, 2]


def test_a_damaged_model_is_compiled_again(files: ModelFiles, models: Path) -> None:
    network = folder_in(models) / NETWORK
    whole = network.read_bytes()
    network.write_bytes(whole[: len(whole) // 2])
    found = find_encoder(files, models)
    assert (type(found.encoder), found.notices) == (CompiledEncoder, ())
    assert network.read_bytes() == whole


@pytest.mark.parametrize("text", ["", "[]", '{"kind": "int8", "other": 1}', "{" * 10])
def test_damaged_settings_are_written_again(files: ModelFiles, models: Path, text: str) -> None:
    note = folder_in(models) / SETTINGS
    whole = note.read_text("utf-8")
    note.write_text(text, "utf-8")
    assert find_encoder(files, models).notices == ()
    assert json.loads(note.read_text("utf-8")) == json.loads(whole)


def test_the_original_runs_if_nothing_can_be_kept(files: ModelFiles, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    found = find_encoder(files, tmp_path / "file" / "models")
    assert isinstance(found.encoder, SentenceTransformerEncoder)
    (notice,) = found.notices
    assert "cannot be kept" in notice
    assert "set cache_dir" in notice


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_compiled_model_in_a_read_only_cache_is_used(files: ModelFiles, models: Path) -> None:
    models.chmod(0o500)
    assert find_encoder(files, models).notices == ()


def test_a_model_that_cannot_be_compiled_is_tried_once(files: ModelFiles, models: Path) -> None:
    Compiled("none", reason="no such operator", versions=versions()).write(folder_in(models))
    found = find_encoder(files, models, lambda *_: pytest.fail("compiled again"))
    assert isinstance(found.encoder, SentenceTransformerEncoder)
    assert "no such operator" in found.notices[0]
    assert found.is_final


def test_using_a_compiled_model_renews_its_age(files: ModelFiles, models: Path) -> None:
    folder, now = folder_in(models), datetime.now(UTC)
    os.utime(folder, (0, 0))
    assert unused_models(models.parent, now) == (folder,)
    assert find_encoder(files, models).notices == ()
    assert unused_models(models.parent, now) == ()
    assert unused_models(models.parent, now + timedelta(days=29)) == ()
    assert unused_models(models.parent, now + timedelta(days=31)) == (folder,)


def test_a_compiled_model_is_verified_again_only_after_a_change(
    files: ModelFiles, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = folder_in(models) / NETWORK
    for file in network.parent.iterdir():
        os.utime(file, (0, 0))
    find_encoder(files, models)
    read: list[Path] = []

    def noted(file: Path) -> str:
        read.append(file)
        return checksum(file)

    monkeypatch.setattr(file_checksums, "checksum", noted)
    find_encoder(files, models)
    assert read == []
    os.utime(network, (1, 1))
    assert find_encoder(files, models).notices == ()
    assert read == [network]


@pytest.mark.parametrize("other", [None, {}, {"torch": "1.0"}])
def test_with_another_torch_a_model_is_tried_again(
    files: ModelFiles, models: Path, other: dict[str, str] | None
) -> None:
    Compiled("none", reason="no such operator", versions=other).write(folder_in(models))
    found = find_encoder(files, models)
    assert (type(found.encoder), found.notices) == (CompiledEncoder, ())


@pytest.mark.parametrize("most", [1_000, 20_000])
def test_a_full_disk_is_not_recorded_as_a_fault_of_the_model(
    tiny_model: Path, tmp_path: Path, most: int
) -> None:
    program = (
        "import resource, runpy, sys\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({most}, {most}))\n"
        "sys.argv = ['compile', *sys.argv[1:]]\n"
        "runpy.run_module('kairos.ml.compile', run_name='__main__', alter_sys=True)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tiny_model), "16", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "Traceback" in done.stderr, (tmp_path / SETTINGS).exists()) == (1, False, False)


def test_each_compilation_uses_its_own_folder(files: ModelFiles, models: Path) -> None:
    folder = folder_in(models)
    left = folder.with_name(f"{folder.name}.part-of-one-who-was-killed")
    folder.rename(left)
    with (left / "late").open("w", encoding="utf-8") as orphan:
        assert find_encoder(files, models).notices == ()
        orphan.write("still compiling")
    assert not left.exists()
    assert sorted(path.name for path in folder.iterdir()) == sorted((NETWORK, SETTINGS, TOKENIZER))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory away")
def test_root_leaves_no_model_in_the_cache_of_another_user(files: ModelFiles, tmp_path: Path) -> None:
    os.chown(tmp_path, 12345, 12345)
    found = find_encoder(files, tmp_path / "cache" / "models")
    assert isinstance(found.encoder, SentenceTransformerEncoder)
    assert "belongs to another user" in found.notices[0]
    assert list(tmp_path.iterdir()) == []


def test_the_byte_multiplication_of_a_processor_is_detected(tmp_path: Path) -> None:
    processor = tmp_path / "cpuinfo"
    assert _multiplies_bytes(processor) == "unknown"
    processor.write_text("model name\t: x\n", encoding="ascii")
    assert _multiplies_bytes(processor) == "unknown"
    processor.write_text("flags\t\t: fpu avx2 avx512f\n", encoding="ascii")
    assert _multiplies_bytes(processor) == "no"
    processor.write_text("flags\t\t: fpu avx2 avx_vnni\n", encoding="ascii")
    assert _multiplies_bytes(processor) == "yes"


def test_a_broken_model_gives_one_notice(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"hidden_size": 8, "model_type": "bert"}', encoding="utf-8")
    (tmp_path / "model.safetensors").write_bytes(b"no tensors")
    found = find_encoder(find_model(path=tmp_path), tmp_path / "models")
    assert isinstance(found.encoder, SentenceTransformerEncoder)
    assert "was not compiled (The model in" in found.notices[0]
    assert not [path for path in (tmp_path / "models").iterdir() if path.is_dir()]
