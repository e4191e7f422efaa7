"""Positions of pairs of entries, remembered between looks, which ask for nearly the same pairs each time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from kairos.core.judgement.pair_context import PairContext, interned
from kairos.core.planning.guard import is_composed
from kairos.core.root.facts import FileFacts
from kairos.core.root.places import (
    are_about_different_things,
    are_lines_of_a_list,
    documents,
    is_comparable,
)
from kairos.core.root.reading import Reading, path_of
from kairos.dream.kept_codec import FileVersion, PairPosition


@dataclass(frozen=True, slots=True)
class PairPositions:
    """Determines the positions of pairs, and remembers each as long as the facts of both files are the same.

    The part of a context that follows from the places of two entries does not depend on how near they are.
    """

    _known: dict[tuple[str, str], PairPosition] = field(default_factory=dict)
    _facts: dict[FileVersion, FileFacts] = field(default_factory=dict)
    """The facts that the remembered positions were determined from."""

    def position_of(self, reading: Reading) -> Callable[[str, str, PairContext], PairPosition]:
        """Return a function from two ids of a reading's entries, and how near they are, to the position of the pair."""
        known, files = self._known, self._files(reading)

        def position(a: str, b: str, near: PairContext) -> PairPosition:
            found = known.get((a, b))
            if found is None or found.file_a != files[path_of(a)] or found.file_b != files[path_of(b)]:
                found = known[a, b] = _position(a, b, near, reading)
            elif not _is_as_near(found.context, near):
                context = near._replace(**_place_flags(found.context))
                found = known[a, b] = found._replace(context=interned(context))
            return found

        return position

    def _files(self, reading: Reading) -> dict[str, str]:
        """Return the sha256 of each file of a reading, and forget pairs in files whose facts were rebuilt.

        Comparing sha256 is not enough for that: the same bytes can parse to a different note.
        """
        files = {path: facts.source.sha256 for path, facts in reading.facts.items()}
        rebuilt = {
            path
            for (path, sha256), facts in zip(files.items(), reading.facts.values(), strict=True)
            if self._facts.setdefault((path, sha256), facts) is not facts
        }
        if rebuilt:
            self._facts.update(((path, files[path]), reading.facts[path]) for path in rebuilt)
            for pair in [pair for pair in self._known if not rebuilt.isdisjoint(map(path_of, pair))]:
                del self._known[pair]
        return files


def _is_as_near(one: PairContext, other: PairContext) -> bool:
    return one.nearest == other.nearest and one.mutual == other.mutual and one.lonely == other.lonely


def _place_flags(context: PairContext) -> dict[str, bool]:
    return {
        "composed": context.composed,
        "comparable": context.comparable,
        "different_things": context.different_things,
    }


def _position(id_a: str, id_b: str, near: PairContext, reading: Reading) -> PairPosition:
    a, b = reading.entries[id_a], reading.entries[id_b]
    texts = reading.derived(documents)
    composed = is_composed(a, b, reading, texts)
    comparable = (are_lines_of_a_list if composed else is_comparable)(a, b, reading, texts)
    context = interned(
        near._replace(
            composed=composed,
            comparable=comparable,
            different_things=are_about_different_things(a, b, reading),
        )
    )
    return PairPosition(id_a, id_b, reading.sources[a.path].sha256, reading.sources[b.path].sha256, context)
