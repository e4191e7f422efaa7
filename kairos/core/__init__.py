"""The logic of a dream as pure functions: no I/O, no clock, no randomness."""
