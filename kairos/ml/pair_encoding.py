"""Encode a pair of texts for the judge model: token ids, and token types that carry what the values tier knows.

Training and judging share this module, so that the model reads the same input in both.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import kairos
from kairos.core.judgement.comparison_texts import nearest, without_shared_sentences
from kairos.core.judgement.marks import Mark, Marked, marked
from kairos.ml.encodable import encodable

if TYPE_CHECKING:
    from tokenizers import Tokenizer

TYPES = 2 * len(Mark)
"""How many token types there are: one for each side and mark."""
_LONGEST_TEXT = 4_000
"""Characters of a text that are encoded: several times what the model reads, to bound the time it takes."""
_TOKEN_CACHE_SIZE = 8192
"""Texts whose tokens are kept, those used last: a text is in several pairs."""
_DEPENDS_ON = (
    "core/dates/written_days.py",
    "core/judgement/comparison_texts.py",
    "core/judgement/marks.py",
    "core/markdown/inline.py",
    "core/markdown/plain_text.py",
    "core/text/caching.py",
    "core/text/phrases.py",
    "core/text/sentences.py",
    "core/text/words.py",
    "core/values/amounts.py",
    "core/values/clock_times.py",
    "core/values/identifiers.py",
    "core/values/missing.py",
    "core/values/negatives.py",
    "core/values/number_words.py",
    "core/values/numerals.py",
    "core/values/quantities.py",
    "core/values/quantity.py",
    "core/values/readings.py",
    "core/values/spelled_names.py",
    "core/values/told_otherwise.py",
    "core/values/values.py",
    "ml/encodable.py",
    "ml/pair_encoding.py",
)
"""This module and all modules that it imports, in `kairos`: what they do decides what a model reads."""


class _Tokens(NamedTuple):
    ids: list[int]
    starts: list[int]


@dataclass(frozen=True, slots=True)
class EncodedPair:
    """One direction of a pair, [CLS] a [SEP] b [SEP]: its token `ids` and as many token `types`. `whole`: nothing was
    cut off."""

    ids: tuple[int, ...]
    types: tuple[int, ...]
    whole: bool = True


class PairEncoder:
    """Encodes pairs with the tokenizer at `file`, to at most `longest` tokens; the longer side is cut first.

    Leaves out what both sides say word for word, and from a side that is too long what the other does not mention.
    """

    def __init__(self, file: Path, *, longest: int) -> None:
        from tokenizers import Tokenizer  # noqa: PLC0415 - only where a model is used

        self._tokenizer: Tokenizer = Tokenizer.from_file(str(file))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._cls = self._id("[CLS]")
        self._sep = self._id("[SEP]")
        self._longest = longest
        self._token_cache: OrderedDict[str, _Tokens] = OrderedDict()

    def _id(self, token: str) -> int:
        number = self._tokenizer.token_to_id(token)
        if number is None:
            raise ValueError(f"the tokenizer has no {token}")
        return int(number)

    def encode(self, a: str, b: str) -> tuple[EncodedPair, EncodedPair]:
        """Return the pair as input for the model in both directions, which have the same length."""
        texts = without_shared_sentences(encodable(a[:_LONGEST_TEXT]), encodable(b[:_LONGEST_TEXT]))
        fitting = self._shortened(*texts)
        whole = max(len(a), len(b)) <= _LONGEST_TEXT and fitting == texts
        one, other = marked(*fitting)
        return self._ordered(one, other, whole=whole), self._ordered(other, one, whole=whole)

    def _shortened(self, a: str, b: str) -> tuple[str, str]:
        """Shorten the texts to fit, or nearly so: lengths are counted in tokens, but cut in characters."""
        counts = len(self._tokens(a).ids), len(self._tokens(b).ids)
        room_a, room_b = _shares(*counts, self._longest - 3)
        return (
            nearest(a, b, len(a) * room_a // counts[0]) if room_a < counts[0] else a,
            nearest(b, a, len(b) * room_b // counts[1]) if room_b < counts[1] else b,
        )

    def _ordered(self, a: Marked, b: Marked, *, whole: bool) -> EncodedPair:
        (ids_a, types_a), (ids_b, types_b) = self._side(a, 0), self._side(b, 1)
        room_a, room_b = _shares(len(ids_a), len(ids_b), self._longest - 3)
        return EncodedPair(
            (self._cls, *ids_a[:room_a], self._sep, *ids_b[:room_b], self._sep),
            (0, *types_a[:room_a], 0, *types_b[:room_b], 1),
            whole and len(ids_a) == room_a and len(ids_b) == room_b,
        )

    def _side(self, side: Marked, position: int) -> tuple[Sequence[int], list[int]]:
        tokens = self._tokens(side.text)
        return tokens.ids, [2 * side.marks[start] + position for start in tokens.starts]

    def _tokens(self, text: str) -> _Tokens:
        found = self._token_cache.get(text)
        if found is not None:
            self._token_cache.move_to_end(text)
            return found
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        found = _Tokens(encoding.ids, [start for start, _ in encoding.offsets])
        self._token_cache[text] = found
        if len(self._token_cache) > _TOKEN_CACHE_SIZE:
            self._token_cache.popitem(last=False)
        return found


def _shares(a: int, b: int, room: int) -> tuple[int, int]:
    """Share `room` tokens: the shorter side keeps as much as fits into half of it, the other side gets the rest."""
    if a + b <= room:
        return a, b
    if a <= b:
        kept = min(a, room // 2)
        return kept, room - kept
    kept = min(b, room // 2)
    return room - kept, kept


@cache
def reading_fingerprint() -> str:
    """Return a hash of the code that turns a pair into model input: with other input, opinions would differ."""
    room = Path(__file__).parents[1]
    try:
        code = b"".join((room / name).read_bytes() for name in _DEPENDS_ON)
    except OSError:  # installed without its source
        code = kairos.__version__.encode()
    return hashlib.sha256(code).hexdigest()
