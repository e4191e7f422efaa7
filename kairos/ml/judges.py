"""Models that judge pairs of texts: their protocol, and how to find the configured one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from kairos.errors import ModelError
from kairos.ml.hub_judge import ADVICE, HubJudge
from kairos.ml.model_files import directory_from_hub
from kairos.ml.onnx_judge import OnnxJudge
from kairos.model import Opinion


class JudgeModel(Protocol):
    """A model that has an opinion on a pair of texts. Equal fingerprints mean equal opinions."""

    @property
    def name(self) -> str:
        """The model's name, as shown to people."""

    @property
    def fingerprint(self) -> str:
        """A string that changes with the model's weights and settings."""

    def load(self) -> None:
        """Load what the first question would wait for, or start to, if that does not take long. Raises ModelError."""

    def opinions(
        self, pairs: Sequence[tuple[str, str]], progress: Callable[[int, int], None] | None = None
    ) -> list[Opinion]:
        """Return the model's opinion on each pair, which does not depend on the other pairs.

        Exchanged texts give the mirrored opinion. `progress` is called with (pairs done, all pairs).
        """

    def unload(self) -> None:
        """Release the model; the next pair loads it again."""


def find_judge(model: str | None = None, *, allow_download: bool = False) -> JudgeModel:
    """Return the judge model that Kairos ships, or `model`: a directory, or a name on the Hugging Face hub.

    A directory is given as an absolute path; one with a `model.onnx` holds a model of the kind that Kairos ships. A
    name is looked up in the local cache and fetched only with `allow_download`. Raises ModelError.
    """
    if model is None:
        return OnnxJudge()
    if not model.startswith("/"):
        hub = directory_from_hub(model, "judge", allow_download=allow_download, advice=ADVICE)
        return HubJudge(hub, name=model)
    directory = Path(model)
    if not directory.is_dir():
        raise ModelError(f"There is no directory {directory} for the judge model.", ADVICE)
    return OnnxJudge(directory) if (directory / "model.onnx").is_file() else HubJudge(directory)
