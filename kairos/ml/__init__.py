"""Vectors: the embedding model, what it has computed before, and who is near whom."""
