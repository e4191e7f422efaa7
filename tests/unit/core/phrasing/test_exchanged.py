"""Texts that pair the same words the other way round."""

import pytest

from kairos.core.judgement.judge import judge
from kairos.core.phrasing.exchanged import pairs_exchanged
from kairos.model import Action, Opinion, Statement

EXCHANGED = [
    ("Hold RESET, press BOOT.", "Press RESET while holding BOOT."),
    ("To flash the board, hold RESET, then press BOOT.", "Flash it by holding BOOT and pressing RESET."),
    ("Keep RESET held down and tap BOOT to flash the board.", "Flashing: hold BOOT down, then tap RESET."),
    ("Archive the orders table and drop the customers table.", "Drop the orders, archive the customers."),
    ("Halte RESET gedrückt und drücke BOOT.", "Zum Flashen BOOT gedrückt halten, dann RESET drücken."),
    ("Maintenez RESET puis appuyez sur BOOT.", "Appuyez sur RESET et maintenez BOOT pour flasher."),
    ("Mantén RESET y luego pulsa BOOT.", "Mantén BOOT y pulsa RESET para grabar."),
    ("Segure RESET e depois aperte BOOT.", "Para gravar, segure BOOT e aperte RESET."),
    ("Удерживай RESET, потом нажми BOOT.", "Удерживай BOOT и нажми RESET для прошивки."),
    ("Mondays: squats; Thursdays: deadlifts.", "We do deadlifts on Mondays and squats on Thursdays."),
]
NOT_EXCHANGED = [
    ("Hold RESET, press BOOT.", "Press BOOT while holding RESET."),
    ("To flash the board, hold RESET, then press BOOT.", "Flash it by pressing BOOT, with RESET held."),
    ("Archive the orders table and drop the customers table.", "Drop the customers, archive the orders."),
    ("Wash the jumpers, then dry them flat.", "Dry the jumpers flat after washing them."),
    ("Mondays: squats; Thursdays: deadlifts.", "Deadlifts on Thursdays, squats on Mondays."),
    ("Hold RESET.", "Hold BOOT."),
    ("", "Hold RESET, press BOOT."),
]


@pytest.mark.parametrize(("a", "b"), EXCHANGED)
def test_texts_that_pair_the_same_words_otherwise_are_exchanged(a: str, b: str) -> None:
    assert pairs_exchanged(a, b)
    assert pairs_exchanged(b, a)


@pytest.mark.parametrize(("a", "b"), NOT_EXCHANGED)
def test_texts_that_pair_them_alike_are_not_exchanged(a: str, b: str) -> None:
    assert not pairs_exchanged(a, b)
    assert not pairs_exchanged(b, a)


def test_exchanged_texts_are_not_merged_however_sure_a_model_is() -> None:
    a, b = (Statement(text, (text,)) for text in EXCHANGED[1])
    sure = Opinion(1.0, 0.0, 0.0, 0.0, 0.0)
    found = judge(a, b, lambda _a, _b: 0.95, opinion=sure)
    assert found.action is not Action.MERGE
    assert "what goes together on one side is exchanged on the other" in {one.text for one in found.evidence}
