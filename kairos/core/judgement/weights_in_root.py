"""Weights of the classifiers for pairs of a root,
fitted by training/fit_root.py on 8,599 pairs of 39 labelled directories, of roots made
of 1030 families, and of 27 other directories."""

MERGE: tuple[float, tuple[float, ...]] = (0.06151, (0.46219, 0.56410, 0.26399, 0.71972, 0.55222, 0.60241))
CONFLICT: tuple[float, tuple[float, ...]] = (
    -7.76700,
    (
        0.14712,
        -0.33890,
        0.36123,
        3.18282,
        1.11282,
        0.26504,
        2.45199,
        -1.23428,
        -1.70644,
        0.93696,
        2.24649,
        -0.08738,
    ),
)
# each: the intercept, and one weight for each feature
