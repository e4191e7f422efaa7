"""A plan against the invariants, by what was read and changed alone: nothing here trusts the planner or the judge."""
