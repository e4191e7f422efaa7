"""Faults of a configuration, worded so that they can be fixed: key path, what was expected, and the value found."""

from __future__ import annotations

import reprlib
from difflib import get_close_matches
from typing import Any

from kairos.config.reader import keys_of, sections
from kairos.config.section import Section

_NOT_SHOWN: Any = object()

_short = reprlib.Repr()
_short.maxstring = _short.maxother = 60
_short.maxlevel = 2  # YAML aliases can nest, and each level multiplies the size


def fault(path: tuple[int | str, ...], sentence: str, value: object = _NOT_SHOWN) -> str:
    """Return one fault: where it is, what was expected and, if given, the value found."""
    where = f"{key_path(path)}: " if path else ""
    got = "" if value is _NOT_SHOWN else f", got {_short.repr(value)}"
    return f"{where}{sentence}{got}"


def key_path(path: tuple[int | str, ...]) -> str:
    """Return `roots[0].path` for `("roots", 0, "path")`."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).removeprefix(".")


def suggestion(wrong: str, parents: tuple[str, ...], schema: type[Section]) -> str:
    """Suggest the key that was probably meant: a similar one in this section, or the same one elsewhere."""
    known = dict(sections(schema))
    here = list(keys_of(known[parents]))
    near = get_close_matches(wrong, here, n=1)
    elsewhere = [key_path((*path, wrong)) for path, section in known.items() if wrong in keys_of(section)]
    candidates = near or elsewhere
    if candidates:
        return f"; did you mean {candidates[0]}?"
    return f"; expected one of {', '.join(here)}"
