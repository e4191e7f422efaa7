"""Make texts acceptable to every tokenizer."""

from __future__ import annotations


def encodable(text: str) -> str:
    """Replace lone surrogates, which stand for bytes that were not UTF-8 and which tokenizers reject.

    The length does not change.
    """
    return text.encode("utf-8", "replace").decode("utf-8")
