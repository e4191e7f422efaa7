"""From judgements to the plan of one dream: what is merged, flagged, pruned and dated, and what waits for a person."""
