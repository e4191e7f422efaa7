"""How the networks that Kairos runs are loaded by ONNX Runtime, which is imported with the first of them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onnxruntime import InferenceSession, SessionOptions

_SLOW_FUSIONS = {"SkipLayerNormFusion", "BiasGeluFusion"}
"""Optimisations that are switched off: on a CPU the result is several times slower than the nodes it replaces."""


def session_options() -> SessionOptions:
    """Return options for a network that uses one thread in a run; callers run several at a time."""
    # Without this the runtime sends telemetry to its maker and leaves an identifier in the home directory.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime  # noqa: PLC0415 - only when a text or pair is new

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return options


def open_session(network: Path, options: SessionOptions) -> InferenceSession:
    """Load a network on the CPU. Raises whatever ONNX Runtime raises."""
    import onnxruntime  # noqa: PLC0415 - only when a text or pair is new

    return onnxruntime.InferenceSession(
        str(network), options, providers=["CPUExecutionProvider"], disabled_optimizers=_SLOW_FUSIONS
    )
