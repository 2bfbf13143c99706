"""What an open chat needs of the page: how to ask, where to keep, and who hears of it."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from ...core.events import Event
from ...core.options import Options
from ...core.running.retries import Retries
from ...core.running.step import Deadlines
from ...core.tools.function_tool import Tool
from ...core.wire.transport import Transport
from ...history.records import ChatRecord, MessageRecord
from ..models.model_options import Source
from ..storage.outbox import Unsent
from .live_answer import Answering, Log
from .notices import Notice

if TYPE_CHECKING:
    from .open_chat import OpenChat


class Asking(NamedTuple):
    """How a question is asked: whom, with what. `allowed` are tools that need no approval; `window`
    is how many tokens the model can read, None where nobody said it.
    """

    source: Source
    options: Options
    instructions: str = ""
    streaming: bool = True
    tools: Sequence[Tool] = ()
    allowed: Iterable[str] = ()
    retries: Retries = Retries()
    deadlines: Deadlines = Deadlines()
    window: int | None = None


class Keeper(Protocol):
    """Where chats are kept, and what is not sent yet."""

    unsent: Unsent

    def keeps(self, chat_id: str) -> bool:
        """Whether what is kept of this chat is there after a reload."""
        ...

    async def save_chat(self, chat: ChatRecord) -> None: ...

    async def save_messages(self, records: Sequence[MessageRecord]) -> None: ...

    async def delete_messages(self, records: Sequence[MessageRecord]) -> None: ...

    def log(self, record: MessageRecord) -> Log: ...


class Host(Protocol):
    """Who hears what happens in an open chat."""

    def asking(self, chat: ChatRecord, model: str = "", streaming: bool | None = None) -> Asking:
        """How to ask now; `model` is an entry of the picker, empty for the chat's own."""
        ...

    def carrier(self, answer_id: str, asking: Asking) -> Transport:
        """What carries the requests of this answer."""
        ...

    def on_tree(self, chat: "OpenChat") -> None:
        """What is shown of the tree has changed, or what waits."""
        ...

    def on_begin(self, chat: "OpenChat", answering: Answering) -> None: ...

    def on_batch(self, chat: "OpenChat", answering: Answering, batch: list[Event]) -> None: ...

    def on_end(self, chat: "OpenChat", answering: Answering, notice: Notice | None) -> None: ...
