"""Everything on disk: snapshots, durable writes, locks, the journal, and the state of past dreams."""
