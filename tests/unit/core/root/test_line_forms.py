"""The lines of a note with its values left open, as digests."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kairos.core.root.line_forms import LineForms, digests_in
from kairos.core.root.reading import Reading

Read = Callable[[Mapping[str, str]], Reading]


def lines_of(read: Read, text: str) -> LineForms:
    return read({"a.md": text}).facts["a.md"].line_forms


def test_lines_that_differ_in_values_alone_are_equal_once_opened(read: Read) -> None:
    one = lines_of(read, "- Shoe size is 31.\n- Swimming on Tuesdays at 16:00.\n- Plays the horn.\n")
    other = lines_of(read, "- Swimming on Thursdays at 17:30!\n- shoe size is **34**\n- Collects stamps.\n")
    assert len(digests_in(one.opened) & digests_in(other.opened)) == 2
    assert not digests_in(one.exact) & digests_in(other.exact)


def test_case_and_punctuation_do_not_count_and_single_words_are_no_lines(read: Read) -> None:
    one = lines_of(read, "- Plays the horn.\n- Alone\n")
    assert one == lines_of(read, "- plays: the HORN\n")
    assert len(digests_in(one.exact)) == 1


def test_bytes_that_were_cut_off_hold_the_whole_digests_among_them(read: Read) -> None:
    joined = lines_of(read, "- Plays the horn.\n- Collects old stamps.\n").exact
    assert digests_in(joined[:-3]) < digests_in(joined)
    assert digests_in(b"") == digests_in(b"abc") == frozenset()
