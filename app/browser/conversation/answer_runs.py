"""Runs that answer the questions of this page: in the tab, or at the page's server."""

from collections.abc import Sequence
from functools import cached_property
from hashlib import sha256
from typing import Any

import msgspec

from ...core.messages import Message
from ...core.running.chat import Chat
from ...core.running.run import Run
from ...core.tools.toolbox import Toolbox
from ...core.wire.transport import Transport
from ...documents import SEARCH_FILES
from ...history.brought import asked_with
from ...history.records import ChatRecord, MessageRecord
from ...history.stored import Logged
from ...protocols.valid_history import with_files_told
from ...python.messages import RUN_PYTHON
from . import words
from .chat_files import with_folder_told, with_tools_told
from .live_answer import AnswerRun
from .run_settings import RunSettings
from .wire.recordings import Recordings


class AnswerRuns:
    """Begins and follows them; `recordings` has what goes over the wire. `to_server` carries to the
    server of this page.
    """

    def __init__(self, to_server: Transport) -> None:
        self.recordings = Recordings()
        self._to_server = to_server

    def begin(
        self,
        chat: ChatRecord,
        path: Sequence[MessageRecord],
        answer: MessageRecord,
        run_settings: RunSettings,
    ) -> AnswerRun:
        """Have the messages of a path answered: by the server where the answer names a run."""
        # Where a chat comes from a file, its id may be anything.
        cache_key = sha256(chat.id.encode("utf-8", "replace")).hexdigest()[:32]
        options = msgspec.structs.replace(run_settings.options, cache_key=cache_key)
        run_settings = run_settings._replace(options=options)
        messages = _asked(chat, path, run_settings)
        if not answer.run:
            return self._begin_here(answer, run_settings, messages)
        carrier = self._server_carrier(answer.id)
        run: AnswerRun = self._on_server.begin(answer, run_settings, messages, path, carrier)
        return run

    def follow(self, kept: Logged, run_settings: RunSettings) -> AnswerRun:
        """Follow an answer of the server that was begun at another visit."""
        carrier = self._server_carrier(kept.record.id)
        run: AnswerRun = self._on_server.follow(kept, run_settings, carrier)
        return run

    def carrier(self, answer_id: str, run_settings: RunSettings) -> Transport:
        """Give the transport for the requests of an answer, which records them."""
        option = run_settings.model_option
        return self.recordings.begin(
            answer_id, option.transport, option.provider.decoder, is_relayed=option.is_relayed
        )

    @property
    def server(self) -> Any:
        """The page's server, as far as it keeps runs: a `RunServer`."""
        return self._on_server.server

    async def delete_chat(self, chat_id: str) -> bool:
        """Delete all that the server has of a chat; tell whether nothing of it is there."""
        return bool(await self._on_server.delete_chat(chat_id))

    @cached_property
    def _on_server(self) -> Any:
        from .server_runs import ServerRuns  # not at the start of the page

        return ServerRuns(self._to_server)

    def _server_carrier(self, answer_id: str) -> Transport:
        from ...protocols import decoder, tokenfall  # not at the start of the page

        return self.recordings.begin(
            answer_id, self._to_server, lambda: decoder(tokenfall.NAME), is_relayed=False
        )

    def _begin_here(
        self, answer: MessageRecord, run_settings: RunSettings, messages: list[Message]
    ) -> Run:
        toolbox = Toolbox(run_settings.tools)
        for name in run_settings.allowed:
            toolbox.allow(name)
        chat = Chat(
            run_settings.model_option.provider,
            run_settings.model_option.model,
            tools=toolbox,
            instructions=run_settings.instructions,
            options=run_settings.options,
            transport=self.carrier(answer.id, run_settings),
            deadlines=run_settings.deadlines,
            retries=run_settings.retries,
            messages=messages,
        )
        return chat.retry(streaming=run_settings.streaming)


def _asked(
    chat: ChatRecord, path: Sequence[MessageRecord], run_settings: RunSettings
) -> list[Message]:
    """The messages as they are asked with."""
    messages = asked_with(chat, path, words.GO_ON)
    tools = {one.name for one in run_settings.tools}
    if SEARCH_FILES in tools:
        messages = with_tools_told(messages)
    if RUN_PYTHON in tools:
        messages = with_folder_told(messages)
    # Files that are only told of leave the page for no provider and no server.
    return [*with_files_told(messages)]
