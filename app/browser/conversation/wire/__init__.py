"""What went over the wire for an answer."""
