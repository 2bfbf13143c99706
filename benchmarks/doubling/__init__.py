"""Whether a stream twice as long costs at most twice as much, in time."""
