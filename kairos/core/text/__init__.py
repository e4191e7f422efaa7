"""Words, sentences and phrases of notes, whatever they speak of. What all other rooms read with."""
