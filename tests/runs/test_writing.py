"""A log that fails never costs the answer."""

import asyncio
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest

from app.core.events import ContentDelta, Done, Event
from app.core.fold import Fold
from app.core.messages import Message
from app.runs import writing
from app.runs.feeds import kept
from app.runs.log import Claim, LogError, RunLog, events_of
from app.runs.memory import MemoryLog
from app.runs.sqlite import SQLiteLog
from app.runs.writing import OverError, Writer
from tests.runs.stores import Store, record

EVENTS = events_of("r1")


class FailingLog(MemoryLog):
    """Fails as long as `fails`; with `after_writing` only once it has written."""

    def __init__(self) -> None:
        super().__init__()
        self.fails = False
        self.after_writing = False

    async def append(self, *arguments, **named) -> Claim:
        if self.fails and not self.after_writing:
            raise LogError("full")
        claim = await super().append(*arguments, **named)
        if self.fails:
            raise LogError("the connection broke")
        return claim


async def begun(log: RunLog) -> Claim:
    claim = await log.create(record(), "w1")
    assert claim is not None
    return claim


async def folded(log: RunLog) -> Message:
    fold = Fold()
    async for entry in kept(log, EVENTS):
        fold.add(msgspec.json.decode(line, type=Event) for line in entry.lines())
    return fold.message


@pytest.mark.parametrize("after_writing", [False, True])
async def test_what_could_not_be_written_is_written_when_the_log_is_back(after_writing: bool):
    log = FailingLog()
    told: list[bool] = []
    writer = Writer(log, "r1", await begun(log), on_trouble=told.append)
    assert await writer.write([ContentDelta("a")])
    log.fails, log.after_writing = True, after_writing
    for _ in range(1000):
        assert not await writer.write([ContentDelta("b")])
    assert not await writer.write([Done("complete")])
    assert told == [True]
    log.fails = False
    await writer.settled()
    assert told == [True, False]
    message = await folded(log)
    assert (message.text, message.status) == ("a" + "b" * 1000, "complete")
    known = await log.get("r1")
    assert known is not None
    assert known.status == "complete"
    # The 1000 fragments did not wait one by one.
    assert known.last <= 5


async def test_patience_ends(caplog: pytest.LogCaptureFixture):
    log = FailingLog()
    writer = Writer(log, "r1", await begun(log), patience_s=0)
    log.fails = True
    await writer.write([ContentDelta("a")])
    await writer.settled()
    with pytest.raises(OverError):
        await writer.write([ContentDelta("b")])


async def test_a_writer_that_lost_the_run_is_told(store: Store):
    log = store.open()
    writer = Writer(log, "r1", await begun(log))
    await writer.write([ContentDelta("a")])
    await log.release("w1")
    assert await log.claim("r1", "w2")
    for _ in range(2):
        with pytest.raises(OverError):
            await writer.write([ContentDelta("b")])
    assert (await folded(log)).text == "a"
    await store.close()


async def test_a_full_disk_loses_nothing(tmp_path: Path):
    """The limit is SQLite's own, which fails as a full disk does."""
    log = SQLiteLog(tmp_path / "runs.db")

    async def limit(pages: int) -> None:
        await log._writing.run(lambda db: db.execute(f"PRAGMA max_page_count = {pages}"))

    writer = Writer(log, "r1", await begun(log))
    await limit(1)
    text = "x" * 1000
    written = [await writer.write([ContentDelta(text)]) for _ in range(100)]
    assert not all(written)
    await writer.write([Done("complete")])
    await limit(100_000)
    await writer.settled()
    message = await folded(log)
    assert (message.text, message.status) == (text * 100, "complete")
    await log.close()


async def test_two_logs_over_one_file_and_one_that_is_newer(tmp_path: Path):
    log = SQLiteLog(tmp_path / "runs.db")
    await log._writing.run(lambda db: db.execute("PRAGMA user_version = 99"))
    with pytest.raises(LogError, match="newer"):
        SQLiteLog(tmp_path / "runs.db")
    (tmp_path / "broken.db").write_bytes(b"no database" * 1000)
    with pytest.raises(LogError, match="cannot be opened"):
        SQLiteLog(tmp_path / "broken.db")
    await log.close()


async def test_only_its_owner_reads_the_file(tmp_path: Path):
    log = SQLiteLog(tmp_path / "runs" / "runs.db", is_durable=True)
    await begun(log)
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "runs").iterdir()}
    assert modes
    assert set(modes.values()) == {0o600}
    await log.close()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_log_that_goes_on_failing_is_tried_ever_more_seldom(
    monkeypatch: pytest.MonkeyPatch,
):
    log, waits = FailingLog(), list[float]()

    async def sleep(delay_s: float) -> None:
        waits.append(delay_s)
        log.fails = len(waits) < 10

    writer = Writer(log, "r1", await begun(log))
    others = {name: getattr(asyncio, name) for name in ("create_task", "get_running_loop", "wait")}
    monkeypatch.setattr(writing, "asyncio", SimpleNamespace(sleep=sleep, **others))
    log.fails = True
    assert not await writer.write([ContentDelta("a")])
    await writer.settled()
    assert waits == [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5, 5, 5]
    assert (await folded(log)).text == "a"
