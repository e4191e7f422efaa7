"""Models: the encoder, neighbour search over its vectors, the judge model, and the caches of their results."""
