"""A root as it was read: what is known of its files and entries, their places, origins, pointers and secrets."""
