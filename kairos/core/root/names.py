"""Which words of a root are names: asked so that what followed from the answers can be known to hold still."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

Answers = Mapping[tuple[bool, str], bool]
"""What was told of words: whether each is a name (True), or may be one (False)."""


class Names(Protocol):
    """What the words of a root show of its names."""

    def is_name(self, word: str) -> bool:
        """Whether a word is known to be a name."""

    def may_be_name(self, word: str) -> bool:
        """Whether nothing shows that a word is a topic."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Tells what `names` tell, and remembers it in `answers`."""

    names: Names
    answers: dict[tuple[bool, str], bool] = field(default_factory=dict)

    def is_name(self, word: str) -> bool:
        """Whether a word is known to be a name."""
        answer = self.answers[True, word] = self.names.is_name(word)
        return answer

    def may_be_name(self, word: str) -> bool:
        """Whether nothing shows that a word is a topic."""
        answer = self.answers[False, word] = self.names.may_be_name(word)
        return answer


def hold(answers: Answers, names: Names) -> bool:
    """Whether `names` tell the same of all that was asked."""
    return all(
        (names.is_name if known else names.may_be_name)(word) == answer
        for (known, word), answer in answers.items()
    )
