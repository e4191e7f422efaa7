"""A language model for pairs in doubt: asked only where the user configured one, within a budget, and never trusted.

The way of a question: `arbiter` puts it twice, with the sides exchanged; `frame` quotes the notes and checks the
answer; `budget` says beforehand whether a call may be made; `cache` remembers answers; a provider makes the call.
"""
