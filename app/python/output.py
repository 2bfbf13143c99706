"""A cell's printed output: told as it comes, within bounds."""

import io
from collections.abc import Callable
from time import monotonic

from .messages import Omitted, Output, Stream
from .plain import cut

# Of what a cell prints the beginning is told as it comes, and the end once it is over.
HEAD_CHARACTERS = 60_000
TAIL_CHARACTERS = 20_000
# So often each line is told at once. Then several together, at intervals that grow, so that the
# number of messages stays small however long a cell goes on.
_AT_ONCE = 400
_FIRST_INTERVAL_S = 0.1
_SENT_PER_INTERVAL = 100
# A line without an end is told from here on.
_LONGEST_PENDING = 4_000


class Printed:
    """Takes text written to both streams of a cell."""

    def __init__(self, cell: int, tell: Callable[[Output | Omitted], None]) -> None:
        self._cell = cell
        self._tell = tell
        self._pending: list[str] = []
        self._pending_characters = 0
        self._stream: Stream = "stdout"
        self._sent = 0
        self._next_s = 0.0
        self._room = HEAD_CHARACTERS
        self._head: list[str] = []
        self._tail = ""
        self._passed_over = 0

    @property
    def omitted(self) -> int:
        """The number of characters that nobody is told of."""
        return max(0, self._passed_over - len(self._tail))

    def parts(self) -> tuple[str, str]:
        """The beginning and the end, for a summary."""
        return "".join(self._head), self._tail

    def write(self, stream: Stream, text: str) -> None:
        """Take a text that was printed."""
        if not text:
            return
        if stream != self._stream:
            self.flush()
            self._stream = stream
        if self._room:
            told, text = text[: self._room], text[self._room :]
            self._room -= len(told)
            self._pending.append(told)
            self._pending_characters += len(told)
            self._head.append(told)
            is_whole = "\n" in told or self._pending_characters > _LONGEST_PENDING
            if (is_whole and self._is_time()) or not self._room:
                self.flush()
        if text:
            self._passed_over += len(text)
            # Joined only now and then: what is printed letter by letter stays linear.
            self._tail += text[-TAIL_CHARACTERS:]
            if len(self._tail) > 2 * TAIL_CHARACTERS:
                self._tail = self._tail[-TAIL_CHARACTERS:]

    def flush(self) -> None:
        """Tell the waiting text."""
        if not self._pending:
            return
        text = "".join(self._pending)
        self._pending.clear()
        self._pending_characters = 0
        self._sent += 1
        if self._sent >= _AT_ONCE:
            longer = 2 ** min(20, (self._sent - _AT_ONCE) // _SENT_PER_INTERVAL)
            self._next_s = monotonic() + _FIRST_INTERVAL_S * longer
        self._tell(Output(self._cell, self._stream, _sendable(text)))

    def end(self) -> None:
        """Tell the rest: the end of a long output."""
        self.flush()
        self._tail = self._tail[-TAIL_CHARACTERS:]
        if self._tail:
            if self.omitted:
                self._tell(Omitted(self._cell, self.omitted))
            self._tell(Output(self._cell, self._stream, _sendable(self._tail)))

    def _is_time(self) -> bool:
        return self._sent < _AT_ONCE or monotonic() >= self._next_s


class SessionStream(io.TextIOBase):
    """`sys.stdout` or `sys.stderr` of a session; `write` takes the text."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, name: Stream, take: Callable[[Stream, str], None]) -> None:
        self._name: Stream = name
        self._take = take

    @property
    def name(self) -> str:
        return f"<{self._name}>"

    @property
    def buffer(self) -> "_Bytes":
        """The stream for writers of bytes."""
        return _Bytes(self)

    def writable(self) -> bool:
        return True

    def write(self, text: str, /) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._take(self._name, text)
        return len(text)


class _Bytes(io.RawIOBase):
    def __init__(self, text: SessionStream) -> None:
        self._text = text

    def writable(self) -> bool:
        return True

    def write(self, data: object, /) -> int:
        taken = bytes(data)  # type: ignore[call-overload]
        self._text.write(taken.decode("utf-8", "replace"))
        return len(taken)


class NoInput(io.TextIOBase):
    """`sys.stdin` of a session: nobody types there."""

    encoding = "utf-8"

    def readable(self) -> bool:
        return True

    def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]
        raise EOFError("nobody can type here: give the value in the code")

    read = readline


def _sendable(text: str) -> str:
    return cut(text, len(text))
