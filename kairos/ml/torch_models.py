"""Load sentence-transformers models without network access or noise, and with a set number of threads."""

from __future__ import annotations

import logging
import mmap
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from kairos.errors import ModelError

M = TypeVar("M")


def load_offline(make: Callable[[], M], directory: Path, *, threads: int, advice: str) -> M:
    """Return the model that `make` reads from `directory`. Raises ModelError."""
    # The model is a local directory by now: nothing below may access the network.
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    try:
        with silence():
            from transformers.utils import logging as transformers_logging  # noqa: PLC0415 - takes seconds

            transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
            model = make()
    except Exception as error:  # three libraries, each with its own exceptions
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise ModelError(f"The model in {directory} cannot be loaded: {reason}", advice) from error
    _configure_torch(threads)
    return model


@contextmanager
def silence() -> Iterator[None]:
    """Keep the libraries' warnings and log messages off the user's terminal."""
    loggers = [logging.getLogger(name) for name in ("transformers", "sentence_transformers")]
    levels = [logger.level for logger in loggers]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        try:
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)


def _configure_torch(threads: int) -> None:
    import torch  # noqa: PLC0415 - takes seconds

    torch.set_num_threads(threads)
    if not may_run_own_code():
        # oneDNN generates machine code and fails outright where that is forbidden; torch works without it.
        torch.backends.mkldnn.set_flags(False)  # type: ignore[no-untyped-call]


def may_run_own_code() -> bool:
    """Whether this process may generate and run machine code: the sandbox of a service forbids it."""
    try:
        mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC).close()
    except OSError:
        return False
    return True
