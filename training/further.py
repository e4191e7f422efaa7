"""Train the shipped judge model further, with an emphasis on some of the families: an hour instead of three.

usage: python -m training.further --shipped FOLDER --inference FILE.jsonl.gz --families FOLDER … [--documents FOLDER …]
       [--directories SLICES FOLDER …] [--part SLICES FILE.jsonl …] --model FOLDER --work FOLDER

Starts from the int8 weights of the model in --shipped, converted back to floats. Word embeddings are not changed. An
epoch draws one in SLICES pairs of the families in each part's files (which are also in --families), and fewer of all
others; of these it reads mostly the ones that the shipped model does not know (training.selection). The result is a
weighted average of the weights before and after. Resumable, like training.train.
"""

from __future__ import annotations

import argparse
import copy
import multiprocessing
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import torch

from training.batches import Source
from training.families import Family, is_short, read_files
from training.network import JudgeNetwork, interpolated
from training.shipped import shipped_network
from training.train import Material, add_data_options, epochs_of, keep, prepared
from training.trainer import Stage, Trainer, TrainingSetup

_SHORT_SLICES, _OTHER_SLICES, _DOCUMENT_SLICES = 80, 112, 40
"""An epoch draws one in so many pairs of the families in no part, short ones and all others, and of documents."""
_REPLAYED = 1000
"""Inference pairs of an epoch."""


def parts_of(material: Material, named: Sequence[Sequence[str]]) -> list[tuple[Source, int]]:
    """Return the sources of an epoch with their numbers of slices.

    `named` are parts as [slices, file, …]; a family belongs to the first part that has it. The families in no part are
    the next two, then come documents and directories. Of the pairs of directories all that are drawn are read: the
    model in `material.judge` may not have been trained on texts in their places.
    """
    slices = [int(number) for number, *_ in named] + [_SHORT_SLICES, _OTHER_SLICES]
    part_of: dict[str, int] = {}
    for at, (_, *files) in enumerate(named):
        for family in read_files([Path(file) for file in files]):
            part_of.setdefault(_key(family), at)
    members: list[list[int]] = [[] for _ in slices]
    for number, family in enumerate(material.families):
        rest = len(named) if is_short(family) else len(named) + 1
        members[part_of.get(_key(family), rest)].append(number)
    parts = [(material.source(some), number) for some, number in zip(members, slices, strict=True) if some]
    if material.documents:
        parts.append((material.source((), material.documents), _DOCUMENT_SLICES))
    all_read = replace(material, judge=None)
    parts += [(all_read.source((), (), pairs), number) for number, pairs in material.placed]
    return parts


def _key(family: Family) -> str:
    return f"{family['id']} {family['base']}"


def train_further(options: argparse.Namespace, setup: TrainingSetup, material: Material) -> JudgeNetwork:
    """Train the shipped network for one stage, and average."""
    torch.manual_seed(options.seed)
    network = shipped_network(options.shipped, options.model, options.dropout)
    network.encoder.embeddings.word_embeddings.weight.requires_grad_(False)
    trainer = Trainer(network, setup, options.seed)
    before = copy.deepcopy(trainer.network.state_dict())
    parts = parts_of(material, options.part)
    inference = parts[0][0].fixed(material.inference)
    replay = min(1.0, _REPLAYED / len(inference))
    stage = Stage("further", options.epochs, options.seconds, options.rate, replay, consistency=0.0)
    trainer.run(stage, epochs_of(parts, inference, stage, options.seed))
    trainer.network.load_state_dict(interpolated(before, trainer.network.state_dict(), options.share))
    setup.report(trainer.network)
    return trainer.network


def main() -> int:
    """Train, and write the weights to `judge.pt` in --work."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--shipped", type=Path, required=True, help="directory of the judge model")
    parser.add_argument("--part", nargs="+", action="append", default=[], metavar="SLICES FILE")
    add_data_options(parser)
    parser.add_argument("--epochs", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=4200)
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--share", type=float, default=0.6, help="share of the new weights in the average")
    parser.add_argument("--tokens", type=int, default=3072, help="padded tokens of a batch")
    options = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    options.work.mkdir(parents=True, exist_ok=True)
    context = multiprocessing.get_context("spawn" if device == "cuda" else "fork")
    with ProcessPoolExecutor(os.cpu_count(), mp_context=context) as pool:
        setup, material = prepared(options, device, pool)
        keep(train_further(options, setup, replace(material, judge=options.shipped)), options.work)
    return 0


if __name__ == "__main__":
    sys.exit(main())
