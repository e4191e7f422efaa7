"""What is wrong with a configuration, said so that one can mend it: key path, expectation, value found."""

from __future__ import annotations

import reprlib
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

_EXPECTED = {
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "string_type": "text",
    "tuple_type": "a list",
    "model_type": "a mapping of keys to values",
    "missing": "a value, but the key is missing",
    "string_pattern_mismatch": "a name like all-MiniLM-L6-v2 or owner/model",
}
_BOUNDS = {
    "greater_than_equal": ("at least", "ge"),
    "less_than_equal": ("at most", "le"),
    "greater_than": ("more than", "gt"),
}
_UNKNOWN = ("extra_forbidden", "invalid_key")
_CONSEQUENCES = ("default_factory_not_called",)  # of another key's fault, which is in the list, too

_short = reprlib.Repr()
_short.maxstring = _short.maxother = 60
_short.maxlevel = 2  # what aliases nest can be huge, and each level multiplies


def problems(error: ValidationError, schema: type[BaseModel]) -> tuple[str, ...]:
    """Return every fault that pydantic found, one sentence each, in the order of the keys."""
    details = error.errors(include_url=False)
    return tuple(_problem(detail, schema) for detail in details if detail["type"] not in _CONSEQUENCES)


def _problem(detail: ErrorDetails, schema: type[BaseModel]) -> str:
    kind, location, context = detail["type"], detail["loc"], detail.get("ctx", {})
    where = key_path(location)
    if kind in _UNKNOWN:
        *parents, wrong = location
        where = key_path((*parents, str(wrong)))  # 1 and true are keys in YAML, too
        return f"{where}: unknown key{_suggestion(parents, str(wrong), schema)}"
    got = f", got {_short.repr(detail['input'])}"
    if kind == "missing":
        got = ""
    if kind == "value_error":
        expected = str(context["error"])
        got = "" if isinstance(detail["input"], dict) else got
    elif kind in _BOUNDS:
        words, bound = _BOUNDS[kind]
        expected = f"expected {words} {context[bound]:g}"
    elif kind == "literal_error":
        expected = f"expected {context['expected']}"
    else:
        expected = f"expected {_EXPECTED[kind]}" if kind in _EXPECTED else detail["msg"]
    return f"{where}: {expected}{got}" if where else f"{expected}{got}"


def key_path(location: tuple[int | str, ...]) -> str:
    """Return `roots[0].path` for `("roots", 0, "path")`."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return "".join(parts).removeprefix(".")


def _suggestion(parents: Sequence[int | str], wrong: str, schema: type[BaseModel]) -> str:
    """Name the key that was probably meant: a similar one here, or the same one elsewhere."""
    here = dict(_sections(schema))[tuple(part for part in parents if isinstance(part, str))]
    near = get_close_matches(wrong, here.model_fields, n=1)
    elsewhere = [
        key_path((*path, wrong)) for path, section in _sections(schema) if wrong in section.model_fields
    ]
    candidates = near or elsewhere
    if candidates:
        return f"; did you mean {candidates[0]}?"
    return f"; expected one of {', '.join(here.model_fields)}"


def _sections(
    schema: type[BaseModel], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], type[BaseModel]]]:
    """Walk the schema: the key path of every section, and its type; list items count as their key."""
    yield path, schema
    for name, info in schema.model_fields.items():
        for part in _types_in(info.annotation):
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from _sections(part, (*path, name))


def _types_in(annotation: Any) -> tuple[Any, ...]:  # noqa: ANN401 - any annotation
    return (annotation, *get_args(annotation))
