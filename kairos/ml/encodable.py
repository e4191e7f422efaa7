"""Texts that every tokenizer takes."""

from __future__ import annotations


def encodable(text: str) -> str:
    """Replace lone surrogates, which stand for bytes that were no UTF-8: tokenizers refuse them.

    The length stays what it was.
    """
    return text.encode("utf-8", "replace").decode("utf-8")
