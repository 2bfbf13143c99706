"""Time of a stream twice as long: at most twice as much."""
