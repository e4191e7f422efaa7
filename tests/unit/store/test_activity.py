from __future__ import annotations

from kairos.store.activity import what_holds
from kairos.store.records import Undoing


def test_an_undo_ends_a_transaction_and_undoing_the_undo_restores_it() -> None:
    assert what_holds([(2, [Undoing(1)]), (1, [])]) == ({2}, {Undoing(1)})
    assert what_holds([(3, [Undoing(2)]), (2, [Undoing(1)]), (1, [])]) == ({3, 1}, {Undoing(2)})


def test_undoing_one_change_leaves_its_transaction_in_force() -> None:
    assert what_holds([(2, [Undoing(1, "k")]), (1, [])]) == ({2, 1}, {Undoing(1, "k")})
