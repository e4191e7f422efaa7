"""Options are added to the commands in a sentence, and to nothing else."""

import pytest

from kairos.report.commands import with_options


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("See `kairos log`.", "See `kairos log -c x`."),
        ("`kairos undo 'a b' t3` or `kairos log`", "`kairos undo 'a b' t3 -c x` or `kairos log -c x`"),
        ("`kairos dream 'a`b'`.", "`kairos dream 'a`b' -c x`."),
        ("Run `kairos init`, then `kairos dream`.", "Run `kairos init`, then `kairos dream -c x`."),
        ("See `kairos gc --help`.", "See `kairos gc --help`."),
        (
            "`kairosd` starts it; kairos log; `make log`; `kairos`",
            "`kairosd` starts it; kairos log; `make log`; `kairos`",
        ),
    ],
)
def test_only_commands_that_take_the_option_get_it(sentence: str, told: str) -> None:
    assert with_options(sentence, "-c x") == told
    assert with_options(sentence, "") == sentence
