"""Encode examples in worker processes, and batch them as tensors."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from kairos.ml.judge_outputs import MIRRORED_NEWER, MIRRORED_RELATION, RELATIONS
from kairos.ml.pair_encoding import EncodedPair, PairEncoder
from training.families import INFERENCE_OF, MERGING, Document, Example, Family, Near, Variety
from training.selection import worth_reading

LONGEST = 320
_LONG = 192
_LONG_SHARE = 0.3  # share of longer pairs that is kept: they cost several times as much and teach no more
_CHUNKS = 32
_BUCKET = 64  # batches' worth of pairs that are sorted by length at a time

Labels = tuple[int, int, int]
"""Relation, inference and newer side, as in `Example`."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """An example encoded in both directions; inference data has only `forward`. `weight`: how many it stands for."""

    forward: EncodedPair
    backward: EncodedPair | None
    labels: Labels
    weight: float = 1.0

    @property
    def length(self) -> int:
        """Tokens of one direction; both have the same number."""
        return len(self.forward.ids)


@lru_cache(maxsize=1)
def _encoder(tokenizer: str) -> PairEncoder:
    return PairEncoder(Path(tokenizer), longest=LONGEST)


def encoded(examples: Sequence[Example], tokenizer: str, *, both: bool = True) -> list[Encoded]:
    """Encode examples; with `both`, those that have a relation are encoded in both directions."""
    encoder = _encoder(tokenizer)
    found = []
    for example in examples:
        forward, backward = encoder.encode(example.a, example.b)
        labels = (example.relation, example.inference, example.newer)
        found.append(Encoded(forward, backward if both and example.relation >= 0 else None, labels))
    return found


@dataclass(frozen=True, slots=True)
class _Job:
    """Makes one epoch's examples of some families, documents and pairs of directories: about one in `slices` of them
    all, or fewer if those that the model in `judge` knows are left out."""

    families: Sequence[Family]
    near: Near
    some: Sequence[int]
    documents: Sequence[Document]
    placed: Sequence[Example]
    seed: int
    slices: int
    both: bool
    tokenizer: str
    judge: Path | None

    def run(self) -> list[Encoded]:
        variety = Variety(self.families, self.near, self.seed)
        examples = [example for at in self.some for example in variety.examples(at, self.slices)]
        examples += [one for document in self.documents for one in variety.lines(document, self.slices)]
        examples += variety.placed(self.placed, self.slices)
        chance = random.Random(self.seed)
        found = [
            one
            for one in encoded(examples, self.tokenizer, both=self.both)
            if one.length <= _LONG or chance.random() < _LONG_SHARE
        ]
        return list(worth_reading(found, self.judge, chance)) if self.judge else found


class Source:
    """Makes encoded examples, spread over the processes of `pool`; with `judge`, the directory of a trained model, an
    epoch is mostly what that model does not know yet."""

    def __init__(
        self,
        pool: Executor,
        tokenizer: Path,
        families: Sequence[Family],
        near: Near,
        documents: Sequence[Document],
        placed: Sequence[Example] = (),
        judge: Path | None = None,
    ) -> None:
        self._pool = pool
        self._tokenizer = str(tokenizer)
        self._families = families
        self._near = near
        self._documents = documents
        self._placed = placed
        self._judge = judge

    def fixed(self, examples: Sequence[Example]) -> list[Encoded]:
        """Encode examples as they are, without variation."""
        size = max(1, len(examples) // _CHUNKS)
        parts = [examples[at : at + size] for at in range(0, len(examples), size)]
        done = self._pool.map(encoded, parts, [self._tokenizer] * len(parts))
        return [one for part in done for one in part]

    def epoch(self, seed: int, slices: int = 1, *, both: bool = True) -> Iterator[Encoded]:
        """Start making the pairs of all families, documents and directories, about one in `slices`, and yield them."""
        order = list(range(len(self._families)))
        random.Random(seed).shuffle(order)
        jobs = [
            self._pool.submit(
                _Job(
                    self._families,
                    self._near,
                    order[at::_CHUNKS],
                    self._documents[at::_CHUNKS],
                    self._placed[at::_CHUNKS],
                    seed * 1000 + at,
                    slices,
                    both,
                    self._tokenizer,
                    self._judge,
                ).run
            )
            for at in range(_CHUNKS)
        ]
        return (one for job in jobs for one in job.result())


@dataclass(frozen=True, slots=True)
class Batch:
    """Inputs (rows, tokens), labels (rows,) and weights (rows,). The next `paired` rows are the mirror images of the
    first `paired`."""

    inputs: dict[str, Tensor]
    relation: Tensor
    inference: Tensor
    newer: Tensor
    weight: Tensor
    paired: int

    def to(self, device: str) -> Batch:
        """Return the batch, moved to a device."""
        move = {name: value.to(device, non_blocking=True) for name, value in self.inputs.items()}
        rest = (self.relation, self.inference, self.newer, self.weight)
        return Batch(move, *(value.to(device, non_blocking=True) for value in rest), self.paired)


def batches(examples: Sequence[Encoded], tokens: int, seed: int | None) -> Iterator[Batch]:
    """Yield batches of at most `tokens` padded tokens and of similar lengths; shuffled if there is a seed."""
    chance = random.Random(seed)
    order = list(range(len(examples)))
    if seed is not None:
        chance.shuffle(order)
        window = _BUCKET * max(1, tokens // 128)
        blocks = [order[at : at + window] for at in range(0, len(order), window)]
    else:
        blocks = [order]
    groups: list[list[int]] = []
    for block in blocks:
        groups += _groups(sorted(block, key=lambda at: examples[at].length), examples, tokens)
    if seed is not None:
        chance.shuffle(groups)
    for group in groups:
        yield _batch([examples[at] for at in group])


def _groups(order: Sequence[int], examples: Sequence[Encoded], tokens: int) -> Iterator[list[int]]:
    group: list[int] = []
    rows = 0
    for at in order:
        more = 2 if examples[at].backward else 1
        if group and (rows + more) * examples[at].length > tokens:
            yield group
            group, rows = [], 0
        group.append(at)
        rows += more
    if group:
        yield group


def _batch(group: Sequence[Encoded]) -> Batch:
    both = [one for one in group if one.backward is not None]
    single = [one for one in group if one.backward is None]
    rows = [
        *(one.forward for one in both),
        *(one.backward for one in both if one.backward is not None),
        *(one.forward for one in single),
    ]
    width = max(len(row.ids) for row in rows)
    ids, types, mask = (np.zeros((len(rows), width), dtype=np.int64) for _ in range(3))
    for at, row in enumerate(rows):
        ids[at, : len(row.ids)], types[at, : len(row.ids)], mask[at, : len(row.ids)] = row.ids, row.types, 1
    inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
    known = [one.labels for one in both]
    known += [*map(_mirrored, known), *(one.labels for one in single)]
    labels = torch.tensor(known, dtype=torch.long)
    weights = torch.tensor([one.weight for one in (*both, *both, *single)])
    tensors = {name: torch.from_numpy(value) for name, value in inputs.items()}
    return Batch(tensors, labels[:, 0], labels[:, 1], labels[:, 2], weights, len(both))


def _mirrored(labels: Labels) -> Labels:
    relation, _, newer = labels
    if relation == MERGING:
        return labels
    turned = MIRRORED_RELATION[relation]
    return turned, INFERENCE_OF[RELATIONS[turned]], newer if newer < 0 else MIRRORED_NEWER[newer]
