"""Weights of the classifiers for pairs of a root."""

MERGE: tuple[float, tuple[float, ...]] = (-0.72500, (0.42629, 0.48960, 0.28356, 1.74707, 0.51356, 0.69265))
CONFLICT: tuple[float, tuple[float, ...]] = (
    -6.45121,
    (
        0.16454,
        -0.32977,
        0.30853,
        1.43510,
        0.91870,
        0.75756,
        1.83706,
        -1.39877,
        -1.38490,
        1.15101,
        2.22345,
        0.04290,
    ),
)
