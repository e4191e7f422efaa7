from __future__ import annotations

from pathlib import Path

import pytest

from kairos_service import mounts as module
from kairos_service.mounts import file_system, is_remote

TABLE = r"""
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/root rw
30 22 0:40 / /home/ann rw - nfs4 server:/home rw
31 30 0:41 / /home/ann/.cache rw - tmpfs tmpfs rw
32 22 0:42 / /mnt/two\040words rw master:1 propagate_from:2 - fuse.sshfs host: rw
33 22 0:43 / /mnt/both rw - cifs //host/share rw
34 33 254:0 /x /mnt/both rw - ext4 /dev/root rw
35 22 0:44 / /mnt/ntfs rw - fuseblk /dev/sdb1 rw
a broken line
""".lstrip()


@pytest.fixture
def mounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "mountinfo"
    path.write_text(TABLE)
    monkeypatch.setattr(module, "MOUNTS", path)
    return path


@pytest.mark.parametrize(
    ("path", "kind", "remote"),
    [
        ("/home/bob", "ext4", False),
        ("/home/ann", "nfs4", True),
        ("/home/ann/notes/deep", "nfs4", True),
        ("/home/anna", "ext4", False),
        ("/home/ann/.cache/x", "tmpfs", False),
        ("/mnt/two words/memory", "fuse.sshfs", True),
        ("/mnt/both/a", "ext4", False),  # the later mount hides the earlier one
        ("/mnt/ntfs/a", "fuseblk", False),
    ],
)
@pytest.mark.usefixtures("mounts")
def test_the_innermost_mount_counts(path: str, kind: str, remote: bool) -> None:
    assert file_system(path) == kind
    assert is_remote(path) is remote


@pytest.mark.usefixtures("mounts")
def test_a_link_is_resolved_to_its_file_system(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/home/ann/notes")
    assert is_remote(tmp_path / "link")


def test_without_a_mount_table_nothing_is_remote(mounts: Path) -> None:
    mounts.unlink()
    assert file_system("/home") == ""
    assert not is_remote("/home")


def test_this_machine_has_a_mount_table() -> None:
    assert file_system("/proc/self") == "proc"
