"""The always-loaded index and the notes that Kairos manages: their lines, their hooks, and the budget."""
