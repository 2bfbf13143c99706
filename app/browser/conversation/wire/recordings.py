"""Exchanges of each answer of this visit, recorded within bounds; none of them is kept."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from ....core.running.step import Decoder
from ....core.wire.recording import Recorder
from ....core.wire.transport import Transport

# Older recordings go where there are more answers, or more bytes, than these.
_MOST_ANSWERS = 50
_MOST_BYTES = 20_000_000


class Recorded(NamedTuple):
    """The exchanges of one run, and a maker of decoders for their answers. `is_relayed`: they went
    through the server of this page.
    """

    recorder: Recorder
    decoder: Callable[[], Decoder]
    is_relayed: bool = False


class Recordings:
    """The recordings by the id of the first message of their run."""

    def __init__(self) -> None:
        self._known: dict[str, Recorded] = {}

    def begin(
        self,
        answer_id: str,
        transport: Transport,
        decoder: Callable[[], Decoder],
        *,
        is_relayed: bool,
    ) -> Recorder:
        """Record the exchanges over this transport for this answer."""
        self._make_room()
        recorder = Recorder(transport)
        self._known[answer_id] = Recorded(recorder, decoder, is_relayed)
        return recorder

    def of(self, ids: Iterable[str]) -> list[Recorded]:
        """List the recordings of these messages, in order; of those that were made elsewhere
        none.
        """
        return [self._known[id] for id in ids if id in self._known]

    def _make_room(self) -> None:
        sizes = {id: recorded.recorder.size for id, recorded in self._known.items()}
        total = sum(sizes.values())
        for id, size in sizes.items():
            if len(self._known) < _MOST_ANSWERS and total <= _MOST_BYTES:
                return
            del self._known[id]
            total -= size


def title_id(answer_id: str) -> str:
    """Make the name under which the question for a chat's title is recorded, beside its first
    answer.
    """
    return f"{answer_id}-title"
