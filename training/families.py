"""Labelled pairs from families of notes and from documents, varied afresh in each epoch."""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any

from kairos.core.text.sentences import split
from kairos.core.values.values import located_values
from kairos.ml.judge_outputs import MIRRORED_NEWER, NEWER, RELATIONS
from kairos.model import Relation
from training.retouch import retouched

Family = dict[str, Any]
Document = dict[str, Any]
"""Notes from one file: any two of its `lines` are compatible and say different things."""
Near = list[list[int]]
"""For each family, the positions of the families whose base notes are nearest to its own."""
SAME, CONTAINS, CONTAINED, CONFLICT, DISTINCT = RELATIONS
INFERENCE_OF = {SAME: 0, CONTAINS: 0, CONTAINED: 1, CONFLICT: 2, DISTINCT: 1}
"""The inference from a to b that follows from a relation, as an index into `INFERENCES`."""
MERGING = len(RELATIONS)
"""Stands in for a relation: one of those in which a note can go into the other, but nobody labelled which."""
_SHORT_WORDS = 14  # words


@dataclass(frozen=True, slots=True)
class Example:
    """An ordered pair. `relation`, `inference` and `newer` are indexes into the names of `judge_outputs`, or −1 if
    unknown; `relation` can also be `MERGING`."""

    a: str
    b: str
    relation: int = -1
    inference: int = -1
    newer: int = -1


def read_families(folders: Sequence[Path]) -> list[Family]:
    """Return the families (or documents) of all `*.jsonl` files: folder by folder, files sorted by name."""
    return read_files([file for folder in folders for file in sorted(folder.glob("*.jsonl"))])


def read_files(files: Sequence[Path]) -> list[Family]:
    """Return the families (or documents) of files, in order."""
    return [
        json.loads(line) for file in files for line in file.read_text("utf-8").splitlines() if line.strip()
    ]


def is_held_out(family: Family | Document, parts: int = 10, part: int = 0) -> bool:
    """Whether a family or document is held out of training: about one in `parts`, by a hash of its first note."""
    return is_held_out_name(family["lines"][0] if "lines" in family else family["base"], parts, part)


def is_held_out_name(name: str, parts: int = 10, part: int = 0) -> bool:
    """Whether what has this name, such as a labelled directory, is held out of training."""
    return hashlib.sha256(name.encode()).digest()[0] % parts == part


def is_short(family: Family) -> bool:
    """Whether the notes of a family are short, apart from those that contain others.

    Words are counted, so text in a script without spaces counts as short.
    """
    notes = (family["base"], *family["same"], *family["conflict"], *family["update"], *family["distinct"])
    return max(len(note.split()) for note in notes) <= _SHORT_WORDS


def labelled(a: str, b: str, relation: Relation, newer: str = "none") -> Example:
    """Return an example of a relation; `newer` is used only for a conflict."""
    known = NEWER.index(newer) if relation is CONFLICT else -1
    return Example(a, b, RELATIONS.index(relation), INFERENCE_OF[relation], known)


def mirrored(example: Example) -> Example:
    """Return the same pair with its sides exchanged. Raises ValueError for inference data."""
    if example.relation < 0:
        raise ValueError("a pair of inference data has one direction only")
    if example.relation == MERGING:
        return replace(example, a=example.b, b=example.a)
    relation = RELATIONS[example.relation].mirrored()
    newer = example.newer if example.newer < 0 else MIRRORED_NEWER[example.newer]
    return replace(labelled(example.b, example.a, relation), newer=newer)


def pairs_of(family: Family) -> Iterator[Example]:
    """Yield all pairs of one family whose label follows from how families are built, each in one order."""
    same, more = [family["base"], *family["same"]], family["contains"]
    yield from (labelled(a, b, SAME) for a, b in combinations(same, 2))
    yield from (labelled(a, b, CONTAINS) for a in more for b in same)
    for other in (*same, *more):
        yield from (labelled(note, other, CONFLICT) for note in family["conflict"])
        yield from (labelled(note, other, CONFLICT, "a") for note in family["update"])
        yield from (labelled(note, other, DISTINCT) for note in family["distinct"])


def pairs_in(document: Document) -> Iterator[Example]:
    """Yield all pairs of lines of one document, as distinct."""
    yield from (labelled(a, b, DISTINCT) for a, b in combinations(document["lines"], 2))


class Variety:
    """Varies the pairs of families; the same seed gives the same examples."""

    def __init__(self, families: Sequence[Family], near: Near, seed: int) -> None:
        self._families = families
        self._near = near
        self._chance = random.Random(seed)

    def examples(self, at: int, slices: int = 1) -> Iterator[Example]:
        """Yield a family's pairs for one epoch, and some with notes of other families: three random, up to four near.

        Each is included with a probability of 1 / `slices`.
        """
        family = self._families[at]
        for example in pairs_of(family):
            if self._chance.randrange(slices) == 0:
                yield self._presented(self._varied(example, family), family)
        notes = [family["base"], *family["same"], *family["contains"], *family["distinct"]]
        others = [self._chance.randrange(len(self._families)) for _ in range(3)]
        others += self._chance.sample(self._near[at], min(4, len(self._near[at])))
        for other in others:
            if other != at and self._chance.randrange(slices) == 0:
                note = self._any(self._families[other])
                yield self._presented(labelled(self._chance.choice(notes), note, DISTINCT), family)

    def lines(self, document: Document, slices: int = 1) -> Iterator[Example]:
        """Yield the pairs of a document's lines for one epoch, each with a probability of 1 / `slices`."""
        for example in pairs_in(document):
            if self._chance.randrange(slices) == 0:
                yield self._presented(example, document)

    def placed(self, pairs: Sequence[Example], slices: int = 1) -> Iterator[Example]:
        """Yield pairs of labelled directories for one epoch, each with a probability of 1 / `slices`."""
        for example in pairs:
            if self._chance.randrange(slices) == 0:
                yield mirrored(example) if self._chance.random() < 0.5 else example

    def _any(self, family: Family) -> str:
        return self._chance.choice(
            [family["base"], *family["same"], *family["conflict"], *family["distinct"]]
        )

    def _varied(self, example: Example, family: Family) -> Example:
        relation, roll = RELATIONS[example.relation], self._chance.random()
        if relation in (SAME, CONTAINS) and roll < 0.12:
            return self._other_value(example) or example
        if relation is SAME and roll < 0.27:
            return self._shortened(example) or example
        if relation is SAME and roll < 0.37:
            return labelled(example.a, retouched(example.a, self._chance), SAME)
        if relation is CONFLICT and roll < 0.1:
            return replace(example, a=retouched(example.a, self._chance))
        if roll > 0.9:
            return self._longer(example, family)
        return example

    def _other_value(self, example: Example) -> Example | None:
        """Change a value that both sides have on one side, so that they conflict; None if there is none to change."""
        a, b = (example.a, example.b) if self._chance.random() < 0.5 else (example.b, example.a)
        found = located_values(b)
        spans = [q.span for q in found.quantities if any(map(str.isdigit, q.text))]
        spans += [span for span, name in found.identifiers if any(map(str.isdigit, name))]
        spans += [span for span, _ in found.days]
        numbers = [
            match
            for start, end in spans
            for match in re.finditer(r"\d+", found.text[start:end])
            if re.search(rf"(?<!\d){match.group()}(?!\d)", located_values(a).text)
        ]
        if not numbers:
            return None
        old = self._chance.choice(numbers).group()
        new = self._number(old)
        changed = re.sub(rf"(?<!\d){old}(?!\d)", new, found.text)
        return None if changed == found.text else labelled(a, changed, CONFLICT)

    def _number(self, old: str) -> str:
        value = int(old)
        near = {value + 1, value + 2, max(value - 1, 1), value * 2, value + 10, value // 2 or 3}
        choices = sorted(str(number).zfill(len(old)) for number in near if number != value)
        return self._chance.choice(choices)

    def _shortened(self, example: Example) -> Example | None:
        """Leave out a sentence of one side, so that the other contains it; None if a side has none to spare."""
        a, b = (example.a, example.b) if self._chance.random() < 0.5 else (example.b, example.a)
        sentences = split(b)
        if len(sentences) < 2 or min(len(s.split()) for s in sentences) < 4:
            return None
        gone = self._chance.randrange(len(sentences))
        rest = " ".join(sentence for at, sentence in enumerate(sentences) if at != gone)
        return labelled(a, rest, CONTAINS)

    def _longer(self, example: Example, family: Family) -> Example:
        """Append or prepend another family's note to one side, or one to each, and adjust the relation."""
        relation = RELATIONS[example.relation]
        others = self._chance.sample(self._families, 2)
        if family in others:
            return example
        joint = self._chance.choice((" ", "\n", "; ", "\n- "))
        a = self._joined(example.a, others[0]["base"], joint)
        if relation is CONFLICT:
            return replace(example, a=a)
        if relation is DISTINCT or self._chance.random() < 0.4:
            return labelled(a, self._joined(example.b, others[1]["base"], joint), DISTINCT)
        return labelled(a, example.b, CONTAINS)

    def _joined(self, one: str, other: str, joint: str) -> str:
        return joint.join((one, other) if self._chance.random() < 0.6 else (other, one))

    def _presented(self, example: Example, family: Family) -> Example:
        """Exchange the sides half of the time, and dress them as they occur in notes: under titles, as list items."""
        if self._chance.random() < 0.5:
            example = mirrored(example)
        roll = self._chance.random()
        topic_a, topic_b = self._title(family), self._title(family)
        if roll < 0.2:
            return replace(example, a=f"{topic_a}: {example.a}", b=f"{topic_b}: {example.b}")
        if roll < 0.28:
            return replace(example, a=f"{topic_a}: {example.a}")
        if roll < 0.36:
            return replace(example, b=f"{topic_b}: {example.b}")
        return replace(example, a=self._noise(example.a), b=self._noise(example.b))

    def _title(self, family: Family) -> str:
        topic = str(family["topic"])
        general = self._chance.choice(_GENERAL_TOPICS)
        forms = (
            topic,
            topic.capitalize(),
            topic.replace(" ", "-"),
            f"{general} > {topic}",
            topic.title(),
            general,
        )
        return self._chance.choice(forms)

    def _noise(self, text: str) -> str:
        roll = self._chance.random()
        if roll < 0.05:
            return f"- {text}"
        if roll < 0.1:
            return text.rstrip(".")
        if roll < 0.15:
            return text.replace("**", "").replace("`", "")
        return text


_GENERAL_TOPICS = (
    "Notes",
    "Memory",
    "Project notes",
    "Decisions",
    "Infrastructure",
    "Feedback",
    "Reference",
    "Lessons",
    "Daily log",
)
