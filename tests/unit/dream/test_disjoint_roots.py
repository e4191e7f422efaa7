"""Nested roots are refused before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kairos.dream import Mode, Status
from kairos.errors import UsageError
from tests.unit.dream.notes import FILLER, TWICE

if TYPE_CHECKING:
    from tests.conftest import Bed

    MakeBed = Callable[[Mapping[str, str | bytes]], Bed]

NESTED = {"two.md": f"# Notes\n\n- {TWICE}\n{FILLER}", "sub/one.md": f"# Notes\n\n- {TWICE}\n"}
pytestmark = pytest.mark.model


def refusal(bed: Bed, root: Path) -> str:
    before = bed.files()
    with pytest.raises(UsageError) as caught:
        bed.kairos.dream(root, Mode.UNATTENDED)
    assert bed.files() == before
    return str(caught.value)


@pytest.mark.parametrize("outer", ["memory", "mem*"])
@pytest.mark.parametrize("inner", ["memory/s*", "*/sub", "**/sub"])
def test_patterns_that_match_nested_roots_are_refused(bed: MakeBed, outer: str, inner: str) -> None:
    nested = bed(NESTED)
    nested.configure(f"roots: [{nested.home}/{outer}, {nested.home}/{inner}]")
    root, sub = nested.root, nested.root / "sub"
    assert f"{root} holds {sub}" in refusal(nested, root)
    assert f"{sub} lies in {root}" in refusal(nested, sub)


def test_a_root_that_holds_a_disabled_root_is_refused(bed: MakeBed) -> None:
    nested = bed(NESTED)
    nested.configure(f"roots: [{nested.root}, {{path: {nested.home}/*/sub, enabled: false}}]")
    assert f"{nested.root} holds {nested.root}/sub" in refusal(nested, nested.root)


def test_a_root_inside_a_disabled_root_is_allowed(bed: MakeBed) -> None:
    nested = bed(NESTED)
    nested.configure(f"roots: [{{path: {nested.root}, enabled: false}}, {nested.root}/sub]")
    assert nested.kairos.dream(nested.root / "sub", Mode.UNATTENDED).status is Status.NOTHING


def test_a_directory_around_a_known_root_is_refused_until_its_dreams_are_undone(bed: MakeBed) -> None:
    nested = bed({**NESTED, "sub/copy.md": f"# Notes\n\n- {TWICE}\n{FILLER}"})
    sub = nested.root / "sub"
    assert nested.kairos.dream(sub, Mode.UNATTENDED).status is Status.APPLIED
    assert f"holds {sub}" in refusal(nested, nested.root)
    assert f"{nested.home} holds {sub}" in refusal(nested, nested.home)
    nested.kairos.undo(sub, everything=True)
    assert nested.kairos.dream(nested.root, Mode.UNATTENDED).status is Status.APPLIED
    assert f"lies in {nested.root}" in refusal(nested, sub)


def test_a_configured_root_may_hold_a_directory_dreamt_over_before(bed: MakeBed) -> None:
    nested = bed({**NESTED, "sub/copy.md": f"# Notes\n\n- {TWICE}\n{FILLER}"})
    assert nested.kairos.dream(nested.root / "sub", Mode.UNATTENDED).status is Status.APPLIED
    nested.configure(f"roots: [{nested.root}]")
    assert nested.dream().status is Status.APPLIED
