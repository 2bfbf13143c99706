"""Sentences in which a server of runs says that it ended an answer itself, for people."""

INTERRUPTED = "The server ended in the middle of this answer. What had come is kept."
STOPPED = "The server was stopped in the middle of this answer. What had come is kept."
TOO_LONG = "This answer took longer than the server lets one take, and was stopped."
GONE = "The server has this answer no more. What had come is kept."

ALL = frozenset({INTERRUPTED, STOPPED, TOO_LONG, GONE})
