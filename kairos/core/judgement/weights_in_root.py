"""Weights of the classifiers for pairs of a root,
fitted by training/fit_root.py on 9,709 pairs of 27 labelled directories, of roots made
of 763 families, and of 28 other directories."""

MERGE: tuple[float, tuple[float, ...]] = (-0.29315, (0.44188, 0.50932, 0.28956, 1.29512, 0.43295, 0.71570))
CONFLICT: tuple[float, tuple[float, ...]] = (
    -6.92571,
    (
        0.14139,
        -0.28681,
        0.36004,
        2.31566,
        0.98172,
        0.56767,
        1.94014,
        -1.63113,
        -1.54583,
        1.05910,
        2.45164,
        0.09792,
    ),
)
# each: the intercept, and one weight for each feature
