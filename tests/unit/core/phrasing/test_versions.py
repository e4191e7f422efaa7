from kairos.core.phrasing.versions import begin_alike, one_has_ended


def test_lines_that_begin_with_the_same_words_begin_alike() -> None:
    assert begin_alike("Opening hours shop: 9 to 5", "Opening hours shop: closed on Mondays")
    assert begin_alike("12 overdue books today", "30 overdue books yesterday")  # numbers do not count
    assert not begin_alike("Opening hours shop: 9 to 5", "Opening hours office: 9 to 5")
    assert not begin_alike("Opening hours", "Opening hours")  # too short to tell


def test_one_side_has_ended_only_if_the_other_has_not() -> None:
    assert one_has_ended("Glaze by hand.", "Glaze by hand (superseded by the spray booth).")
    assert not one_has_ended("Glaze by hand.", "Glaze with a brush.")
    assert not one_has_ended("The hand glaze is obsolete.", "Glazing by hand: superseded.")
