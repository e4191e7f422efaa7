"""Words, sentences and phrases of notes, whatever their topic. All other rooms of the core build on these."""
