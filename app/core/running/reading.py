"""The ways to read an answer on its way: as events, as text, or whole."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Self

from ..events import ContentDelta, Event
from ..messages import Message


class Readable(ABC):
    """An answer that is read once, by batches of events or in a way made of them. Leaving the
    reading early, however it is read, ends it.

    `place` is how far it was read, where whoever carries it keeps what it tells;
    `trouble` why nothing can be read at the moment, where it goes on by itself.
    """

    place: str = ""
    trouble: str = ""

    @property
    @abstractmethod
    def message(self) -> Message:
        """The answer so far."""

    @property
    @abstractmethod
    def is_read(self) -> bool:
        """Tell whether somebody has begun to read."""

    @abstractmethod
    def batches(self) -> AsyncGenerator[list[Event]]:
        """Yield events as they come, one list for what arrived together. The last is `Done`.

        Raises:
            UsageError: It was read before.
        """

    @abstractmethod
    async def leave(self) -> None:
        """End what still goes on."""

    async def events(self) -> AsyncGenerator[Event]:
        """Yield events one by one; `Done` is the last. Raises as `batches`."""
        batches = self.batches()
        try:
            async for batch in batches:
                for event in batch:
                    yield event
        finally:
            await self.leave()

    def __aiter__(self) -> AsyncIterator[Event]:
        return self.events()

    async def text(self) -> AsyncGenerator[str]:
        """Yield the fragments of the answer's text, and nothing else. Raises as `batches`."""
        batches = self.batches()
        try:
            async for batch in batches:
                for event in batch:
                    if isinstance(event, ContentDelta):
                        yield event.text
        finally:
            await self.leave()

    async def result(self) -> Message:
        """Return the answer, reading it to its end if nobody did.

        It is there whatever happened: look at its `status` and `error`.
        """
        if not self.is_read:
            async for _ in self.batches():
                pass
        return self.message

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Abort the request, if it still goes on."""
        await self.leave()
