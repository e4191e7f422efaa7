"""Use any cross-encoder for natural language inference as a judge, run by sentence-transformers on the CPU."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kairos.errors import ModelError
from kairos.ml.encodable import encodable
from kairos.ml.model_files import fingerprint_of, has_weights
from kairos.ml.sides import canonical_order, oriented_as
from kairos.ml.threads import usable_cores
from kairos.ml.torch_models import load_offline, silence
from kairos.model import Opinion

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

ADVICE = (
    "Set judge.model to the directory or the hub name of a cross-encoder for natural language inference "
    "(cross-encoder/nli-deberta-v3-base, for example; model.allow_download lets Kairos fetch it), "
    "or to null for the model that Kairos ships."
)
_LABELS = {"entail": "entailment", "neutral": "neutral", "contradict": "contradiction"}


class Inference(NamedTuple):
    """Chances, 0…1, that a text entails another one, says nothing about it, or contradicts it."""

    entailment: float
    neutral: float
    contradiction: float


class HubJudge:
    """The model in `directory`; torch is imported and the weights are loaded with the first pair.

    Each pair is read alone, in both directions: an opinion does not depend on what else is asked. Raises ModelError if
    there is no model, or its labels are not entailment, neutral and contradiction.
    """

    def __init__(self, directory: Path, name: str = "") -> None:
        self._directory = directory
        self.name = name or str(directory)
        self._order = _order_of_labels(directory, self.name)
        try:
            self.fingerprint = fingerprint_of(directory)
        except OSError as error:
            raise ModelError(f"The judge model in {directory} cannot be read: {error}.", ADVICE) from error

    def load(self) -> None:
        """Do nothing: loading takes seconds, and most dreams ask nothing."""

    def opinions(
        self, pairs: Sequence[tuple[str, str]], progress: Callable[[int, int], None] | None = None
    ) -> list[Opinion]:
        """Return the model's opinion on each pair; exchanged texts give the mirrored opinion."""
        found = []
        for done, (a, b) in enumerate(pairs, start=1):
            found.append(oriented_as(self._opinion(*canonical_order(a, b)), a, b))
            if progress is not None:
                progress(done, len(pairs))
        return found

    def unload(self) -> None:
        """Release the model; the next pair loads it again."""
        vars(self).pop("_model", None)

    def _opinion(self, a: str, b: str) -> Opinion:
        a, b = encodable(a), encodable(b)
        with silence():
            forward, backward = self._model.predict(
                [(a, b), (b, a)], show_progress_bar=False, apply_softmax=True
            )
            tokens = self._model.tokenizer(a, b, truncation=False)["input_ids"]
        whole = len(tokens) <= (self._model.max_seq_length or len(tokens))
        return opinion_of(self._inference(forward), self._inference(backward), whole=whole)

    def _inference(self, chances: Sequence[float]) -> Inference:
        return Inference(*(float(chances[place]) for place in self._order))

    @cached_property
    def _model(self) -> CrossEncoder:
        def load() -> CrossEncoder:
            from sentence_transformers import CrossEncoder  # noqa: PLC0415 - takes seconds

            model: CrossEncoder = CrossEncoder(str(self._directory), device="cpu", local_files_only=True)
            return model

        return load_offline(load, self._directory, threads=usable_cores(), advice=ADVICE)


def opinion_of(forward: Inference, backward: Inference, *, whole: bool = True) -> Opinion:
    """Return the opinion that follows from the inferences of `a` → `b` and `b` → `a`, taken as independent.

    `conflict` is the mean of both contradictions. `distinct` is the rest: neutral both ways, and what the mean leaves
    of a contradiction in one direction only. The chances add up to one.
    """
    same = forward.entailment * backward.entailment
    a_contains_b = forward.entailment * backward.neutral
    b_contains_a = forward.neutral * backward.entailment
    conflict = (forward.contradiction + backward.contradiction) / 2
    distinct = max(0.0, 1 - same - (a_contains_b + b_contains_a) - conflict)
    return Opinion(same, a_contains_b, b_contains_a, conflict, distinct, whole=whole)


def _order_of_labels(directory: Path, name: str) -> tuple[int, ...]:
    """Return the positions of entailment, neutral and contradiction in the model's output. Raises ModelError."""
    try:
        if not has_weights(directory):
            raise ModelError(f"{directory} holds no model weights (model.safetensors).", ADVICE)
        config = json.loads((directory / "config.json").read_bytes())
        labels = {int(place): str(label) for place, label in config.get("id2label", {}).items()}
    except (OSError, ValueError, AttributeError, RecursionError) as error:
        raise ModelError(f"{directory} holds no judge model that Kairos can read.", ADVICE) from error
    listed = ", ".join(labels[place] for place in sorted(labels)) or "none named"
    if len(labels) != len(_LABELS):
        raise ModelError(
            f"The model {name} does not have the three labels entailment, neutral and contradiction "
            f"(it has: {listed}), so it cannot judge pairs of notes.",
            ADVICE,
        )
    meant = {_meaning(label): place for place, label in labels.items()}
    if set(meant) != set(_LABELS.values()) or set(labels) != {0, 1, 2}:
        raise ModelError(
            f"The model {name} does not say which of its labels ({listed}) are entailment, neutral and contradiction.",
            ADVICE,
        )
    return tuple(meant[label] for label in Inference._fields)


def _meaning(label: str) -> str:
    letters = "".join(filter(str.isalpha, label.casefold()))
    return next((meaning for start, meaning in _LABELS.items() if letters.startswith(start)), "")
