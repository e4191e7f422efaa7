"""Lazy patterns, which are compiled on first use."""

from __future__ import annotations

import re

import pytest

from kairos.core.text.patterns import lazy


def test_a_lazy_pattern_does_what_the_compiled_one_does() -> None:
    pattern, compiled = lazy(r"(?P<name>b+)", re.IGNORECASE), re.compile(r"(?P<name>b+)", re.IGNORECASE)
    text = "aBBcb"
    assert pattern.findall(text) == compiled.findall(text)
    assert pattern.sub("-", text) == compiled.sub("-", text)
    assert [match["name"] for match in pattern.finditer(text)] == ["BB", "b"]
    assert pattern.match(text, 1, 2) is not None
    assert pattern.fullmatch(text) is None
    assert pattern.pattern == compiled.pattern


def test_a_lazy_pattern_is_compiled_on_first_use() -> None:
    broken = lazy("(")
    with pytest.raises(re.error):
        broken.search("text")
