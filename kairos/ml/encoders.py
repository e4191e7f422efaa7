"""Choose the encoder of a model: the compiled one, or the original where that cannot be had."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kairos.config.model_cache import mark_used
from kairos.config.owned import make_private_directory
from kairos.ml.compiled import (
    COMPILER,
    NETWORK,
    SETTINGS,
    TOKENIZER,
    Compiled,
    CompiledEncoder,
    DamagedModelError,
    version_of,
    versions,
)
from kairos.ml.encoder import Encoder, Progress, SentenceTransformerEncoder
from kairos.ml.file_checksums import NAME as CHECKSUMS
from kairos.ml.file_checksums import FileChecksums
from kairos.ml.model_files import ModelFiles

_TIMEOUT = 900.0  # seconds; a minute is usual on a busy machine
_CHILD_COMMAND = (sys.executable, "-P", "-m", "kairos.ml.compile")


@dataclass(frozen=True, slots=True)
class ChosenEncoder:
    """An encoder, with notices about the choice for a person. `is_final`: the choice will be the same next time."""

    encoder: Encoder
    notices: tuple[str, ...] = ()
    is_final: bool = False


class CannotCompileError(Exception):
    """There is no compiled model for now; the message says why."""


def find_encoder(files: ModelFiles, models: Path, progress: Progress | None = None) -> ChosenEncoder:
    """Return the encoder of a model, compiled into a folder below `models` unless an earlier run has done so.

    Compiling takes some seconds, once; `progress` is called when it starts and when it ends. It is done in a child
    process, so that this one never loads torch. If anything fails, the original model is used and a notice says so.
    """
    folder, known = models / _key(files), FileChecksums(models / CHECKSUMS)
    try:
        compiled = _usable(folder, known) or _compile(files, folder, progress)
    except CannotCompileError as error:
        return ChosenEncoder(SentenceTransformerEncoder(files), (str(error),))
    finally:
        known.remember()
    mark_used(folder)
    if compiled.kind == "none":
        notice = (
            f"The embedding model {files.name} cannot be compiled ({compiled.reason}): it runs as it is, "
            "with the same results, but slower and with more memory."
        )
        return ChosenEncoder(SentenceTransformerEncoder(files), (notice,), is_final=True)
    return ChosenEncoder(CompiledEncoder(files, folder, compiled))


def _key(files: ModelFiles) -> str:
    """Return a folder name for all that decides what a model is compiled to, the runtime and processor included."""
    parts = (files.fingerprint, COMPILER, version_of("onnxruntime"), _multiplies_bytes(Path("/proc/cpuinfo")))
    return hashlib.sha256(" ".join(map(str, parts)).encode()).hexdigest()[:32]


def _multiplies_bytes(processor: Path) -> str:
    """Say "yes", "no" or "unknown": whether the processor has VNNI. Without it, sums of int8 products overflow."""
    try:
        told = processor.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return "unknown"
    flags = next((line.split() for line in told if line.startswith("flags")), [])
    if not flags:
        return "unknown"
    return "yes" if any(flag.endswith("_vnni") for flag in flags) else "no"


def _usable(folder: Path, known: FileChecksums | None = None) -> Compiled | None:
    """Return the record of the compiled model in `folder`; None if there is none, or it is damaged or out of date."""
    try:
        compiled = Compiled.read(folder)
        if compiled.kind != "none":
            compiled.check(folder, known)
        elif compiled.versions != versions():  # other versions may be able to compile it
            return None
    except (FileNotFoundError, DamagedModelError):
        return None
    return compiled


def _compile(files: ModelFiles, folder: Path, progress: Progress | None) -> Compiled:
    """Compile into `folder`, or wait for another process that does so. Raises CannotCompileError."""
    try:
        make_private_directory(folder.parent)
        with _locked(folder.with_name(f"{folder.name}.lock")):
            found = _usable(folder)
            if found is None:
                _report(progress, 0)
                _compile_in_child(files, folder)
                _report(progress, 1)
                found = _usable(folder)
    except OSError as error:
        raise CannotCompileError(
            f"The compiled embedding model cannot be kept in {folder.parent} ({error.strerror or error}): the model "
            "runs as it is, slower and with more memory. Check free space and permissions, or set cache_dir."
        ) from error
    if found is None:
        raise CannotCompileError(
            f"The compiled embedding model in {folder} does not read back as it was written: the model runs as it is, "
            "slower and with more memory. Check the disk, or set cache_dir."
        )
    return found


def _compile_in_child(files: ModelFiles, folder: Path) -> None:
    """Let a child process compile next to `folder`, then rename the result into place.

    Raises OSError, CannotCompileError.
    """
    # Left by a process that was killed; its compiler may still be writing.
    for left in folder.parent.glob(f"{folder.name}.part*"):
        shutil.rmtree(left, ignore_errors=True)
    half = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f"{folder.name}.part-"))
    try:
        _run_child(files, half)
        for name in (NETWORK, TOKENIZER, SETTINGS):
            _sync(half / name)
        shutil.rmtree(folder, ignore_errors=True)  # what is there is damaged or out of date
        half.rename(folder)
    finally:
        shutil.rmtree(half, ignore_errors=True)


def _run_child(files: ModelFiles, half: Path) -> None:
    command = [*_CHILD_COMMAND, str(files.directory), str(files.dimension), str(half)]
    try:
        done = subprocess.run(  # noqa: S603 - our own module
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        reason = f"it took more than {_TIMEOUT:.0f} seconds"
    else:
        if done.returncode == 0:
            return
        said = done.stderr.strip().splitlines()
        reason = said[-1] if said else f"the compiler ended with {done.returncode}"
    raise CannotCompileError(
        f"The embedding model {files.name} was not compiled ({reason}): it runs as it is, "
        "slower and with more memory. The next run tries again."
    )


def _sync(file: Path) -> None:
    """Flush a file's content to disk, before the rename gives it its name."""
    if file.exists():
        with file.open("rb") as stream:
            os.fsync(stream.fileno())


@contextmanager
def _locked(lock: Path) -> Iterator[None]:
    """Hold the lock that lets one process at a time compile this model. Raises OSError."""
    with lock.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _report(progress: Callable[[int, int], None] | None, done: int) -> None:
    if progress is not None:
        progress(done, 1)
