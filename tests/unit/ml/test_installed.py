"""Packages are found, and asked for their version, without being run."""

from __future__ import annotations

import importlib.metadata
import sys
from pathlib import Path

import pytest

from kairos.ml.installed import directory_of, version_of

NAME = "kairos_test_package"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place where a package is installed that must not be run."""
    (tmp_path / NAME).mkdir()
    (tmp_path / NAME / "__init__.py").write_text("raise SystemExit('it was run')", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def inform(directory: Path, version: str) -> None:
    directory.mkdir()
    text = f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {version}\n"
    (directory / "METADATA").write_text(text, encoding="utf-8")


def test_a_package_is_found_and_not_run(site: Path) -> None:
    assert directory_of(NAME) == site / NAME
    assert NAME not in sys.modules


@pytest.mark.parametrize("version", ["1.2.3", "2.13.0+cpu", "1.0rc1"])
def test_its_version_stands_beside_it(site: Path, version: str) -> None:
    inform(site / f"{NAME}-{version}.dist-info", version)
    assert version_of(NAME) == version


def test_where_the_name_does_not_tell_the_metadata_does(site: Path) -> None:
    assert version_of(NAME) == ""
    inform(site / "Kairos.Test_package-4.5.dist-info", "4.5")
    importlib.invalidate_caches()
    assert version_of(NAME) == "4.5"


def test_it_is_the_version_that_the_metadata_names() -> None:
    assert version_of("pytest") == importlib.metadata.version("pytest") == pytest.__version__


def test_what_is_not_installed_has_neither() -> None:
    assert (directory_of(NAME), version_of(NAME)) == (None, "")


def test_a_module_has_no_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kairos_test_module.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    assert directory_of("kairos_test_module") is None
