"""The wire view: the exchanges of an answer."""
