"""An open chat beside another tab that keeps the same one."""

import asyncio
from typing import Any

from app.browser.conversation.answer_runs import AnswerRuns
from app.browser.conversation.open_chat import OpenChat
from app.browser.conversation.run_settings import RunSettings
from app.browser.models.model_options import ModelOption
from app.core.messages import Text
from app.core.options import Options
from app.history.records import ChatRecord
from app.providers import PROVIDERS
from app.scripted import demo
from app.scripted.transport import ScriptedTransport
from tests.history.chats import branched
from tests.tab.slow_store import SlowStore

# Only a test that fails waits so long, in seconds.
LIMIT_S = 60.0


class Host:
    """The Demo answers; `ended` is set when it has."""

    def __init__(self) -> None:
        self.ended = asyncio.Event()

    def run_settings(
        self, chat: ChatRecord, model: str = "", streaming: bool | None = None, /
    ) -> RunSettings:
        transport = ScriptedTransport(demo.reply_for)
        option = ModelOption("demo", "Demo", PROVIDERS["demo"], demo.MODEL, transport)
        return RunSettings(option, Options(), streaming=False)

    def on_end(self, *_: Any) -> None:
        self.ended.set()

    def on_tree(self, *_: Any) -> None: ...

    on_begin = on_tree

    def on_batch(self, *_: Any, is_text: bool) -> None:
        pass


async def test_an_answer_of_this_tab_that_ends_while_it_reads_is_shown_whole() -> None:
    store, tree, host = await SlowStore.open(), branched(), Host()
    store.let.set()
    await store.save_chat(tree.chat)
    await store.save_messages(tree.records())
    kept = await store.load("c")
    assert kept is not None
    chat = OpenChat(kept, store, AnswerRuns(ScriptedTransport(demo.reply_for)), host)
    store.read.clear()
    store.let.clear()
    async with asyncio.timeout(LIMIT_S):
        reloading = asyncio.ensure_future(chat.reload())
        await store.read.wait()
        chat.send([Text("Hello")])
        await host.ended.wait()
        store.let.set()
        await reloading
    question, answer = chat.tree.path()[-2:]
    assert question.message.text == "Hello"
    assert answer.message.status == "complete"
    assert answer.message.text
