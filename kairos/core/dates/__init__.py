"""Days in notes: dates, weekdays, relative days such as "yesterday", and the day of the dream."""
