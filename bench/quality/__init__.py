"""How good the judgement is: figures on gold pairs, beside what others would do with the same pairs."""
