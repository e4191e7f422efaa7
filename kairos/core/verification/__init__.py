"""Checks a plan against the invariants before anything is written; nothing here knows the planner or the judge."""
