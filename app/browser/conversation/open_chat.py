"""One open chat: its answers on their way, and what is asked next.

It lives on when another chat is shown, and its answers with it. It draws nothing itself, but tells
its `Host`.

Long, because which question is asked when follows from how the answers before it end: what a person
asks, and how an answer ends, change the same state.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

from ...core.errors import UsageError
from ...core.events import ApprovalRequest, Event
from ...core.messages import Message, Part, Text, user
from ...core.running.calls import Decision
from ...core.text.text_files import name_of, written
from ...history.records import CONTINUE, EDITED, ChatRecord, MessageRecord, title_of
from ...history.stored import Logged
from ...history.tree import Tree
from ..models.model_options import ModelOption
from ..storage.answer_log import AnswerLog
from ..storage.chat_store import ChatStore
from ..web.tasks import beside
from . import notices, words
from .answer_runs import AnswerRuns
from .kept_tree import KeptTree
from .live_answer import LiveAnswer
from .notices import Notice
from .run_settings import RunSettings, RunSettingsOf
from .turns import is_question
from .waiting_questions import WaitingQuestions

_log = logging.getLogger(__name__)


class Host(Protocol):
    """Listener to an open chat, which also gives it settings."""

    @property
    def run_settings(self) -> RunSettingsOf: ...

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
    """A chat with its answers on their way; `waiting` are questions asked while one ran."""

    def __init__(self, tree: Tree, store: ChatStore, runs: AnswerRuns, host: Host) -> None:
        self.chat: ChatRecord = tree.chat
        self.answers: dict[str, LiveAnswer] = {}
        self.waiting = WaitingQuestions(store.outbox, tree.chat.id)
        self._kept = KeptTree(tree, store, runs)
        self._asked: dict[str, ModelOption] = {}
        self._store = store
        self._runs = runs
        self._host = host

    @property
    def tree(self) -> Tree:
        return self._kept.tree

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
        if self.is_running or self.waiting.questions:
            self.wait(parts)
        else:
            self._ask(parts, self.chat.head)

    def wait(self, parts: list[Part]) -> None:
        """Let a question wait."""
        self.waiting.add(parts)
        self._host.on_tree(self)

    async def take_up(self) -> None:
        """Take up the questions that waited when this chat was left; a person says when they are
        asked.
        """
        if await self.waiting.take_up():
            self._host.on_tree(self)
        await self.take_up_answers()
        await self._kept.delete_left()

    async def take_up_answers(self) -> None:
        """Follow the answers of the page's server that no tab follows any more."""
        if any(one.run and one.message.status is None for one in self.tree.records()):
            for log, kept in await self._store.take_up(self.chat.id):
                self._take_up(log, kept)

    def _take_up(self, log: AnswerLog, kept: Logged) -> None:
        settings = self._host.run_settings(self.chat)
        run = self._runs.follow(kept, settings)
        records = kept.records_so_far()
        for record in records:
            self.tree.put(record)
        speaker = records[0].source.partition(" · ")[0]
        live = LiveAnswer(run, records[0], speaker=speaker, log=log, added=self._kept.add_growing)
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
        parent = records[0].parent
        self._kept.add(self._kept.record(said, parent, source=last.source, note=EDITED))
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
        request = self._kept.record(user(words.GO_ON), message_id, note=CONTINUE)
        self._kept.add(request)
        self._start(request.id, self._host.run_settings(self.chat))

    def stop_elsewhere(self) -> None:
        """End the answer that another tab writes here, at once where the page's server gives it."""
        if self.is_elsewhere:
            self._store.stop_elsewhere(self.chat.id)
            if run := self.tree[self.chat.head].run:
                self._runs.server.cancel(run)

    def stop(self) -> None:
        """End the running answers; the text that has arrived stays."""
        for live in self.answers.values():
            live.stop()

    def close(self) -> None:
        """End everything: the chat is deleted."""
        self.waiting.questions.clear()
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
        self._kept.select(id)
        self._host.on_tree(self)

    def remove(self, id: str) -> list[MessageRecord]:
        """Delete a message with all that follows; return what `restore` puts back."""
        going_on = {live.records[0].run for live in self.answers.values()}
        self._drop_below(id)
        removed = self._kept.remove(id, going_on)
        self._host.on_tree(self)
        return removed

    def take_out(self, id: str) -> None:
        """Take out a message with all that follows, as another browser did."""
        self._drop_below(id)
        self._kept.take_out(id)
        self._host.on_tree(self)

    def _drop_below(self, id: str) -> None:
        for live in self.answers.values():
            if any(record.id == id for record in self.tree.path_to(live.id)):
                live.drop()

    def restore(self, records: Sequence[MessageRecord]) -> None:
        """Undo `remove`."""
        self._kept.restore(records)
        self._host.on_tree(self)

    def drop_waiting(self, id: str) -> list[Part]:
        """Take a question out of those that wait; return its parts."""
        parts = self.waiting.remove(id)
        self._host.on_tree(self)
        return parts

    def resume(self) -> None:
        """Ask the waiting questions, though the answer before them failed."""
        self.waiting.is_paused = False
        self._ask_next()

    def follow(self) -> None:
        """Go on after an answer of another tab that has ended, as after one of this tab."""
        path = self.tree.path()
        if self.waiting.questions and path and path[-1].message.role == "assistant":
            message = path[-1].message
            notice = notices.notice(message, path[-1].source)
            self.waiting.is_paused = _holds_back(message.status, notice)
            self._host.on_tree(self)
        self._ask_next()

    async def reload(self) -> None:
        """Take in the messages that another tab has kept; go on from the shown path.

        Raises:
            StorageError: They could not be read.
        """
        if (tree := await self._kept.read()) is not None:
            self._kept.take_in(tree, is_growing=self.is_running)
            self._host.on_tree(self)

    def _ask(self, parts: list[Part], parent: str) -> None:
        question = self._kept.record(Message("user", parts, status="complete"), parent)
        if self.chat.title:
            self._kept.add(question)
        else:
            names = (name_of(part) for part in parts)
            self.chat.title = title_of(written(parts) or next(filter(None, names), ""))
            self._kept.add(question, "title")
        self._start(question.id, self._host.run_settings(self.chat))

    def _start(self, parent: str, run_settings: RunSettings) -> LiveAnswer:
        """Have the messages up to `parent`, a question, answered."""
        option = run_settings.model_option
        # Who is asked, also for what is made of the log of a tab that is killed.
        begun = Message(
            "assistant",
            model=option.model,
            protocol=option.provider.protocol,
            provider=option.provider.name,
            mode="streaming" if run_settings.streaming else "sync",
        )
        first = self._kept.record(begun, parent, source=option.name)
        if run_settings.on_server and option.asked_by_server is not None:
            first.run = first.id
            self.chat.on_server = True
        run = self._runs.begin(self.chat, self.tree.path_to(parent), first, run_settings)
        log = self._store.log(first)
        live = LiveAnswer(run, first, speaker=option.speaker, log=log, added=self._kept.add_growing)
        self.waiting.is_paused = False
        self._asked[first.id] = option
        self.tree.add(first)
        self._kept.keep("head", *(["on_server"] if first.run else []))
        self._begin(live)
        return live

    def _begin(self, live: LiveAnswer) -> None:
        self.answers[live.id] = live
        self._host.on_tree(self)
        self._host.on_begin(self, live)
        beside(self._read(live))

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
        self._kept.write(live.keep())
        self._kept.keep()
        if notice is not None and self.waiting.questions and not self.answers:
            # An answer that was given up for another one holds nothing.
            self.waiting.is_paused = _holds_back(run.status, notice)
        self._host.on_end(self, live, notice)
        self._ask_next()

    def _ask_next(self) -> None:
        if not self.is_running and (question := self.waiting.next()) is not None:
            self._ask(question.parts, self.chat.head)
            self.waiting.forget(question)


def _holds_back(status: str | None, notice: Notice | None) -> bool:
    """Tell whether waiting questions stay unasked after such an end. A stop means stop; and they
    may make no sense without a whole answer.
    """
    return status == "aborted" or (notice is not None and notice.is_error)


def last_question(tree: Tree) -> MessageRecord | None:
    """Find the last question in the path that is shown."""
    return next((record for record in reversed(tree.path()) if is_question(record)), None)
