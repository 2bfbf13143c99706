"""Answers that the server of this page gives: they go on when the page is closed.

Imported when the first one is wanted, for most chats have none.
"""

import re
from collections.abc import Sequence
from hashlib import sha256

from ...core.messages import Message
from ...core.wire.transport import Transport
from ...following.followed_run import FollowedRun
from ...following.run_server import RunServer
from ...history.records import MessageRecord
from ...history.stored import Logged
from ...protocols.tokenfall.runs import Place, Question
from ..net.online import wait_for_network
from ..web.page_address import beside_page
from .run_settings import RunSettings

_PLAIN_ID = re.compile(r"[\w-]{8,64}", re.ASCII)


class ServerRuns:
    """Begins and follows them. `transport` carries to the server of this page."""

    def __init__(self, transport: Transport) -> None:
        self.server = RunServer(transport, beside_page("api"), wait=wait_for_network)

    def begin(
        self,
        answer: MessageRecord,
        run_settings: RunSettings,
        messages: Sequence[Message],
        path: Sequence[MessageRecord],
        carrier: Transport,
    ) -> FollowedRun:
        """Have messages answered, which are kept as the records of `path`; `answer` names the run,
        and `carrier` carries its requests.
        """
        option = run_settings.model_option
        asked = option.asked_by_server
        assert asked is not None
        question = Question(
            list(messages),
            asked.provider,
            option.model,
            asked.base_url,
            option.provider.key,
            run_settings.instructions,
            run_settings.options,
            [one.definition for one in run_settings.tools],
            chat=name_of(answer.chat_id),
            whole=True,
            places=[Place(one.id, one.source, one.note, one.created_ms) for one in (*path, answer)],
            stream=run_settings.streaming,
        )
        return FollowedRun(
            self.server.over(carrier),
            answer.run,
            answer.message,
            question=question,
            tools=run_settings.tools,
            allowed=run_settings.allowed,
        )

    def follow(self, kept: Logged, run_settings: RunSettings, carrier: Transport) -> FollowedRun:
        """Follow one that was begun at another visit, behind what is kept of it."""
        record = kept.record
        return FollowedRun(
            self.server.over(carrier),
            record.run,
            record.message,
            known=kept.events,
            place=kept.place,
            tools=None if record.is_begun_elsewhere else run_settings.tools,
            allowed=run_settings.allowed,
        )

    async def delete_chat(self, chat_id: str) -> bool:
        """Delete all that the server has of a chat; tell whether nothing of it is there."""
        return await self.server.delete_chat(name_of(chat_id))


def name_of(chat_id: str) -> str:
    """A chat's name on the server. Where it came from a file its id may be anything."""
    if _PLAIN_ID.fullmatch(chat_id):
        return chat_id
    return sha256(chat_id.encode("utf-8", "replace")).hexdigest()[:32]
