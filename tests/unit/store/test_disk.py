"""Reading from an open file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kairos.store.disk import DISK, opened, read_all

CONTENT = bytes(range(256)) * 1000


@pytest.mark.parametrize("size", [0, 1, len(CONTENT) - 1, len(CONTENT), len(CONTENT) + 1])
@pytest.mark.parametrize("limit", [0, 1, 70_000, len(CONTENT), len(CONTENT) + 1])
def test_a_file_is_read_to_its_end_or_the_limit_whatever_size_is_expected(
    tmp_path: Path, size: int, limit: int
) -> None:
    file = tmp_path / "note.md"
    file.write_bytes(CONTENT)
    with opened(DISK, str(file), os.O_RDONLY) as fd:
        assert read_all(fd, size, limit) == CONTENT[:limit]
        assert read_all(fd, size, limit) == CONTENT[:limit]  # wherever the file position is
