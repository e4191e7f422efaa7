from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BOOTED = Path("/run/systemd/system").is_dir()


def kairos(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kairos", "service", *words], capture_output=True, text=True, check=False
    )


def test_a_dry_run_shows_every_file_and_writes_none(home: Path) -> None:
    (home / ".config/kairos").mkdir(parents=True)
    (home / ".config/kairos/config.yaml").write_text("roots: ['~/notes/agent']\n")
    done = kairos("install", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert f"### {home}/.config/systemd/user/kairos.service\n# Written by" in done.stdout
    assert f"-{home}/notes" in done.stdout
    assert f"note: {home}/notes does not exist yet" in done.stdout
    assert not (home / ".config/systemd").exists()
    assert not (home / ".local").exists()


@pytest.mark.skipif(BOOTED, reason="systemd runs here")
@pytest.mark.usefixtures("home")
def test_without_systemd_it_shows_the_files_and_says_what_to_do() -> None:
    done = kairos("install")
    assert done.returncode == 1
    assert "Nothing was written: systemd does not run on this machine." in done.stderr
    assert "have your own service manager run" in done.stderr
    assert "kairos.service.d/10-paths.conf" in done.stdout
    assert kairos("status").returncode == 1


@pytest.mark.skipif(BOOTED, reason="systemd runs here")
def test_files_can_be_removed_without_systemd(home: Path) -> None:
    place = home / ".config/systemd/user/kairos.service"
    place.parent.mkdir(parents=True)
    place.write_text("# Written by `kairos service install`, which writes it anew each time: …\n")
    done = kairos("uninstall")
    assert (done.returncode, "kairos.service is gone" in done.stdout) == (0, True)
    assert not place.exists()
    assert "is not installed" in kairos("uninstall").stdout


@pytest.mark.usefixtures("home")
def test_the_option_user_requires_system() -> None:
    done = kairos("install", "--user", "root", "--dry-run")
    assert (done.returncode, "--user needs --system" in done.stderr) == (2, True)


def test_an_invalid_configuration_is_reported_before_anything_is_done(home: Path) -> None:
    (home / "c.yaml").write_text("roots: [relative]\n")
    done = kairos("install", "--config", str(home / "c.yaml"))
    assert (done.returncode, "roots" in done.stderr) == (2, True)
