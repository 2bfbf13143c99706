"""One open chat: its tree of messages, the answers on their way, and the questions that wait.

It lives on when another chat is shown, and its answers with it. It draws nothing itself, but tells
its `Host`.

Long, because every change of the tree, the answers and the waiting questions goes through one
owner.
"""

import asyncio
import logging
from collections.abc import Coroutine, Iterable, Sequence
from contextlib import suppress
from hashlib import sha256
from typing import Any, Protocol

import msgspec

from ...core.errors import UsageError
from ...core.events import ApprovalRequest, Event
from ...core.messages import Message, Part, Text, user
from ...core.options import Options
from ...core.running.calls import Decision
from ...core.running.chat import Chat
from ...core.running.run import Run
from ...core.tools.toolbox import Toolbox
from ...core.wire.transport import Transport
from ...documents import SEARCH_FILES
from ...history.brought import asked_with
from ...history.records import CONTINUE, EDITED, ChatRecord, MessageRecord, title_of
from ...history.stored import Logged
from ...history.tree import Tree
from ...protocols.valid_history import with_files_told
from ...python.messages import RUN_PYTHON
from ..models.model_options import ModelOption
from ..storage.chat_store import TakenUp
from ..storage.outbox import Outbox, OutboxItem
from ..web.ids import new_id, now_ms
from ..web.tasks import beside
from . import notices, words
from .chat_files import with_folder_told, with_tools_told
from .composer.text_files import name_of, written
from .live_answer import AnswerRun, LiveAnswer, Log
from .notices import Notice
from .run_settings import RunSettings, ServerQuestion
from .turns import is_question

_log = logging.getLogger(__name__)

# After so long a deletion can no longer be undone: longer than its message is there, in seconds.
_UNDO_S = 15.0


class Keeper(Protocol):
    """Store of chats, and of their unsent files and questions."""

    outbox: Outbox

    def keeps(self, chat_id: str) -> bool:
        """Tell whether this chat, as it is kept, is there after a reload."""
        ...

    async def save_chat(self, chat: ChatRecord, *fields: str) -> None:
        """Keep these fields of a chat; all of it where it is new."""
        ...

    async def load(self, chat_id: str) -> Tree | None:
        """Read a chat; None where none is kept."""
        ...

    async def save_messages(self, records: Sequence[MessageRecord]) -> None: ...

    async def delete_messages(self, records: Sequence[MessageRecord]) -> None: ...

    def log(self, record: MessageRecord) -> Log: ...

    async def take_up(self, chat_id: str) -> list[TakenUp]:
        """Go on with the answers of the page's server that no tab writes any more."""
        ...

    def stop_elsewhere(self, chat_id: str) -> None:
        """Have the tab that writes in a chat stop."""
        ...


class Host(Protocol):
    """Listener to an open chat, which also gives it settings and a transport."""

    def run_settings(
        self, chat: ChatRecord, model: str = "", streaming: bool | None = None
    ) -> RunSettings:
        """Give the present settings of a question; `model` is an entry of the picker, empty for the
        chat's own.
        """
        ...

    def carrier(self, answer_id: str, run_settings: RunSettings) -> Transport:
        """Give the transport for the requests of this answer."""
        ...

    def begin_on_server(
        self, record: MessageRecord, chat: ChatRecord, question: ServerQuestion
    ) -> AnswerRun:
        """Have the page's server answer; `record` is the answer's."""
        ...

    def follow_on_server(self, kept: Logged, run_settings: RunSettings) -> AnswerRun:
        """Follow an answer of the page's server that was begun at another visit."""
        ...

    def cancel_on_server(self, run: str) -> None:
        """End an answer of the page's server that another tab follows."""
        ...

    async def delete_run_on_server(self, run: str, message_id: str) -> bool:
        """Delete what the page's server has of an answer, which went with this message; tell
        whether nothing of it is there.
        """
        ...

    def on_tree(self, chat: "OpenChat") -> None:
        """Take in that the shown path has changed, or the waiting questions."""
        ...

    def on_begin(self, chat: "OpenChat", live: LiveAnswer) -> None: ...

    def on_batch(
        self, chat: "OpenChat", live: LiveAnswer, batch: list[Event], *, is_text: bool
    ) -> None:
        """The next events; `is_text`: nothing but more of the text that was being written."""
        ...

    def on_end(self, chat: "OpenChat", live: LiveAnswer, notice: Notice | None) -> None: ...


class OpenChat:
    """A chat with its answers on their way and its waiting questions.

    `waiting` are questions asked while an answer ran; they are asked in order, unless the answer
    before them failed or was stopped, or the page was left: then `is_paused`, until a person goes
    on.
    """

    def __init__(self, tree: Tree, keeper: Keeper, host: Host) -> None:
        self.tree = tree
        self.answers: dict[str, LiveAnswer] = {}
        self._asked: dict[str, ModelOption] = {}
        self.waiting: list[OutboxItem] = []
        self.is_paused = False
        self._keeper = keeper
        self._host = host
        # How often this tab has changed the messages, and what of that is not kept yet.
        self._changes = 0
        self._writes: set[asyncio.Task[None]] = set()
        # Where a chat comes from a file, its id may be anything.
        self._cache_key = sha256(tree.chat.id.encode("utf-8", "replace")).hexdigest()[:32]

    @property
    def chat(self) -> ChatRecord:
        return self.tree.chat

    @property
    def is_running(self) -> bool:
        return bool(self.answers)

    @property
    def is_elsewhere(self) -> bool:
        """Tell whether another tab writes the answer that is shown."""
        head = self.chat.head
        last = self.tree[head].message if head in self.tree else None
        return last is not None and last.role != "user" and not last.status and not self.answers

    @property
    def is_held(self) -> bool:
        """Tell whether an answer waits until the person has allowed or denied a tool."""
        return any(live.approvals for live in self.answers.values())

    def send(self, parts: list[Part]) -> None:
        """Ask below the shown path, or wait for the answer that runs."""
        if self.is_running or self.waiting:
            self.wait(parts)
        else:
            self._ask(parts, self.chat.head)

    def wait(self, parts: list[Part]) -> None:
        """Let a question wait."""
        question = OutboxItem(self._keeper.outbox.new_id(), parts)
        self.waiting.append(question)
        beside(self._keeper.outbox.keep(self.chat.id, "waiting", [question]))
        self._host.on_tree(self)

    async def take_up(self) -> None:
        """Take up the questions that waited when this chat was left; a person says when they are
        asked.
        """
        found = await self._keeper.outbox.take_waiting(self.chat.id)
        if found:
            self.waiting[:0] = found
            self.is_paused = True
            self._host.on_tree(self)
        await self.take_up_answers()
        if self.chat.gone:
            await self._delete_on_server(list(self.chat.gone))

    async def take_up_answers(self) -> None:
        """Follow the answers of the page's server that no tab follows any more."""
        if any(one.run and one.message.status is None for one in self.tree.records()):
            for log, kept in await self._keeper.take_up(self.chat.id):
                self._take_up(log, kept)

    def _take_up(self, log: Log, kept: Logged) -> None:
        settings = self._host.run_settings(self.chat)
        run = self._host.follow_on_server(kept, settings)
        records = kept.records_so_far()
        for record in records:
            self.tree.put(record)
        speaker = records[0].source.partition(" · ")[0]
        live = LiveAnswer(run, records[0], speaker=speaker, log=log, added=self._add)
        live.go_on(records, kept.events)
        if records[0].parent and records[0].parent not in self.tree:
            live.drop()  # its question is gone
        self._begin(live)

    def edit(self, question_id: str, parts: list[Part]) -> None:
        """Ask otherwise, beside the question as it was."""
        self.stop()
        self._ask(parts, self.tree[question_id].parent)

    def rewrite(self, records: Sequence[MessageRecord], text: str) -> None:
        """Have this text stand beside these messages, the end of an answer, as what the model said.
        Of what they hold besides only files stay: thoughts, sources, and what a provider wants back
        belong to the text as it was.
        """
        self.stop()
        last = records[-1]
        files = [part for one in records for part in one.message.files]
        said = Message(
            "assistant",
            [*files, Text(text)],
            model=last.message.model,
            protocol=last.message.protocol,
            provider=last.message.provider,
            status="complete",
        )
        record = self._record(said, records[0].parent, source=last.source, note=EDITED)
        self.tree.add(record)
        self._save([record])
        self._host.on_tree(self)

    def regenerate(self, answer_id: str, model: str = "") -> None:
        """Have the question before this message answered again, beside the earlier answer."""
        self.stop()
        self._start(self.tree[answer_id].parent, self._host.run_settings(self.chat, model))

    def asked(self, answer_id: str) -> str:
        """The picker's value of the model that was asked; "" for an answer of another visit."""
        asked = self._asked.get(answer_id)
        return asked.id if asked else ""

    def compare(self, answer_id: str) -> tuple[LiveAnswer, LiveAnswer]:
        """Ask the question before this message in both modes at once."""
        self.stop()
        parent = self.tree[answer_id].parent
        modes = (self._host.run_settings(self.chat, "", streaming) for streaming in (True, False))
        # Without tools, so that nothing but the mode is compared, and nothing waits for approval.
        first, second = (self._start(parent, mode._replace(tools=())) for mode in modes)
        return first, second

    def go_on(self, message_id: str) -> None:
        """Ask for the rest of an answer; it becomes part of it."""
        self.stop()
        request = self._record(user(words.GO_ON), message_id, note=CONTINUE)
        self.tree.add(request)
        self._save([request])
        self._start(request.id, self._host.run_settings(self.chat))

    def stop_elsewhere(self) -> None:
        """End the answer that another tab writes here, at once where the page's server gives it."""
        if self.is_elsewhere:
            self._keeper.stop_elsewhere(self.chat.id)
            if run := self.tree[self.chat.head].run:
                self._host.cancel_on_server(run)

    def stop(self) -> None:
        """End the running answers; the text that has arrived stays."""
        for live in self.answers.values():
            live.stop()

    def close(self) -> None:
        """End everything: the chat is deleted."""
        self.waiting.clear()
        self.stop()

    def waiting_calls(self) -> list[tuple[str, ApprovalRequest]]:
        """The calls that wait for the person, each with the id of its answer."""
        return [
            (live.id, request)
            for live in self.answers.values()
            for request in live.approvals.values()
        ]

    def decide(self, answer_id: str, call: ApprovalRequest, decision: Decision) -> None:
        """Tell the run a decision; nothing happens where the call does not wait any more."""
        live = self.answers.get(answer_id)
        if live is None or live.approvals.get(call.call_id) != call:
            return
        alike = [call]
        if decision in ("chat", "always"):
            # Who allows the tool allows all its calls that wait.
            alike = [one for one in live.approvals.values() if one.name == call.name]
        for one in alike:
            live.approvals.pop(one.call_id)
            is_here = not live.records[0].run  # the server passes on what its own answers ask
            if is_here and one.wants == "answer":
                if (tell := self._asked[answer_id].decide) is not None:
                    tell(live.message.id, one.call_id, decision)
                continue
            with suppress(UsageError):  # the run is being stopped
                live.run.decide(one.call_id, decision)

    def select(self, id: str) -> None:
        """Show the path through this message."""
        self.tree.select(id)
        self._keep("head")
        self._host.on_tree(self)

    def remove(self, id: str) -> list[MessageRecord]:
        """Delete a message with all that follows; return what `restore` puts back."""
        going_on = {live.records[0].run for live in self.answers.values()}
        removed = self.take_out(id)
        if runs := {one.run for one in removed} - going_on - {""}:
            self.chat.gone |= dict.fromkeys(runs, id)
            self._keep("gone")
            beside(self._delete_on_server(runs))
        return removed

    async def _delete_on_server(self, runs: Iterable[str]) -> None:
        """Have the page's server delete answers too, once it can't be undone."""
        await asyncio.sleep(_UNDO_S)
        for run in runs:
            message_id = self.chat.gone.get(run)
            if message_id and await self._host.delete_run_on_server(run, message_id):
                self.chat.gone.pop(run, None)
        self._keep("gone")

    def take_out(self, id: str) -> list[MessageRecord]:
        """Take out a message with all that follows."""
        for live in self.answers.values():
            if any(record.id == id for record in self.tree.path_to(live.id)):
                live.drop()
        removed = self.tree.remove(id)
        self._write(self._keeper.delete_messages(removed))
        self._keep("head")
        self._host.on_tree(self)
        return removed

    def restore(self, records: list[MessageRecord]) -> None:
        """Undo `remove`."""
        self.tree.restore(records)
        for record in records:
            self.chat.gone.pop(record.run, None)
        self._save(records, "gone")
        self._host.on_tree(self)

    def drop_waiting(self, id: str) -> list[Part]:
        """Take a question out of those that wait; return its parts."""
        dropped = next((one for one in self.waiting if one.id == id), None)
        if dropped is None:
            return []
        self.waiting.remove(dropped)
        self._drop(dropped)
        self._host.on_tree(self)
        return dropped.parts

    def resume(self) -> None:
        """Ask the waiting questions, though the answer before them failed."""
        self.is_paused = False
        self._ask_next()

    def follow(self) -> None:
        """Go on after an answer of another tab that has ended, as after one of this tab."""
        path = self.tree.path()
        if self.waiting and path and path[-1].message.role == "assistant":
            message = path[-1].message
            self.is_paused = _holds_back(message.status, notices.notice(message, path[-1].source))
            self._host.on_tree(self)
        self._ask_next()

    async def reload(self) -> None:
        """Take in the messages that another tab has kept; go on from the shown path.

        Raises:
            StorageError: They could not be read.
        """
        while True:
            while self._writes:
                await asyncio.wait(self._writes)
            changes = self._changes
            tree = await self._keeper.load(self.chat.id)
            if changes == self._changes:
                break  # else this tab has changed meanwhile what was read
        if tree is not None:
            self._take_in(tree)
            self._host.on_tree(self)

    def _take_in(self, tree: Tree) -> None:
        if self.is_running:
            for record in tree.records():
                if record.id not in self.tree:
                    self.tree.put(record)
            return
        chat, kept_head = self.chat, tree.chat.head
        tree.chat = chat
        self.tree = tree
        if chat.head in tree:
            tree.select(chat.head)
        else:
            chat.head = kept_head

    def _write(self, writing: Coroutine[Any, Any, None]) -> None:
        """Keep a change of the messages; trees read before it is kept are older."""
        self._changes += 1
        task = asyncio.ensure_future(writing)
        self._writes.add(task)
        beside(self._written(task))

    async def _written(self, task: asyncio.Task[None]) -> None:
        try:
            await task
        finally:
            self._writes.discard(task)

    def _keep(self, *fields: str) -> None:
        """Keep these fields of the chat's record, and that it was changed now."""
        self.chat.updated_ms = max(self.chat.updated_ms, now_ms())
        beside(self._keeper.save_chat(self.chat, "updated_ms", *fields))

    def _ask(self, parts: list[Part], parent: str) -> None:
        question = self._record(Message("user", parts, status="complete"), parent)
        self.tree.add(question)
        if not self.chat.title:
            names = (name_of(part) for part in parts)
            self.chat.title = title_of(written(parts) or next(filter(None, names), ""))
            self._save([question], "title")
        else:
            self._save([question])
        self._start(question.id, self._host.run_settings(self.chat))

    def _messages(self, parent: str, run_settings: RunSettings) -> list[Message]:
        messages = asked_with(self.chat, self.tree.path_to(parent), words.GO_ON)
        tools = {one.name for one in run_settings.tools}
        if SEARCH_FILES in tools:
            messages = with_tools_told(messages)
        if RUN_PYTHON in tools:
            messages = with_folder_told(messages)
        # Files that are only told of leave the page for no provider and no server.
        return [*with_files_told(messages)]

    def _start(self, parent: str, run_settings: RunSettings) -> LiveAnswer:
        """Have the messages up to `parent`, a question, answered."""
        option, first_id = run_settings.model_option, new_id()
        # Who is asked, also for what is made of the log of a tab that is killed.
        begun = Message(
            "assistant",
            model=option.model,
            protocol=option.provider.protocol,
            provider=option.provider.name,
            mode="streaming" if run_settings.streaming else "sync",
        )
        first = self._record(begun, parent, id=first_id, source=option.name)
        messages = self._messages(parent, run_settings)
        options = msgspec.structs.replace(run_settings.options, cache_key=self._cache_key)
        run: AnswerRun
        if run_settings.on_server and (asked := option.asked_by_server) is not None:
            first.run = first_id
            self.chat.on_server = True
            kept = [*self.tree.path_to(parent), first]
            question = ServerQuestion(asked, run_settings, messages, options, kept)
            run = self._host.begin_on_server(first, self.chat, question)
        else:
            run = self._run_here(first_id, run_settings, messages, options)
        log = self._keeper.log(first)
        live = LiveAnswer(run, first, speaker=option.speaker, log=log, added=self._add)
        self.is_paused = False
        self._asked[first.id] = option
        self.tree.add(first)
        self._keep("head", *(["on_server"] if first.run else []))
        self._begin(live)
        return live

    def _run_here(
        self,
        answer_id: str,
        run_settings: RunSettings,
        messages: list[Message],
        options: Options,
    ) -> Run:
        toolbox = Toolbox(run_settings.tools)
        for name in run_settings.allowed:
            toolbox.allow(name)
        chat = Chat(
            run_settings.model_option.provider,
            run_settings.model_option.model,
            tools=toolbox,
            instructions=run_settings.instructions,
            options=options,
            transport=self._host.carrier(answer_id, run_settings),
            deadlines=run_settings.deadlines,
            retries=run_settings.retries,
            messages=messages,
        )
        return chat.retry(streaming=run_settings.streaming)

    def _begin(self, live: LiveAnswer) -> None:
        self.answers[live.id] = live
        self._host.on_tree(self)
        self._host.on_begin(self, live)
        beside(self._read(live))

    def _add(self, record: MessageRecord) -> None:
        """Take in the next message of an answer; follow it where the one before is shown."""
        if record.parent not in self.tree:
            return  # it was deleted meanwhile
        if self.chat.head == record.parent:
            self.tree.add(record)
            self._keep("head")
        else:
            self.tree.put(record)

    async def _read(self, live: LiveAnswer) -> None:
        run = live.run
        try:
            async with run:
                async for batch in run.batches():
                    is_text = live.take(batch)
                    self._host.on_batch(self, live, batch, is_text=is_text)
            notice = notices.notice(run.message, live.speaker)
        except Exception:
            # A mistake of ours. What has arrived is there, and nobody should wait for the rest.
            _log.exception("the page failed while it showed an answer")
            notice = notices.OUR_MISTAKE
        self.answers.pop(live.id, None)
        live.end()
        self._write(live.keep())
        self._keep()
        if notice is not None and self.waiting and not self.answers:
            # An answer that was given up for another one holds nothing.
            self.is_paused = _holds_back(run.status, notice)
        self._host.on_end(self, live, notice)
        self._ask_next()

    def _ask_next(self) -> None:
        if self.waiting and not self.is_running and not self.is_paused:
            question = self.waiting.pop(0)
            self._ask(question.parts, self.chat.head)
            self._drop(question)

    def _drop(self, question: OutboxItem) -> None:
        beside(self._keeper.outbox.drop(self.chat.id, "waiting", [question.id]))

    def _record(
        self,
        message: Message,
        parent: str,
        *,
        id: str = "",
        source: str = "",
        note: str = "",
    ) -> MessageRecord:
        return MessageRecord(
            id or new_id(),
            self.chat.id,
            now_ms(),
            message,
            parent=parent,
            source=source,
            note=note,
        )

    def _save(self, records: Sequence[MessageRecord], *fields: str) -> None:
        self._write(self._keeper.save_messages(records))
        self._keep("head", *fields)


def _holds_back(status: str | None, notice: Notice | None) -> bool:
    """Tell whether waiting questions stay unasked after such an end. A stop means stop; and they
    may make no sense without a whole answer.
    """
    return status == "aborted" or (notice is not None and notice.is_error)


def last_question(tree: Tree) -> MessageRecord | None:
    """Find the last question in the path that is shown."""
    return next((record for record in reversed(tree.path()) if is_question(record)), None)
