"""Check files of note families and of documents.

usage: python -m training.check_families FILE.jsonl …

Prints one line for each fault; the exit status is 1 if there is any.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

LISTS = {"same": 3, "contains": 1, "conflict": 2, "update": 1, "distinct": 3}
"""How many notes a family has at least in each list."""
KEYS = {"id", "topic", "lang", "base", *LISTS}
DOCUMENT_KEYS = {"id", "topic", "lang", "lines"}
SHORTEST_DOCUMENT = 8


def faults(line: str) -> list[str]:
    """Return what is wrong with one family or document."""
    try:
        family = json.loads(line)
    except ValueError as error:
        return [f"no JSON: {error}"]
    if "lines" in family:
        return _faults_of_document(family)
    if set(family) != KEYS:
        return [f"keys {sorted(set(family) ^ KEYS)} are missing or too many"]
    found = [
        f"{name}: fewer than {count} notes" for name, count in LISTS.items() if len(family[name]) < count
    ]
    return found + _faults_of_notes([family["base"], *(note for name in LISTS for note in family[name])])


def _faults_of_document(document: dict[str, Any]) -> list[str]:
    if set(document) != DOCUMENT_KEYS:
        return [f"keys {sorted(set(document) ^ DOCUMENT_KEYS)} are missing or too many"]
    few = len(document["lines"]) < SHORTEST_DOCUMENT
    return ["too few lines"] * few + _faults_of_notes(document["lines"])


def _faults_of_notes(notes: list[str]) -> list[str]:
    found = [f"twice: {note[:60]}" for note, count in Counter(notes).items() if count > 1]
    return found + ["an empty note" for note in notes if not note.strip()]


def main(files: list[str]) -> int:
    """Check every line of every file."""
    bad = 0
    seen: Counter[str] = Counter()
    for file in files:
        for number, line in enumerate(Path(file).read_text("utf-8").splitlines(), start=1):
            found = faults(line)
            if not found:
                seen[json.loads(line)["id"]] += 1
            for fault in found:
                print(f"{file}:{number}: {fault}")
            bad += len(found)
    for name, count in seen.items():
        if count > 1:
            print(f"{name}: an id used {count} times")
            bad += 1
    print(f"{sum(seen.values())} families and documents, {bad} faults")
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
