"""Readers: each gets everything once, in order, whatever the others do."""

import asyncio
from collections.abc import Mapping
from contextlib import aclosing

import msgspec
import pytest
from redis import Redis

from app.core.events import ContentDelta, Done, Event, Heartbeat, ReasoningDelta, ToolCallDelta
from app.core.fold import Fold
from app.runs import redis as redis_log
from app.runs.compaction import Merger, merged
from app.runs.feeds import Behind, Feed, Feeds, Told
from app.runs.log import Claim, Entry, LostOffsetError, News, NoSuchRunError, RunLog, events_of
from app.runs.offsets import START, Offset
from app.runs.writing import encoded
from tests.live_server import LIMIT_S
from tests.runs.stores import Store, record, redis_store

EVENTS = events_of("r1")


async def read_to(feeds: Feeds, last: int, after: Offset = START, pause=None) -> list[bytes]:
    """Read the lines up to the event of this number."""
    found: list[bytes] = []
    async with aclosing(feeds.follow(EVENTS, after)) as parts:
        async for part in parts:
            entries = part.entries if isinstance(part, Behind) else part
            assert isinstance(entries, list)
            found += [line for entry in entries for line in entry.lines()]
            if entries[-1].last >= last:
                break
            if pause is not None:
                await pause.wait()
    return found


async def append(log: RunLog, claim: Claim, *lines: bytes) -> Claim:
    return await log.append("r1", claim, b"\n".join(lines), len(lines))


@pytest.mark.parametrize("is_all", [True, False])
async def test_a_redis_that_has_lost_what_is_followed_says_so(
    redis_url: str, monkeypatch: pytest.MonkeyPatch, *, is_all: bool
):
    """As one that was started again with less than it had. Nobody waits for what cannot come."""
    monkeypatch.setattr(redis_log, "_BLOCK_MS", 20)
    store = redis_store(redis_url)
    log = store.open()
    claim = await log.create(record(), "w1")
    assert claim is not None
    for line in (b"1", b"2"):
        claim = await append(log, claim, line)
    looks, news = asyncio.Queue[None](), log.news

    async def counted(cursors: Mapping[str, Offset]) -> News:
        looks.put_nowait(None)
        return await news(cursors)

    monkeypatch.setattr(log, "news", counted)
    feeds = Feeds(log)
    parts = feeds.follow(EVENTS)
    assert isinstance(await anext(parts), list)
    waiting = asyncio.ensure_future(anext(parts))
    for _ in range(2):  # with the second it has seen that all is there
        await looks.get()
    with Redis.from_url(redis_url) as redis:
        if is_all:
            redis.flushall()
        else:
            redis.xdel(f"tokenfall:{EVENTS}", "2-1")
            redis.hset("tokenfall:run:r1", "last", 1)
    async with asyncio.timeout(LIMIT_S):
        assert await waiting == Told("gone")
    with pytest.raises(NoSuchRunError if is_all else LostOffsetError):
        await anext(feeds.follow(EVENTS, Offset(1, 2)))
    if not is_all:
        assert await read_to(feeds, 1) == [b"1"], "who comes back gets what is there"
    await feeds.close()
    await store.close()


async def test_readers_that_come_at_any_time_get_the_same(store: Store):
    log, feeds = store.open(), Feeds(store.open())
    claim = await log.create(record(), "w1")
    assert claim is not None
    readers = []
    for number in range(1, 200):
        if number % 20 == 1:
            after = Offset(1, number - 1) if number > 1 else START
            readers += [
                asyncio.create_task(read_to(feeds, 199)),
                asyncio.create_task(read_to(feeds, 199, after)),
            ]
        claim = await append(log, claim, b"%d" % number)
    whole = [b"%d" % n for n in range(1, 200)]
    for place, reader in enumerate(readers):
        assert await reader == whole[place // 2 * 20 if place % 2 else 0 :]
    assert feeds.readers == 0
    await feeds.close()
    await store.close()


async def test_a_slow_reader_holds_up_nobody_and_misses_nothing(store: Store):
    log, feeds = store.open(), Feeds(store.open())
    claim = await log.create(record(), "w1")
    assert claim is not None
    claim = await append(log, claim, b"first")
    go_on = asyncio.Event()
    slow = asyncio.create_task(read_to(feeds, 41, pause=go_on))
    quick = asyncio.create_task(read_to(feeds, 41))
    large = b"x" * 20_000  # 40 of them are more than is kept at hand
    for _ in range(40):
        claim = await append(log, claim, large)
    assert await quick == [b"first", *[large] * 40]
    assert not slow.done()
    go_on.set()
    assert await slow == [b"first", *[large] * 40]
    await feeds.close()
    await store.close()


async def test_readers_are_told_of_trouble_and_of_the_end_of_all(store: Store):
    log, feeds = store.open(), Feeds(store.open())
    assert await log.create(record(), "w1") is not None
    async with aclosing(feeds.follow(EVENTS)) as parts:
        waiting = asyncio.ensure_future(anext(parts))
        await asyncio.sleep(0)
        while not feeds.readers:
            await asyncio.sleep(0)
        feeds.tell_trouble(EVENTS, True)
        assert await waiting == Told("failing")
        feeds.tell_trouble(EVENTS, False)
        assert await anext(parts) == Told("back")
        await log.delete("r1")
        assert await anext(parts) == Told("gone")
    with pytest.raises(NoSuchRunError):
        await anext(feeds.follow(EVENTS))
    await feeds.close()
    await store.close()


async def test_a_reader_that_nothing_comes_for_hears_that_it_is_alive(store: Store):
    log, feeds = store.open(), Feeds(store.open(), heartbeat_s=0.01)
    assert await log.create(record(), "w1") is not None
    async with aclosing(feeds.follow(EVENTS)) as parts:
        assert [await anext(parts), await anext(parts)] == [Told("alive")] * 2
    await feeds.close()
    await store.close()


async def test_a_reader_of_a_lost_event_is_told(store: Store):
    log, feeds = store.open(), Feeds(store.open())
    assert await log.create(record(), "w1") is not None
    with pytest.raises(LostOffsetError):
        await anext(feeds.follow(EVENTS, Offset(1, 5)))
    assert feeds.readers == 0
    await feeds.close()
    await store.close()


def test_few_events_fold_to_the_same_message():
    events: list[Event] = [
        ReasoningDelta("a"),
        ReasoningDelta("b"),
        ReasoningDelta("", extra={"signature": "s"}),
        ReasoningDelta("c"),
        *[ContentDelta(f"{n} ") for n in range(1000)],
        Heartbeat("reading"),
        ContentDelta("end"),
        Done("complete", "stop"),
    ]
    placed = merged((Offset(1, number), event) for number, event in enumerate(events, 1))
    few = [event for _, event in placed]
    # Each is where the last is that it has in it, so a reader goes on from there.
    assert [place.number for place, _ in placed] == [2, 3, 4, 1006, 1007]
    whole, small = Fold(), Fold()
    whole.add(events)
    small.add(few)
    assert small.message == whole.message
    merger = Merger()
    merger.add([ToolCallDelta(0, "{"), ToolCallDelta(1, "["), ToolCallDelta(1, "]")])
    assert merger.take() == [ToolCallDelta(0, "{"), ToolCallDelta(1, "[]")]


def test_a_merger_taken_in_between_loses_nothing():
    merger = Merger()
    merger.add([ContentDelta("a"), ContentDelta("b")])
    assert merger.take() == [ContentDelta("ab")]
    merger.add([ContentDelta("c")])
    assert merger.take() == [ContentDelta("c")]
    assert merger.take() == []


def test_a_batch_lies_in_the_log_one_event_a_line():
    batch: list[Event] = [ContentDelta("a\nb\u2028c"), Done("complete")]
    assert [msgspec.json.decode(line, type=Event) for line in encoded(batch).split(b"\n")] == batch


def numbers_behind(feed: Feed, number: int) -> list[int] | None:
    found = feed.behind(Offset(1, number))
    if found is None:
        return None
    assert all(entry.data for entry in found)
    return [each for entry in found for each in range(entry.first, entry.last + 1)]


def test_what_is_at_hand_is_given_from_any_event_on():
    feed = Feed()
    assert numbers_behind(feed, 0) == []  # nobody has come so far
    feed.add([Entry(1, 1, 2, b"1\n2"), Entry(1, 3, 5, b"3\n4\n5")])
    assert feed.place == Offset(1, 5)
    for number in range(7):
        assert numbers_behind(feed, number) == list(range(number + 1, 6))
    assert [entry.data for entry in feed.behind(Offset(1, 3)) or ()] == [b"4\n5"]


def test_so_much_of_a_stream_is_at_hand_and_its_latest_entry_in_any_case():
    feed, half = Feed(), b"x" * 128 * 1024
    feed.add([Entry(1, 1, 1, half), Entry(1, 2, 2, half)])
    assert numbers_behind(feed, 0) == [1, 2]
    feed.add([Entry(1, 3, 3, b"x")])
    assert (numbers_behind(feed, 0), numbers_behind(feed, 1)) == (None, [2, 3])
    feed.add([Entry(1, 4, 4, 3 * half)])
    assert (numbers_behind(feed, 2), numbers_behind(feed, 3)) == (None, [4])
    # What is gone takes no room.
    feed.add([Entry(1, 5, 5, half), Entry(1, 6, 6, half)])
    assert (numbers_behind(feed, 3), numbers_behind(feed, 4)) == (None, [5, 6])
