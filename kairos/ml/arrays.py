"""Types of the arrays that pairing and the search for neighbours work on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
"""Numbers of entries, claims or texts: positions in a sequence of them."""
Scores = NDArray[np.float64]
"""Cosines, rounded to six decimals; −∞ where there is none."""
Flags = NDArray[np.bool_]
