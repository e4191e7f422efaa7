"""Where pairs of entries stand: found out once for two files, since look after look asks for nearly the same pairs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from kairos.core.facts import FileFacts
from kairos.core.guard import is_composed
from kairos.core.pair_context import PairContext, shared
from kairos.core.places import are_apart, documents, is_free
from kairos.core.reading import Reading, path_of
from kairos.dream.written import Where


class _Known(NamedTuple):
    """Where a pair stands, and the facts of the two files from which that follows."""

    of_a: FileFacts
    of_b: FileFacts
    where: Where


@dataclass(frozen=True, slots=True)
class Placing:
    """Tells where pairs stand, and remembers it for as long as the facts of their files are the same.

    What the places of two entries tell holds however near the two are among the others.
    """

    _known: dict[tuple[str, str], _Known] = field(default_factory=dict)

    def recall(self, wheres: Iterable[Where], facts: Mapping[str, FileFacts]) -> None:
        """Know where pairs stood before, as far as their files are those of the `facts`, which are by path."""
        for where in wheres:
            of_a, of_b = facts.get(path_of(where.a)), facts.get(path_of(where.b))
            if (
                of_a is not None
                and of_b is not None
                and of_a.source.sha256 == where.file_a
                and of_b.source.sha256 == where.file_b
            ):
                self._known[where.a, where.b] = _Known(of_a, of_b, where)

    def within(self, reading: Reading) -> Callable[[str, str, PairContext], Where]:
        """Return what tells where two entries of a reading stand, from their ids and how near they are."""
        entries, facts, known = reading.entries, reading.facts, self._known

        def where(a: str, b: str, near: PairContext) -> Where:
            of_a, of_b = facts[entries[a].path], facts[entries[b].path]
            found = known.get((a, b))
            if found is None or found.of_a is not of_a or found.of_b is not of_b:
                found = known[a, b] = _Known(of_a, of_b, _where(a, b, near, reading))
            elif not _is_as_near(found.where.context, near):
                context = near._replace(**_of_places(found.where.context))
                found = known[a, b] = found._replace(where=found.where._replace(context=context))
            return found.where

        return where


def _is_as_near(one: PairContext, other: PairContext) -> bool:
    return one.nearest == other.nearest and one.mutual == other.mutual and one.lonely == other.lonely


def _of_places(context: PairContext) -> dict[str, bool]:
    return {"composed": context.composed, "free": context.free, "apart": context.apart}


def _where(id_a: str, id_b: str, near: PairContext, reading: Reading) -> Where:
    a, b = reading.entries[id_a], reading.entries[id_b]
    texts = reading.once(documents)
    composed = is_composed(a, b, reading, texts)
    free = not composed and is_free(a, b, reading, texts)
    context = shared(near._replace(composed=composed, free=free, apart=are_apart(a, b, reading)))
    return Where(id_a, id_b, reading.sources[a.path].sha256, reading.sources[b.path].sha256, context)
