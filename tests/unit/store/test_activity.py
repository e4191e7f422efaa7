from __future__ import annotations

from kairos.store.activity import what_holds
from kairos.store.records import Undoing


def test_an_undo_takes_back_and_an_undo_of_it_brings_back() -> None:
    assert what_holds([(2, [Undoing(1)]), (1, [])]) == ({2}, {Undoing(1)})
    assert what_holds([(3, [Undoing(2)]), (2, [Undoing(1)]), (1, [])]) == ({3, 1}, {Undoing(2)})


def test_an_undone_change_leaves_its_transaction_standing() -> None:
    assert what_holds([(2, [Undoing(1, "k")]), (1, [])]) == ({2, 1}, {Undoing(1, "k")})
