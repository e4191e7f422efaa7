"""Training of the judge model and of the judge's classifier; not part of the installed package."""
