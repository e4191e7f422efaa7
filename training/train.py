"""Train the judge model: general inference first, then families of notes, then mostly families of short notes.

usage: python -m training.train --inference FILE.jsonl.gz --families FOLDER … [--documents FOLDER …] --model FOLDER
       --work FOLDER

To moderate the last stage, the result is a weighted average of the weights before and after it.

Resumable: stages finished in --work are not repeated, and an interrupted one continues after its last full epoch. The
same options give the same examples in the same order, but a stage limited by time ends whenever the time is up.
"""

from __future__ import annotations

import argparse
import copy
import hashlib
import json
import multiprocessing
import os
import random
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import astuple, dataclass
from itertools import chain
from pathlib import Path

import torch
from torch import Tensor

from training.batches import Encoded, Source
from training.families import (
    Document,
    Example,
    Family,
    Near,
    is_held_out,
    is_short,
    pairs_in,
    pairs_of,
    read_families,
)
from training.inference import read_inference
from training.network import JudgeNetwork, embedded, interpolated, new_network
from training.placed import pairs_of_directories, read_placed
from training.trainer import Epoch, Stage, Trainer, TrainingSetup, log

_GENERAL_RATE = 1.6e-4
_SHORT_RATE = 1.2e-4
_REPLAY_SHARE = 0.2
"""Share of the inference pairs mixed into one pass over all families."""
_SHORT_SLICES, _OTHER_SLICES = 8, 48
"""An epoch of the last stage takes one in so many pairs of the short families, and of all others."""
_SHORT_REPLAY_SHARE = 1 / 170
_MIN_FAMILIES = 3  # fewest families of either kind: variation joins notes of several families
_SHARE_AFTER = 0.6
"""Share of the weights after the last stage in the result; docs/adr/0032 says why it is not 1."""


@dataclass(frozen=True, slots=True)
class Lessons:
    """The training data: inference pairs, and all families and documents (`notes`), also split into `short` families
    and `others`."""

    inference: list[Encoded]
    notes: Source
    short: Source
    others: Source


def epochs_of(
    parts: Sequence[tuple[Source, int]], inference: Sequence[Encoded], stage: Stage, seed: int
) -> Epoch:
    """Return a function from epoch number to examples: one slice of each source, and a share of inference pairs.

    `parts` are sources with their numbers of slices.
    """

    def epoch(number: int) -> Iterable[Encoded]:
        start = seed * 1000 + number
        upcoming = [source.epoch(start, slices, both=stage.consistency > 0) for source, slices in parts]
        return chain(*upcoming, random.Random(start).sample(inference, int(len(inference) * stage.replay)))

    return epoch


def read_watched(path: Path) -> list[Example]:
    """Read pairs that are only measured on: a gold file, or labelled lines in the same format."""
    labels = {"duplicate": 0, "contains": 1, "contradiction": 3, "update": 3, "related": 4, "unrelated": 4}
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [Example(r["a"], r["b"], labels[r["label"]], 1, 0) for r in rows if r["label"] in labels]


def train(options: argparse.Namespace, setup: TrainingSetup, lessons: Lessons) -> JudgeNetwork:
    """Train a network through all stages, starting from the sentence model."""
    torch.manual_seed(options.seed)
    general, special, short = stages(options)
    trainer = Trainer(new_network(options.model, options.dropout), setup, options.seed)
    trainer.run(general, lambda _: lessons.inference)
    trainer.run(
        special, epochs_of([(lessons.notes, options.slices)], lessons.inference, special, options.seed)
    )
    before = copy.deepcopy(trainer.network.state_dict())
    parts = [(lessons.short, _SHORT_SLICES), (lessons.others, _OTHER_SLICES)]
    trainer.run(short, epochs_of(parts, lessons.inference, short, options.seed))
    trainer.network.load_state_dict(interpolated(before, trainer.network.state_dict(), _SHARE_AFTER))
    setup.report(trainer.network)
    return trainer.network


def stages(options: argparse.Namespace) -> tuple[Stage, Stage, Stage]:
    """Return the three stages: general inference, families and documents, mostly short families."""
    (few, brief), (many, long), (last, rest) = options.general, options.special, options.short
    both = options.consistency
    return (
        Stage("general", int(few), brief, _GENERAL_RATE, consistency=0.0, smoothing=0.0),
        Stage("families", int(many), long, options.rate, _REPLAY_SHARE / options.slices, both),
        Stage("short", int(last), rest, _SHORT_RATE, _SHORT_REPLAY_SHARE, both),
    )


def add_data_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say what is learnt from, where to keep it, and with which seed."""
    parser.add_argument("--inference", type=Path, required=True)
    parser.add_argument("--families", type=Path, nargs="+", required=True)
    parser.add_argument("--documents", type=Path, nargs="*", default=[])
    parser.add_argument(
        "--directories",
        nargs="+",
        action="append",
        default=[],
        metavar="SLICES FOLDER",
        help="labelled directories; an epoch of training.further draws one in SLICES of their pairs",
    )
    parser.add_argument("--model", type=Path, required=True, help="directory of all-MiniLM-L6-v2")
    parser.add_argument(
        "--work", type=Path, required=True, help="folder for checkpoints, outside the repository"
    )
    parser.add_argument(
        "--watch", type=Path, nargs="*", default=[], help="labelled pairs to report on; never trained on"
    )
    parser.add_argument("--seed", type=int, default=0)


def main() -> int:
    """Train, and write the weights to `judge.pt` in --work."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_data_options(parser)
    for stage, length in (("general", (2, 3600)), ("special", (16, 36000)), ("short", (45, 36000))):
        parser.add_argument(f"--{stage}", type=float, nargs=2, default=length, metavar=("EPOCHS", "SECONDS"))
    parser.add_argument("--rate", type=float, default=1.6e-4)
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--slices", type=int, default=1, help="an epoch is one of so many parts of all pairs")
    parser.add_argument(
        "--consistency", type=float, default=0.5, help="0 reads each pair in one direction: twice as fast"
    )
    parser.add_argument(
        "--few",
        type=int,
        default=0,
        help="only so many families and ten times as many inference pairs: a trial",
    )
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--tokens", type=int, default=0, help="padded tokens of a batch")
    options = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    options.work.mkdir(parents=True, exist_ok=True)
    context = multiprocessing.get_context("spawn" if device == "cuda" else "fork")
    with ProcessPoolExecutor(options.processes, mp_context=context) as pool:
        setup, material = prepared(options, device, pool, few=options.few)
        keep(train(options, setup, lessons_of(material)), options.work)
    return 0


def keep(network: JudgeNetwork, work: Path) -> None:
    """Write the weights in half precision, as `training.export` reads them."""
    torch.save({name: value.half() for name, value in network.state_dict().items()}, work / "judge.pt")


def _data_hash(
    options: argparse.Namespace,
    families: list[Family],
    documents: list[Document],
    placed: list[tuple[int, list[Example]]],
) -> str:
    """Return a hash of everything that decides what is learnt, except for the length of the stages."""
    ignored = {"work", "watch", "processes", "general", "special", "short", "seconds"}
    chosen = {name: str(value) for name, value in vars(options).items() if name not in ignored}
    learnt = [chosen, families, documents, [astuple(one) for _, pairs in placed for one in pairs]]
    digest = hashlib.sha256(json.dumps(learnt, sort_keys=True).encode())
    digest.update(options.inference.read_bytes())
    return digest.hexdigest()


def nearest(vectors: Tensor) -> Near:
    """Return the rows of the eight nearest of each family's vector: those a dream would compare it with."""
    scores = (vectors @ vectors.T).fill_diagonal_(-1)
    most = max(0, min(8, len(vectors) - 1))
    return [[int(at) for at in row] for row in scores.topk(most).indices.cpu()]


@dataclass(frozen=True, slots=True)
class Material:
    """What is learnt from: families with the vectors of their base notes, documents, pairs of directories (`placed`,
    each group with the number of its slices), and inference pairs."""

    families: list[Family]
    vectors: Tensor
    documents: list[Document]
    placed: list[tuple[int, list[Example]]]
    inference: list[Example]
    model: Path
    pool: Executor
    judge: Path | None = None
    """A trained model; what it knows is mostly left out of epochs."""

    def source(
        self, chosen: Sequence[int], documents: Sequence[Document] = (), placed: Sequence[Example] = ()
    ) -> Source:
        """Return a source of the pairs of some families, by their numbers, of documents and of directories."""
        some = [self.families[at] for at in chosen]
        near = nearest(self.vectors[list(chosen)])
        return Source(self.pool, self.model / "tokenizer.json", some, near, documents, placed, self.judge)


def prepared(
    options: argparse.Namespace, device: str, pool: Executor, *, few: int = 0
) -> tuple[TrainingSetup, Material]:
    """Read the data that the options name; with `few`, only so many families and ten times as many inference pairs."""
    families, documents = read_families(options.families), read_families(options.documents)
    inference = read_inference(options.inference)
    if few:
        families = random.Random(options.seed).sample(families, min(few, len(families)))
        inference = inference[: 10 * few]
    kept = [family for family in families if not is_held_out(family)]
    rest = [family for family in families if is_held_out(family)]
    learnt = [document for document in documents if not is_held_out(document)]
    directories = [(int(slices), read_placed(map(Path, folders))) for slices, *folders in options.directories]
    placed = [(slices, pairs_of_directories(found, held_out=False)) for slices, found in directories]
    aside = [one for _, found in directories for one in pairs_of_directories(found, held_out=True)]
    vectors = embedded(options.model, [family["base"] for family in kept], device)
    material = Material(kept, vectors, learnt, placed, inference, options.model, pool)
    taught = sum(len(pairs) for _, pairs in placed)
    log(
        f"{len(kept)} families ({sum(map(is_short, kept))} short), {len(learnt)} documents and {taught} pairs of "
        f"directories to train on, {len(rest)} families held out, {len(inference)} inference pairs, {device}"
    )
    measured = material.source(())
    held_out = [example for family in rest for example in pairs_of(family)]
    held_out += [one for document in documents if is_held_out(document) for one in pairs_in(document)]
    watched = {path.stem: read_watched(path) for path in options.watch}
    if aside:
        watched["directories held out"] = aside
    setup = TrainingSetup(
        held_out=measured.fixed(held_out),
        watched={name: measured.fixed(examples) for name, examples in watched.items()},
        device=device,
        tokens=options.tokens or (16384 if device == "cuda" else 4096),
        work=options.work,
        data=_data_hash(options, families, documents, placed),
    )
    return setup, material


def lessons_of(material: Material) -> Lessons:
    """Split the families into short ones and others. Raises SystemExit if there are too few of either."""
    families = material.families
    short = [at for at, family in enumerate(families) if is_short(family)]
    others = [at for at, family in enumerate(families) if not is_short(family)]
    if min(len(short), len(others)) < _MIN_FAMILIES:
        raise SystemExit(
            "--families has too few families of short notes, or of longer ones: both are learnt from."
        )
    placed = [one for _, pairs in material.placed for one in pairs]
    notes = material.source(range(len(families)), material.documents, placed)
    return Lessons(
        notes.fixed(material.inference),
        notes,
        material.source(short),
        material.source(others, material.documents, placed),
    )


if __name__ == "__main__":
    sys.exit(main())
