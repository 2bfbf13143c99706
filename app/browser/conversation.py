"""The one conversation of the page: asks, shows what comes, stops, asks again."""

import asyncio
import logging
from collections.abc import Callable, Coroutine

from js import document, performance

from ..core.chat import Chat
from ..core.messages import Message
from ..core.options import Options
from ..core.run import Retries, Run
from ..core.step import Deadlines
from . import frame
from .painter import Painter
from .settings import Settings
from .sources import Source
from .views import composer, transcript, words
from .views.answer import Answer
from .views.scroll import Follower
from .views.words import Notice

_log = logging.getLogger(__name__)


class Conversation:
    """Holds the chat and the answer that runs, at most one."""

    def __init__(self, source: Source, settings: Settings, ended: Callable[[], None]) -> None:
        self._follower = Follower()
        self._painter = Painter(self._follower.settle, self._follower.keep_up)
        self._settings = settings
        self._source = source
        self._ended = ended
        self._chat = self._new_chat()
        self._run: Run | None = None
        self._answer: Answer | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def is_running(self) -> bool:
        return self._run is not None

    @property
    def is_empty(self) -> bool:
        return not self._chat.messages

    def use(self, source: Source, settings: Settings) -> None:
        """Ask this source from the next question on."""
        self._source = source
        self._settings = settings

    def send(self, text: str, *, streaming: bool, shown: bool = False) -> bool:
        """Ask. Returns False, and does nothing, while an answer runs.

        `shown` says that the question is in the transcript already.
        """
        if self.is_running:
            return False
        if not shown:
            transcript.add_question(text)
        self._retire_last(retried=False)
        self._prepare()
        self._start(self._chat.stream(text, streaming=streaming))
        return True

    def retry(self, *, streaming: bool) -> None:
        """Ask the last question again, below the earlier attempt."""
        if self.is_running or self.is_empty:
            return
        self._retire_last(retried=True)
        self._prepare()
        self._start(self._chat.retry(streaming=streaming))

    def stop(self) -> None:
        """End the answer that runs; what has arrived stays."""
        if self._run is not None:
            self._run.cancel("user")

    def clear(self) -> None:
        """Begin anew. The answer that runs is aborted."""
        self.stop()
        self._chat = self._new_chat()
        self._run = self._answer = None
        transcript.clear()
        self._follower.to_end()
        composer.show_running(False)
        frame.show_progress("")

    def seen(self) -> None:
        """The person looks at the page again: the title need not call them any more."""
        if not self.is_running:
            frame.show_progress("")

    def _new_chat(self) -> Chat:
        return Chat(self._source.provider, self._source.model, transport=self._source.transport)

    def _prepare(self) -> None:
        """Give the chat what was chosen since the last question."""
        chat, settings = self._chat, self._settings
        chat.provider = self._source.provider
        chat.model = self._source.model
        chat.transport = self._source.transport
        chat.instructions = settings.instructions
        chat.options = Options(temperature=settings.temperature, max_tokens=settings.max_tokens)
        # Here a person sees what failed, and decides.
        chat.retries = Retries(attempts=0)
        chat.deadlines = Deadlines()
        if settings.stall_s is not None:
            chat.deadlines = Deadlines(idle_s=settings.stall_s)

    def _retire_last(self, *, retried: bool) -> None:
        if self._answer is not None:
            self._answer.retire(retried=retried)

    def _start(self, run: Run) -> None:
        answer = Answer(self._painter, self._source.name, sync=run.mode == "sync")
        transcript.add_answer(answer)
        self._follower.to_end()
        self._run, self._answer = run, answer
        composer.show_running(True)
        transcript.announce("Generating")
        frame.show_progress("writing")
        self._keep(self._read(run, answer, self._source.speaker))
        self._keep(self._tell_waiting(answer))

    def _keep(self, coroutine: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _read(self, run: Run, answer: Answer, speaker: str) -> None:
        try:
            async with run:
                async for batch in run.batches():
                    answer.take(batch)
            notice = words.notice(run.message, speaker)
        except Exception:
            # A mistake of ours. What has arrived is there, and nobody should wait for the rest.
            _log.exception("the page failed while it showed an answer")
            notice = words.OUR_MISTAKE
        answer.finish(run.message, notice)
        if self._run is not run:
            return  # a new chat has begun meanwhile
        self._run = None
        composer.show_running(False)
        self._follower.keep_up()
        transcript.announce(_spoken(run.message, notice))
        frame.show_progress("ready" if document.hidden else "")
        self._ended()
        if notice is not None and notice.wait_s > 0:
            await self._count_down(answer, notice.wait_s)

    async def _tell_waiting(self, answer: Answer) -> None:
        waited_s = 0
        while answer.is_waiting:
            await asyncio.sleep(1)
            waited_s += 1
            answer.waited(waited_s)

    async def _count_down(self, answer: Answer, wait_s: float) -> None:
        until_ms = performance.now() + wait_s * 1000
        # Only the last answer offers Retry.
        while answer is self._answer and (left_s := (until_ms - performance.now()) / 1000) > 0:
            answer.count_down(left_s)
            await asyncio.sleep(min(1.0, left_s))
        answer.count_down(0)


def _spoken(message: Message, notice: Notice | None) -> str:
    if notice is not None:
        return notice.sentence
    return f"Answer complete, {len(message.text.split())} words"
