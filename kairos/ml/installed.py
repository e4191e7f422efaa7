"""Packages that are installed, found without running anything of them.

`importlib.metadata` knows more, and brings what reads mails and archives: to import it takes as long as fifty modules
of Kairos. So it is asked last.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

_INFO = ".dist-info"
"""How the name of a directory ends that pip left beside a package: `onnx-1.2.3.dist-info`."""


def directory_of(package: str) -> Path | None:
    """Return the directory of a package that can be imported; None where there is none."""
    spec = find_spec(package)
    places = spec.submodule_search_locations if spec is not None else None
    return next(map(Path, places), None) if places else None


def version_of(package: str) -> str:
    """Return the version of an installed package; "" where there is none."""
    directory = directory_of(package)
    infos = list(directory.parent.glob(f"{package}-*{_INFO}")) if directory is not None else []
    if len(infos) == 1:
        return infos[0].name.removeprefix(f"{package}-").removesuffix(_INFO)
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - as above

    try:
        return version(package)
    except PackageNotFoundError:
        return ""
