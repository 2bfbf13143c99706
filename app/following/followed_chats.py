"""Changes of an owner's chats on a server, followed over lost connections."""

from collections.abc import AsyncGenerator
from contextlib import suppress

import msgspec

from ..core.errors import ProtocolError, TransportError
from ..core.wire.framing import Record
from ..core.wire.transport import Response
from ..protocols.tokenfall.runs import Change, ChatList
from .run_server import RunServer, records, waits

_decode_change = msgspec.json.Decoder(Change).decode
_decode_list = msgspec.json.Decoder(ChatList).decode


class FollowedChats:
    """Follows the chats behind `place`, where it is known; what happened since is told first.
    `place` is where the latest change was.
    """

    def __init__(self, server: RunServer, place: str = "") -> None:
        self.place = place
        self._server = server

    async def news(self) -> AsyncGenerator[ChatList | Change]:
        """Yield the changes, as long as the server lets one follow them. Its list comes where it
        has forgotten what happened behind `place`.
        """
        next_s = waits()
        while True:
            before = self.place
            try:
                async with self._server.chat_events(self.place) as response:
                    if response.status == 200:
                        async for change in self._read(response):
                            yield change
                    elif response.status == 410:
                        found = _decode_list(b"".join([one async for one in response.chunks()]))
                        self.place = found.offset
                        yield found
                    elif response.status in (401, 403, 404, 405):
                        return  # it does not let this page in, or keeps no runs
            except (TransportError, ProtocolError, msgspec.MsgspecError):
                pass
            if self.place != before:
                next_s = waits()
            await self._server.wait(next_s())

    async def _read(self, response: Response) -> AsyncGenerator[Change]:
        async for together in records(response):
            for record in together:
                if record.last_event_id:
                    self.place = record.last_event_id
                    if (change := _change(record)) is not None:
                        yield change


def _change(record: Record) -> Change | None:
    with suppress(msgspec.MsgspecError):  # of a newer server
        return _decode_change(record.data)
    return None
