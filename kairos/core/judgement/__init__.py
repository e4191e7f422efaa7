"""How two texts relate: the signals, marks and chances of a pair, and the verdict that follows from them."""
