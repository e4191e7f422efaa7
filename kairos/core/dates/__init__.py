"""Days in what notes say: dates, weekdays, "yesterday", and the day on which a dream looks at them."""
