"""The contract that every store keeps to."""

import asyncio
import time
from collections.abc import Mapping, Sequence

import pytest

from app.runs.log import (
    KEPT_CHANGES,
    LEASE_S,
    Claim,
    Entry,
    FencedError,
    LostOffsetError,
    NoSuchRunError,
    Payload,
    RunLog,
    changes_of,
    controls_of,
    events_of,
)
from app.runs.offsets import START, Offset
from tests.live_server import LIMIT_S
from tests.runs.stores import Store, record, redis_store

EVENTS = events_of("r1")


async def begun(log: RunLog, run: str = "r1") -> Claim:
    claim = await log.create(record(run), "w1")
    assert claim is not None
    return claim


async def lines(log: RunLog, stream: str = EVENTS, after: Offset = START) -> list[bytes]:
    return [line for entry in await log.read(stream, after) for line in entry.lines()]


def test_offsets_sort_as_text_and_nothing_else_is_one():
    offsets = [Offset(1, 9), Offset(1, 10), Offset(2, 3), Offset(10, 1)]
    assert sorted(map(str, reversed(offsets))) == list(map(str, offsets))
    assert [Offset.of(str(one)) for one in offsets] == offsets
    for wrong in (
        "",
        "1-2",
        "-1",
        "000001-000000001x",
        "٠٠٠٠٠١-٠٠٠٠٠٠٠٠٠١",
        str(Offset(1, 2)) + "\n",
    ):
        with pytest.raises(ValueError, match="no offset"):
            Offset.of(wrong)


async def test_what_was_appended_is_read_from_any_event_on(store: Store):
    log = store.open()
    claim = await begun(log)
    claim = await log.append("r1", claim, b"1\n2\n3", 3)
    claim = await log.append("r1", claim, b"4", 1)
    await log.append("r1", claim, b"5\n6", 2, "complete")
    for number in range(7):
        after = Offset(1, number) if number else START
        assert await lines(log, after=after) == [b"%d" % n for n in range(number + 1, 7)]
    known = await log.get("r1")
    assert known is not None
    assert (known.status, known.last, known.owner) == ("complete", 6, "ada")
    assert known.ended_s is not None
    await store.close()


async def test_a_run_is_begun_once(store: Store):
    log = store.open()
    await begun(log)
    assert await log.create(record(), "w2") is None
    await store.close()


async def test_an_event_that_the_log_has_not_is_said_to_be_lost(store: Store):
    log = store.open()
    await log.append("r1", await begun(log), b"1\n2", 2)
    await store.pass_time(LEASE_S + 1)
    taken = await log.claim("r1", "w2")
    assert taken == Claim(2, 2)
    await log.append("r1", taken, b"3", 1)
    # Behind the end, of an epoch to come, and what the log lost and wrote anew.
    for lost in (Offset(2, 4), Offset(3, 1), Offset(1, 3), Offset(2, 1), Offset(0, 1)):
        with pytest.raises(LostOffsetError):
            await log.read(EVENTS, lost)
    assert await lines(log, after=Offset(1, 2)) == [b"3"]
    await store.close()


async def test_the_same_append_again_changes_nothing(store: Store):
    log = store.open()
    claim = await begun(log)
    written = await log.append("r1", claim, b"1\n2", 2)
    assert await log.append("r1", claim, b"1\n2", 2) == written
    assert await lines(log) == [b"1", b"2"]
    end = await log.append("r1", written, b"3", 1, "complete")
    assert await log.append("r1", written, b"3", 1, "complete") == end
    with pytest.raises(FencedError):
        await log.append("r1", end, b"4", 1)
    await store.close()


async def test_a_worker_that_only_seemed_dead_writes_nothing_more(store: Store):
    first, second = store.open(), store.open()
    claim = await first.append("r1", await begun(first), b"1", 1)
    assert await second.claim("r1", "w2") is None
    assert await second.unattended() == []
    await store.pass_time(LEASE_S * 0.6)
    assert await first.heartbeat("w1", ["r1"]) == set()
    await store.pass_time(LEASE_S * 0.6)
    assert await second.claim("r1", "w2") is None
    await store.pass_time(LEASE_S * 0.5)
    assert await second.unattended() == ["r1"]
    taken = await second.claim("r1", "w2")
    assert taken == Claim(2, 1)
    with pytest.raises(FencedError):
        await first.append("r1", claim, b"late", 1)
    assert await first.heartbeat("w1", ["r1"]) == {"r1"}
    assert await second.heartbeat("w2", ["r1"]) == set()
    await second.append("r1", taken, b"2", 1, "incomplete")
    assert await lines(first) == [b"1", b"2"]
    assert await first.claim("r1", "w1") is None
    await store.close()


async def test_a_worker_that_ends_lets_go_at_once(store: Store):
    log = store.open()
    await begun(log)
    await log.release("w1")
    assert await log.unattended() == ["r1"]
    assert await log.claim("r1", "w2") == Claim(2, 0)
    await store.close()


async def test_workers_attend_for_as_long_as_a_claim_holds_and_till_they_let_go(store: Store):
    log, other = store.open(), store.open()
    await begun(log)  # who holds a run need not attend
    assert await other.attending() == set()
    await log.attend("w1")
    await store.pass_time(LEASE_S * 0.6)
    await log.attend("w2")
    assert await other.attending() == {"w1", "w2"}
    await store.pass_time(LEASE_S * 0.6)
    assert await other.attending() == {"w2"}
    await other.attend("w3")
    await log.release("w2")
    assert await log.attending() == {"w3"}
    await store.close()


async def test_followers_get_what_others_write(store: Store):
    reading, writing = store.open(), store.open()
    claim = await begun(writing)
    await begun(writing, "r2")
    claim = await writing.append("r1", claim, b"1\n2", 2)
    news = await reading.news({EVENTS: Offset(1, 1), events_of("r2"): START})
    assert {stream: [e.data for e in found or ()] for stream, found in news.items()} == {
        EVENTS: [b"2"]
    }
    waiting = asyncio.ensure_future(reading.news({EVENTS: Offset(1, 2), controls_of("r1"): START}))
    await writing.tell(controls_of("r1"), b"stop")
    news = await waiting
    assert [e.data for e in news[controls_of("r1")] or ()] == [b"stop"]
    waiting = asyncio.ensure_future(reading.news({EVENTS: Offset(1, 2)}))
    await writing.append("r1", claim, b"3", 1)
    found = None
    while not found:  # it may return for nothing
        found = (await waiting).get(EVENTS)
        waiting = asyncio.ensure_future(reading.news({EVENTS: Offset(1, 2)}))
    assert [e.data for e in found] == [b"3"]
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await store.close()


async def test_a_batch_without_content_is_news_too(store: Store):
    log = store.open()
    claim = await begun(log)
    async with asyncio.timeout(LIMIT_S):
        await log.append("r1", claim, b"", 1, "complete")
        news: Mapping[str, Sequence[Entry] | None] = {}
        while not news:
            news = await log.news({EVENTS: START})
    assert [entry.last for entry in news[EVENTS] or ()] == [1]
    await store.close()


async def test_who_waits_is_woken_by_a_nudge(store: Store):
    log = store.open()
    await begun(log)
    waiting = asyncio.ensure_future(log.news({EVENTS: START}))
    await asyncio.sleep(0)
    log.nudge()
    assert await waiting == {}
    await store.close()


async def test_what_was_deleted_is_gone_for_all(store: Store):
    reading, writing = store.open(), store.open()
    claim = await log_with_all(writing)
    waiting = asyncio.ensure_future(reading.news({EVENTS: Offset(1, 1)}))
    assert await writing.delete("r1")
    assert not await writing.delete("r1")
    news = await waiting
    while not news:
        news = await reading.news({EVENTS: Offset(1, 1)})
    assert news == {EVENTS: None}
    assert await reading.get("r1") is None
    assert await reading.payload("r1", "p") is None
    assert await reading.stored_bytes("ada") == 0
    for gone in (
        reading.read(EVENTS),
        writing.append("r1", claim, b"2", 1),
        writing.tell(controls_of("r1"), b"x"),
        writing.put("r1", Payload("q", "", b"")),
        writing.claim("r1", "w2"),
    ):
        with pytest.raises(NoSuchRunError):
            await gone
    assert await writing.heartbeat("w1", ["r1"]) == {"r1"}
    # A run of the same id has nothing of the old one.
    await begun(writing)
    assert await lines(reading) == []
    assert await reading.read(controls_of("r1")) == []
    await store.close()


async def log_with_all(log: RunLog) -> Claim:
    claim = await log.append("r1", await begun(log), b"1", 1)
    await log.tell(controls_of("r1"), b"stop")
    await log.put("r1", Payload("p", "image/png", b"PNG"))
    return claim


async def test_large_data_is_kept_beside_the_events_and_counted(store: Store):
    log = store.open()
    await log_with_all(log)
    assert await log.payload("r1", "p") == Payload("p", "image/png", b"PNG")
    assert await log.payload("r1", "other") is None
    await log.put("r1", Payload("p", "image/png", b"PNG"))
    kept = (b'{"question":1}', b"1", b"stop", b"PNG")
    assert await log.stored_bytes("ada") == sum(map(len, kept))
    assert await log.stored_bytes("bob") == 0
    await store.close()


async def test_what_a_run_is_told_and_what_is_set_of_its_chat_count_as_long_as_they_are_kept(
    store: Store,
):
    log = store.open()
    await log.create(record(), "w1")
    before = await log.stored_bytes("ada")
    for line in (b"x" * 100_000, *[b"12345"] * (KEPT_CHANGES - 1)):
        await log.tell(controls_of("r1"), line)
    assert await log.stored_bytes("ada") == before + 100_000 + 5 * (KEPT_CHANGES - 1)
    await log.tell(controls_of("r1"), b"12345")
    assert await log.stored_bytes("ada") == before + 5 * KEPT_CHANGES
    await log.tell(changes_of("ada"), b"news")  # the latest only, and of no run
    await log.set_facts("ada", "c1", {"title": b"123"})
    await log.set_facts("ada", "c1", {"title": b"1234567"})
    assert await log.stored_bytes("ada") == before + 5 * KEPT_CHANGES + 7
    await log.forget_facts("ada", "c1")
    await log.delete("r1")
    assert await log.stored_bytes("ada") == 0
    await store.close()


async def test_runs_are_listed_by_owner_and_chat(store: Store):
    log = store.open()
    for run, owner, chat in (("b", "ada", "x"), ("a", "ada", "y"), ("c", "bob", "x")):
        await log.create(record(run, owner, chat), "w1")
    assert [one.id for one in await log.runs("ada")] == ["b", "a"]
    assert [one.id for one in await log.runs("ada", "x")] == ["b"]
    [light] = await log.runs("bob")
    assert (light.title, light.question) == ("A question", b"")
    [whole] = await log.runs("bob", "x")
    assert whole.question == b'{"question":1}'
    await store.close()


async def test_facts_of_a_chat_are_kept_by_name_and_are_its_owners(store: Store):
    log, other = store.open(), store.open()
    odd = "a:b.c\nd"
    await log.set_facts("ada", "c1", {"title": b"1", "pinned": b"2"})
    await other.set_facts("ada", "c1", {"title": b"3"})
    await other.set_facts("ada", odd, {"settings.stop": b""})
    await log.set_facts("bob", "c1", {"title": b"4"})
    await log.set_facts("bob", "c2", {})
    assert await log.facts("ada") == {
        "c1": {"title": b"3", "pinned": b"2"},
        odd: {"settings.stop": b""},
    }
    assert await log.facts("ada", odd) == {odd: {"settings.stop": b""}}
    assert await log.facts("bob") == {"c1": {"title": b"4"}}
    await log.forget_facts("ada", "c1")
    await log.forget_facts("nobody", "c1")
    assert await other.facts("ada", "c1") == {}
    assert [*await other.facts("ada")] == [odd]
    assert [*await other.facts("bob")] == ["c1"]
    await store.close()


async def test_what_ended_long_ago_is_removed_and_what_runs_is_not(store: Store):
    log = store.open()
    claim = await begun(log)
    await begun(log, "open")
    await log.append("r1", claim, b"1", 1, "complete")
    ended = await log.get("r1")
    assert ended is not None
    assert ended.ended_s is not None
    assert await log.expire(3600) == []
    assert [one.id for one in await log.expire(-1)] == ["r1"]
    assert [one.id for one in await log.runs("ada")] == ["open"]
    await store.close()


async def test_a_worker_whose_clock_is_wrong_removes_nothing_that_all_keep_in_one_store(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
):
    store = redis_store(redis_url)
    log = store.open()
    await log.append("r1", await begun(log), b"1", 1, "complete")
    now_s = time.time
    monkeypatch.setattr(time, "time", lambda: now_s() + 7200)
    await log.append("ahead", await begun(log, "ahead"), b"1", 1, "complete")
    assert await log.expire(3600) == []
    assert {one.id for one in await log.expire(-1)} == {"r1", "ahead"}
    await store.close()


@pytest.mark.parametrize("seconds", [3600, -3600])
async def test_a_clock_that_jumps_takes_no_run_from_the_living_and_leaves_none_with_the_dead(
    store: Store, monkeypatch: pytest.MonkeyPatch, seconds: float
):
    log, other = store.open(), store.open()
    await begun(log)
    assert await log.create(record("left"), "dead") is not None
    await log.attend("dead")
    assert await other.unattended() == []
    await store.jump(seconds, monkeypatch)
    assert await other.unattended() == []
    for _ in range(2):
        assert await log.heartbeat("w1", ["r1"]) == set()
        await log.attend("w1")
        await store.pass_time(LEASE_S * 0.6)
    assert await other.attending() == {"w1"}
    assert await other.unattended() == ["left"]
    assert await other.claim("r1", "w2") is None
    assert await other.claim("left", "w2") is not None
    await store.close()


async def test_changes_are_followed_and_only_the_latest_kept(store: Store):
    log = store.open()
    stream = changes_of("ada")
    places = [await log.tell(stream, b"%d" % n) for n in range(KEPT_CHANGES + 2)]
    assert await lines(log, stream, places[-3]) == [b"%d" % n for n in range(1000, 1002)]
    with pytest.raises(LostOffsetError):
        await log.read(stream, places[0])
    assert (await lines(log, stream))[0] == b"2"
    await store.close()


async def test_a_long_stream_comes_in_pages(store: Store):
    log = store.open()
    claim = await begun(log)
    for _ in range(6):
        claim = await log.append("r1", claim, b"x" * 100, 1)
    assert len(await log.read(EVENTS, limit=250)) == 3
    assert len(await log.read(EVENTS, limit=1)) == 1
    await store.close()


async def test_what_was_written_outlives_the_process(store: Store):
    if not store.outlives:
        await store.close()
        return
    await log_with_all(store.open())
    await store.close()
    log = store.open()
    assert await lines(log) == [b"1"]
    assert await log.payload("r1", "p") is not None
    await store.close()
