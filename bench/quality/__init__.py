"""The quality benchmark: measures the judgement on gold pairs, next to baselines on the same pairs."""
