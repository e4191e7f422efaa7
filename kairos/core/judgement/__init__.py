"""What two texts are to each other: signals, marks and chances, the verdict, and what a witness may change in it."""
