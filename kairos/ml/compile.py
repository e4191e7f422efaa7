"""Compile an embedding model: `python -m kairos.ml.compile MODEL DIMENSION FOLDER`, run as a child process.

The model is traced and written as ONNX, quantised to integers if that leaves the vectors close enough to the original's
on texts of all kinds. Compiling needs torch; running the result does not.
"""

from __future__ import annotations

import sys
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from kairos.ml.compiled import NETWORK, TOKENIZER, Compiled, CompiledEncoder, session, versions
from kairos.ml.encoder import SentenceTransformerEncoder, Vectors
from kairos.ml.file_checksums import checksum
from kairos.ml.model_files import ModelFiles
from kairos.ml.probes import PROBES
from kairos.ml.quantise import channel_maxima, expose_inputs, quantise
from kairos.ml.torch_models import silence

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

MIN_COSINE = 0.99
"""The lowest cosine to the original that a compiled model may have."""
_OPSET = 17
_TRACED_SHAPE = (2, 7)  # shape of the input that is traced: arbitrary, as both axes stay dynamic

_KINDS = (("int8", 8), ("int7", 7), ("fp32", None))
"""Kinds of network with the bits of their weights, in the order in which they are tried."""


def compile_model(files: ModelFiles, folder: Path) -> Compiled:
    """Compile the model into the empty `folder`, and return the record written there.

    The record says that a model cannot be compiled only if the model itself is the reason. Any other failure may be
    gone next time and is raised, as whichever exception of three libraries it is.
    """
    reference = SentenceTransformerEncoder(files)
    wanted = reference.encode(PROBES)
    try:
        with silence(), TemporaryDirectory(dir=folder) as scratch:
            compiled = _compile(reference.model, files, wanted, folder, Path(scratch))
    except Exception as error:
        if not _is_permanent(error):
            raise
        compiled = Compiled("none", reason=_message(error), versions=versions())
    if compiled.kind == "none":
        for name in (NETWORK, TOKENIZER):
            (folder / name).unlink(missing_ok=True)
    compiled.write(folder)
    return compiled


def _compile(
    model: SentenceTransformer, files: ModelFiles, wanted: Vectors, folder: Path, scratch: Path
) -> Compiled:
    _write_tokenizer(model, folder / TOKENIZER)
    _write_network(model, scratch / "traced.onnx")
    session(scratch / "traced.onnx", optimised=scratch / "whole.onnx")
    largest = _largest_activations(scratch, folder / TOKENIZER)
    lowest = -1.0
    for kind, bits in _KINDS:
        if bits is None:
            copyfile(scratch / "whole.onnx", folder / NETWORK)
        else:
            quantise(scratch / "whole.onnx", folder / NETWORK, largest, bits=bits)
        found = CompiledEncoder(files, folder, Compiled(kind, alone=True)).encode(PROBES)
        lowest = float(np.nan_to_num((found * wanted).sum(axis=1), nan=-1).min())
        if lowest >= MIN_COSINE:
            together = CompiledEncoder(files, folder, Compiled(kind)).encode([*PROBES, *PROBES])
            alone = bits is None or together.tobytes() != np.concatenate([found, found]).tobytes()
            sums = {name: checksum(folder / name) for name in (NETWORK, TOKENIZER)}
            return Compiled(kind, alone=alone, lowest=round(lowest, 5), sha256=sums)
    reason = f"its vectors would differ: cosine {lowest:.3f} to the original"
    return Compiled("none", reason=reason, versions=versions())


def _is_permanent(error: Exception) -> bool:
    """Whether the error comes from the model's structure, which cannot be exported or run: it would fail again."""
    from onnxruntime.capi import onnxruntime_pybind11_state as runtime  # noqa: PLC0415 - only when a model is compiled
    from torch.onnx.errors import OnnxExporterError  # noqa: PLC0415 - as above

    of_python = (AttributeError, KeyError, TypeError, NotImplementedError)
    return isinstance(error, (*of_python, OnnxExporterError, runtime.InvalidGraph, runtime.NotImplemented))


def _message(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0] or type(error).__name__


def _largest_activations(scratch: Path, words: Path) -> dict[str, Vectors]:
    """Return the largest activation of each channel on the probes, by the name of the output."""
    from tokenizers import Tokenizer  # noqa: PLC0415 - only when a model is compiled

    names = expose_inputs(scratch / "whole.onnx", scratch / "shown.onnx")
    texts = [encoding.ids for encoding in Tokenizer.from_file(str(words)).encode_batch_fast(list(PROBES))]
    return channel_maxima(session(scratch / "shown.onnx"), names, texts)


def _write_tokenizer(model: SentenceTransformer, file: Path) -> None:
    """Write the tokenizer, set to truncate a text where the model stops reading."""
    tokenizer = model.tokenizer.backend_tokenizer
    tokenizer.no_padding()
    tokenizer.no_truncation()
    if model.max_seq_length is not None:
        tokenizer.enable_truncation(model.max_seq_length)
    tokenizer.save(str(file))


def _write_network(model: SentenceTransformer, file: Path) -> None:
    """Write the network from token ids to vectors of length 1: the transformer and all the modules after it.

    Uses the tracing exporter: the newer one (torch 2.13) wrote a network whose output differed.
    """
    import torch  # noqa: PLC0415 - only when a model is compiled

    transformer, *others = model.children()
    network: Any = transformer.auto_model
    if choose := getattr(network, "set_attn_implementation", None):
        choose("eager")  # plain matrix products, which the runtime can run

    class Encoding(torch.nn.Module):  # type: ignore[misc,unused-ignore]
        """Maps token ids (texts, tokens) to vectors, without masking any token."""

        def __init__(self) -> None:
            super().__init__()
            self.parts = torch.nn.ModuleList([network, *others])

        def forward(self, ids: torch.Tensor) -> torch.Tensor:
            tokens = network(input_ids=ids)[0]
            # Append a text of zeros: the runtime sums the tokens of a single text in another order than of several.
            tokens = torch.cat([tokens, torch.zeros_like(tokens[:1])])
            features = {"token_embeddings": tokens, "attention_mask": torch.ones_like(tokens[..., 0]).long()}
            for part in others:
                features = part(features)
            return torch.nn.functional.normalize(features["sentence_embedding"][:-1], dim=-1)

    torch.onnx.export(
        Encoding().eval(),
        (torch.ones(_TRACED_SHAPE, dtype=torch.long),),
        str(file),
        input_names=["ids"],
        output_names=["vectors"],
        dynamic_axes={"ids": {0: "texts", 1: "tokens"}, "vectors": {0: "texts"}},
        dynamo=False,
        opset_version=_OPSET,
    )


def main(arguments: list[str]) -> int:
    """Compile, and return the exit status; an error is one line on stderr."""
    directory, dimension, folder = arguments
    try:
        compile_model(ModelFiles(directory, Path(directory), "", int(dimension)), Path(folder))
    except Exception as error:  # noqa: BLE001 - three libraries, each with its own ways to fail
        print(_message(error), file=sys.stderr)  # noqa: T201 - the parent reads it
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
