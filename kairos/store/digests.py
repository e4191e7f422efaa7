"""How a version of a file is named: by the sha256 of its bytes, or by a word for what has none."""

from __future__ import annotations

import hashlib

ABSENT = ""
"""Used as the sha256 of a file that does not exist."""

IRREGULAR = "irregular"
"""Used as the sha256 of anything that is not a regular file."""


def sha256(data: bytes | None) -> str:
    """Hex sha256 of some bytes; `ABSENT` for None."""
    return ABSENT if data is None else hashlib.sha256(data).hexdigest()
