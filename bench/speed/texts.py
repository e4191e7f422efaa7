"""`python -m bench.speed.texts ROOT`: print the texts of all entries of a directory except pointers, as a JSON list."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from kairos.config import default_config
from kairos.core.index.linker import Linker
from kairos.core.root.purpose import JUDGED_ROLES
from kairos.core.root.reading import Reading
from kairos.layouts import detect
from kairos.store.files import read_snapshot


def texts(root: Path) -> list[str]:
    """Return the text of each entry that Kairos compares; pointers are left out."""
    layout, config = detect(root), default_config()
    snapshot = read_snapshot(
        root,
        layout=layout.name,
        role_of=layout.role_of,
        max_bytes=config.max_file_bytes,
        ignore=config.is_ignored,
    )
    reading = Reading.of(snapshot)
    linker = Linker(reading)
    return [
        entry.text
        for entry in reading.entries.values()
        if reading.note_of(entry).role in JUDGED_ROLES and not linker.is_pointer(entry)
    ]


if __name__ == "__main__":
    print(json.dumps(texts(Path(sys.argv[1]))))
