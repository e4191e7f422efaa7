from __future__ import annotations

import pytest

from kairos.cli.keys import complete_prefix
from kairos.errors import UsageError


def test_a_unique_prefix_of_a_key_is_enough() -> None:
    keys = ["abc1", "abc12", "abd"]
    assert complete_prefix("abd", keys, "change", "") == "abd"
    assert complete_prefix("abc1", keys, "change", "") == "abc1"
    with pytest.raises(UsageError, match="more than one change: abc1, abc12"):
        complete_prefix("abc", keys, "change", "")
    with pytest.raises(UsageError, match="no change x"):
        complete_prefix("x", keys, "change", "")
