"""Titles by the model, where a person wants them: one short question more, after the first answer
of a chat. It is in the wire view of that answer. A failure leaves the title as it is.
"""

from collections.abc import Callable

import msgspec

from ...core.errors import TokenfallError
from ...core.options import Effort, Options
from ...core.running.chat import Chat
from ...core.running.retries import Retries
from ...core.running.step import Deadlines
from ...core.wire.transport import Transport
from ...history.records import ChatRecord, title_of
from ...protocols.takes import EFFORTS
from ...providers.taken import options_taken
from ..models.model_options import DEMO
from ..web.tasks import beside
from .conversation import Conversation
from .live_answer import LiveAnswer
from .notices import Notice
from .open_chat import OpenChat
from .run_settings import RunSettings
from .turns import turns
from .wire.recordings import title_id

# Of the question and of the answer so much goes along, and so much may come back: a title, and
# what a model thinks that can't be kept from it.
_CHARACTERS = 1000
_MOST_TOKENS = 256
_DEADLINES = Deadlines(connect_s=30, first_output_s=60, idle_s=30, total_s=60, sync_s=60)
_ASK = """\
Give the conversation below a title of at most six words, in the language of its question. Answer \
with the title alone: no quotation marks, no full stop.

Question:
{question}

Answer:
{answer}"""


class ModelTitles:
    """`retitle(chat, title)` keeps a title; `is_kept(chat)` says whether a chat is to have one."""

    def __init__(
        self,
        conversation: Conversation,
        retitle: Callable[[ChatRecord, str], None],
        is_kept: Callable[[ChatRecord], bool],
    ) -> None:
        self.is_on = False
        self._conversation = conversation
        self._retitle = retitle
        self._is_kept = is_kept
        conversation.on_done.append(self._done)

    def _done(self, chat: OpenChat, answer: LiveAnswer, notice: Notice | None) -> None:
        if not self.is_on or notice is not None or not self._is_kept(chat.chat):
            return
        said = turns(chat.tree)
        is_first = len(said) == 2 and len(chat.tree.records()) == 1 + len(said[1].records)
        if chat.chat.is_titled or not is_first or said[1].id != answer.id:
            return
        run_settings = self._conversation.run_settings(chat.chat)
        if run_settings.model_option.id == DEMO:
            return
        carrier = self._conversation.runs.carrier(title_id(answer.id), run_settings)
        question, text = said[0].text[:_CHARACTERS], said[1].text[:_CHARACTERS]
        asked = _ASK.format(question=question, answer=text)
        beside(self._ask(chat.chat, run_settings, carrier, asked))

    async def _ask(
        self, chat: ChatRecord, run_settings: RunSettings, carrier: Transport, asked: str
    ) -> None:
        before, option = chat.title, run_settings.model_option
        model = Chat(
            option.provider,
            option.model,
            options=_options(run_settings),
            transport=carrier,
            deadlines=_DEADLINES,
            retries=Retries(attempts=0),
        )
        try:
            message = await model.ask(asked, streaming=run_settings.streaming)
        except TokenfallError:
            return
        title = _title(message.text) if message.status == "complete" else ""
        # The person may have chosen one meanwhile, or deleted the chat.
        if title and chat.title == before and not chat.is_titled and self._is_kept(chat):
            self._retitle(chat, title)


def _options(run_settings: RunSettings) -> Options:
    """Few tokens, and as little thinking as the model is known to do."""
    option = run_settings.model_option
    known = options_taken(option.provider, option.model)["reasoning_effort"].values or ()
    least: Effort | None = next((effort for effort in EFFORTS if effort in known), None)
    return msgspec.structs.replace(Options(), max_tokens=_MOST_TOKENS, reasoning_effort=least)


def _title(text: str) -> str:
    """Make a title as a person would write it."""
    title = title_of(text).strip().removeprefix("Title:").strip()
    return title.strip("\"'“”„«»").removesuffix(".").strip()
