"""What is known of a root once it has been read: its files, entries, places, origins, pointers and credentials."""
