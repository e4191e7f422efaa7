"""Numbers the entries that a look compares, and their claims, so that pairing works on arrays.

Sorting tens of thousands of texts and looking them up is done once: the root after a plan differs in few files, so a
look ahead updates the numbering of the previous look.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, compress, repeat
from operator import attrgetter

import numpy as np

from kairos.ml.arrays import Flags, Numbers
from kairos.model import Claim, Entry


@dataclass(frozen=True, slots=True)
class Numbering:
    """Entries numbered in the order of their ids, and the distinct texts of claims numbered in sorted order.

    By number of an entry: `ids`, `entry_texts`, `digests`, and `is_single_claim` (its only claim is its whole text). By
    number of a text: `texts`. For each of the `claims`: `of_claims`, the number of its entry, and `of_texts`, that of
    its text. `new` are the texts of claims and entries that the previous numbering did not have.
    """

    claims: Sequence[Claim]
    entries: Mapping[str, Entry]
    ids: Sequence[str]
    entry_texts: Sequence[str]
    digests: Sequence[str]
    is_single_claim: Flags
    texts: Sequence[str]
    of_claims: Numbers
    of_texts: Numbers
    new: Sequence[str]

    @classmethod
    def of(cls, claims: Sequence[Claim], entries: Mapping[str, Entry]) -> Numbering:
        """Number some entries and all their claims from scratch."""
        ids, texts = sorted(entries), sorted({claim.embedded for claim in claims})
        ordered = list(map(entries.__getitem__, ids))
        entry_texts, digests = (list(map(attrgetter(name), ordered)) for name in ("text", "digest"))
        number, row = (dict(zip(names, range(len(names)), strict=True)) for names in (ids, texts))
        of_claims, of_texts = (
            np.fromiter(map(numbers.__getitem__, map(attrgetter(name), claims)), np.int64, count=len(claims))
            for numbers, name in ((number, "entry_id"), (row, "embedded"))
        )
        whole_row = np.fromiter(map(row.get, entry_texts, repeat(-1)), dtype=np.int64, count=len(entry_texts))
        is_single_claim = np.bincount(of_claims, minlength=len(ids)) == 1
        is_single_claim[of_claims[of_texts != whole_row[of_claims]]] = False
        new = (*texts, *compress(entry_texts, (whole_row < 0).tolist()))
        return cls(
            claims, entries, ids, entry_texts, digests, is_single_claim, texts, of_claims, of_texts, new
        )

    def updated(
        self, claims: Sequence[Claim], entries: Mapping[str, Entry], changed: Collection[str]
    ) -> Numbering:
        """Number other entries and all their claims, reusing this numbering for entries that are in both.

        Those are taken to be the same unless they are `changed`.
        """
        touched = {*changed, *(entries.keys() ^ self.entries.keys())}
        removed = np.zeros(len(self.ids), dtype=bool)
        removed[[at for id_ in touched if (at := _index_of(self.ids, id_)) is not None]] = True
        is_new = np.fromiter((one.entry_id in touched for one in claims), dtype=bool, count=len(claims))
        stays = ~removed[self.of_claims]
        if list(compress(claims, (~is_new).tolist())) != list(compress(self.claims, stays.tolist())):
            return Numbering.of(claims, entries)  # the files are in another order
        fresh = list(compress(claims, is_new.tolist()))
        ids = _Merged.of(self.ids, ~removed, touched & entries.keys())
        said = {claim.embedded for claim in fresh}
        used = np.bincount(self.of_texts[stays], minlength=len(self.texts)) > 0
        used[[at for text in said if (at := _index_of(self.texts, text)) is not None]] = True
        texts = _Merged.of(self.texts, used, (text for text in said if _index_of(self.texts, text) is None))
        of_claims, of_texts = np.empty((2, len(claims)), dtype=np.int64)
        of_claims[~is_new], of_texts[~is_new] = (
            ids.now[self.of_claims[stays]],
            texts.now[self.of_texts[stays]],
        )
        of_claims[is_new] = [bisect_left(ids.merged, claim.entry_id) for claim in fresh]
        of_texts[is_new] = [bisect_left(texts.merged, claim.embedded) for claim in fresh]
        added = [entries[id_] for id_ in ids.added]
        entry_texts = ids.spliced(self.entry_texts, [entry.text for entry in added])
        digests = ids.spliced(self.digests, [entry.digest for entry in added])
        is_single_claim = np.zeros(len(entry_texts), dtype=bool)
        is_single_claim[ids.now[~removed]] = self.is_single_claim[~removed]
        alone = np.bincount(of_claims, minlength=len(entry_texts)) == 1
        for number, claim in zip(of_claims[is_new].tolist(), fresh, strict=True):
            is_single_claim[number] = alone[number] and claim.embedded == entry_texts[number]
        new = (*texts.added, *(entry.text for entry in added))
        return Numbering(
            claims,
            entries,
            ids.merged,
            entry_texts,
            digests,
            is_single_claim,
            texts.merged,
            of_claims,
            of_texts,
            new,
        )


@dataclass(frozen=True, slots=True)
class _Merged:
    """Sorted names after some were removed and others added.

    `now` has the new position of each old name, −1 if it was removed; `at` that of each added name.
    """

    merged: list[str]
    added: list[str]
    now: Numbers
    at: Numbers

    @classmethod
    def of(cls, names: Sequence[str], stays: Flags, new: Iterable[str]) -> _Merged:
        added = sorted(new)
        merged = sorted(chain(compress(names, stays.tolist()), added))
        at = np.array([bisect_left(merged, name) for name in added], dtype=np.int64)
        now = np.full(len(names), -1, dtype=np.int64)
        now[stays] = np.delete(np.arange(len(merged)), at)
        return cls(merged, added, now, at)

    def spliced(self, values: Sequence[str], added: Sequence[str]) -> list[str]:
        """Return a value for each of the merged names, from the values of the old and of the added names."""
        made = np.empty(len(self.merged), dtype=np.object_)
        stays = self.now >= 0
        made[self.now[stays]] = list(compress(values, stays.tolist()))
        made[self.at] = added
        found: list[str] = made.tolist()
        return found


def _index_of(names: Sequence[str], name: str) -> int | None:
    at = bisect_left(names, name)
    return at if at < len(names) and names[at] == name else None
