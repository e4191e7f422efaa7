from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest

from kairos.errors import ModelError
from kairos.ml.hub_judge import HubJudge
from kairos.ml.judges import find_judge
from kairos.ml.onnx_judge import PACKAGED, OnnxJudge

LABELS = ("contradiction", "entailment", "neutral")


@pytest.mark.skipif(
    not (PACKAGED / "config.json").is_file(), reason="the judge model is not in this checkout"
)
def test_the_shipped_model_is_the_default() -> None:
    assert find_judge(None).fingerprint == OnnxJudge().fingerprint


def test_a_directory_in_our_format_gives_an_onnx_judge(tiny_judge: Path) -> None:
    judge = find_judge(str(tiny_judge))
    assert isinstance(judge, OnnxJudge)
    assert judge.name == str(tiny_judge)


def test_a_directory_of_a_cross_encoder_gives_a_hub_judge(make_cross_encoder: Callable[..., Path]) -> None:
    judge = find_judge(str(make_cross_encoder(*LABELS)))
    assert isinstance(judge, HubJudge)
    assert len(judge.opinions([("kiln", "oven")])) == 1


def test_a_missing_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="There is no directory"):
        find_judge(str(tmp_path / "missing"))


def test_a_name_in_the_hub_cache_gives_a_hub_judge(
    make_cross_encoder: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = make_cross_encoder(*LABELS)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", lambda *_, **__: str(directory))
    judge = find_judge("owner/model")
    assert (type(judge), judge.name) == (HubJudge, "owner/model")


@pytest.mark.parametrize("name", ["owner/model", "a--b..c"])
def test_an_uncached_model_is_not_downloaded_without_permission(name: str) -> None:
    with pytest.raises(ModelError, match=f"judge model {name} is not on this machine") as raised:
        find_judge(name)
    assert "model.allow_download" in raised.value.advice


def test_an_uncached_model_is_downloaded_with_permission(
    make_cross_encoder: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = make_cross_encoder(*LABELS)

    def download(_: str, *, local_files_only: bool = False, **__: Any) -> str:
        if local_files_only:
            raise huggingface_hub.errors.LocalEntryNotFoundError("not here")
        return str(directory)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    assert find_judge("owner/model", allow_download=True).name == "owner/model"
