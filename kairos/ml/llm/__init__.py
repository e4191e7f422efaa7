"""A language model for pairs in doubt: asked only if the user has configured one, within a budget, and never trusted.

`arbiter` asks each question twice, the second time with the sides exchanged; `frame` quotes the notes and checks the
answer; `budget` decides in advance whether a call may be made; `cache` remembers answers; a provider makes the call.
"""
