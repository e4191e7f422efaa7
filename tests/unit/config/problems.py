"""What is wrong with a configuration, in the words of its error."""

from __future__ import annotations

import pytest

from kairos.config import parse_config
from kairos.errors import ConfigError


def problems_of(text: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        parse_config(text, "config.yaml")
    return caught.value.problems


def only_problem_of(text: str) -> str:
    (problem,) = problems_of(text)
    return problem
