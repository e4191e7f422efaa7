"""How the judge model is made; nothing of it is installed."""
