"""Questions that wait for the answer before them."""

import asyncio

from app.browser.conversation.waiting_questions import WaitingQuestions
from app.browser.storage.chat_store import ChatStore
from app.browser.storage.outbox import OutboxItem
from app.core.messages import Part, Text

# Only a test that fails waits so long, in seconds.
LIMIT_S = 60.0


async def is_kept(store: ChatStore, *questions: list[Part]) -> None:
    """Wait until these questions, and no others, would be there at the next visit."""
    async with asyncio.timeout(LIMIT_S):
        while [one.parts for one in await store.outbox.read("c", "waiting")] != [*questions]:
            await asyncio.sleep(0)


async def test_they_are_asked_in_order_and_kept_until_they_are() -> None:
    store = await ChatStore.open()
    waiting = WaitingQuestions(store.outbox, "c")
    one: list[Part] = [Text("One")]
    two: list[Part] = [Text("Two")]
    waiting.add(one)
    waiting.add(two)
    await is_kept(store, one, two)
    first = waiting.next()
    assert first is not None
    assert first.parts == one
    await is_kept(store, one, two)
    waiting.forget(first)
    await is_kept(store, two)
    assert waiting.remove(first.id) == []
    assert waiting.remove(waiting.questions[0].id) == two
    await is_kept(store)
    assert waiting.next() is None


async def test_those_of_an_earlier_visit_wait_for_a_person() -> None:
    store = await ChatStore.open()
    left = OutboxItem("000000000000001-gone", [Text("Left")])  # of a tab that is gone
    await store.outbox.keep("c", "waiting", [left])
    waiting = WaitingQuestions(store.outbox, "c")
    assert await waiting.take_up()
    waiting.add([Text("New")])
    assert [one.parts for one in waiting.questions] == [[Text("Left")], [Text("New")]]
    assert waiting.next() is None
    waiting.is_paused = False
    found = waiting.next()
    assert found is not None
    assert found.parts == left.parts
