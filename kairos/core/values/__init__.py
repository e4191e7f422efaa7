"""Numbers, units, identifiers and names in notes: which of them two texts share, and which only one of them has."""
