"""A log in an SQLite file, for all processes of one machine.

Write-ahead logging: appended batches are there after the process was killed, at the cost of some 12
µs a batch. After a power cut the latest batches may be missing; with `is_durable` each append is
synced to the disk first (`synchronous=FULL`). https://www.sqlite.org/pragma.html#pragma_synchronous

Two threads, one that writes and one that reads, each with a connection: a disk that is slow for a
moment holds up neither the event loop nor those who read.

Long, because the two threads and their statements are one protocol.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ..core.messages import Status
from .log import (
    KEPT_CHANGES,
    LEASE_S,
    PAGE_BYTES,
    Claim,
    Entry,
    FencedError,
    LogError,
    LostOffsetError,
    News,
    NoSuchRunError,
    Payload,
    RunLog,
    RunRecord,
    controls_of,
    events_of,
    run_of,
)
from .offsets import START, Offset
from .sqlite_file import Connection

_RECORD = "id, owner, chat, title, question, created_s, epoch, last, status, ended_s, size"
# How often it is looked whether another process has written, in seconds; only while somebody
# follows. A look costs some microseconds.
_LOOK_S = 0.025


class SQLiteLog(RunLog):
    """The runs in one file. `clock` gives seconds, the same in all processes of the machine, and
    never jumps; after a restart of the machine it begins anew.

    Raises:
        LogError: The file cannot be opened, or is of a newer version.
    """

    def __init__(
        self,
        file: Path,
        *,
        is_durable: bool = False,
        lease_s: float = LEASE_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lease_s = lease_s
        self._clock = clock
        try:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Before SQLite makes it: its other files take the mode of this one.
            file.touch(mode=0o600, exist_ok=True)
            self._writing = Connection(file, "BEGIN IMMEDIATE", "FULL" if is_durable else "NORMAL")
            self._reading = Connection(file, "BEGIN", "NORMAL")
        except (OSError, sqlite3.Error) as error:
            raise LogError(f"The log {file} cannot be opened: {error}") from error
        self._changed = asyncio.Event()
        self._seen = -1  # the version of the file at the last look
        self._had_nothing: dict[str, Offset] = {}  # behind this place, in that version

    async def create(self, record: RunRecord, worker: str) -> Claim | None:
        def work(db: sqlite3.Connection) -> Claim | None:
            size = len(record.question)
            values = (record.id, record.owner, record.chat, record.title, record.question)
            until_s = self._clock() + self._lease_s
            done = db.execute(
                "INSERT OR IGNORE INTO run VALUES (?, ?, ?, ?, ?, ?, 1, 0, NULL, NULL, ?, ?, ?)",
                (*values, record.created_s, size, worker, until_s),
            )
            return Claim(1, 0) if done.rowcount else None

        return await self._writing.run(work)

    async def append(
        self, run: str, claim: Claim, data: bytes, count: int, status: Status | None = None
    ) -> Claim:
        written = Claim(claim.epoch, claim.last + count)
        ended_s = None if status is None else time.time()

        def work(db: sqlite3.Connection) -> None:
            done = db.execute(
                "UPDATE run SET last = ?, size = size + ?, status = ?, ended_s = ? "
                "WHERE id = ? AND epoch = ? AND last = ? AND status IS NULL",
                (written.last, len(data), status, ended_s, run, claim.epoch, claim.last),
            )
            if not done.rowcount:
                row = db.execute("SELECT epoch, last FROM run WHERE id = ?", (run,)).fetchone()
                if row is None:
                    raise NoSuchRunError(run)
                if row != written:
                    raise FencedError(run)
                return
            row = (events_of(run), written.last, claim.last + 1, claim.epoch, data)
            db.execute("INSERT INTO batch VALUES (?, ?, ?, ?, ?)", row)

        await self._writing.run(work)
        self.nudge()
        return written

    async def tell(self, stream: str, data: bytes) -> Offset:
        def work(db: sqlite3.Connection) -> int:
            _check(db, stream)
            last = "SELECT max(last) FROM batch WHERE stream = ?"
            number = int(db.execute(last, (stream,)).fetchone()[0] or 0) + 1
            db.execute("INSERT INTO batch VALUES (?, ?, ?, 0, ?)", (stream, number, number, data))
            drop = "DELETE FROM batch WHERE stream = ? AND last <= ? RETURNING length(data)"
            dropped = db.execute(drop, (stream, number - KEPT_CHANGES)).fetchall()
            if (run := run_of(stream)) is not None:
                _grow(db, run, len(data) - sum(size for (size,) in dropped))
            return number

        number = await self._writing.run(work)
        self.nudge()
        return Offset(0, number)

    async def read(
        self, stream: str, after: Offset = START, limit: int = PAGE_BYTES
    ) -> list[Entry]:
        def work(db: sqlite3.Connection) -> list[Entry]:
            _check(db, stream)
            if after != START:
                row = db.execute(
                    "SELECT first, epoch FROM batch WHERE stream = ? AND last >= ? "
                    "ORDER BY last LIMIT 1",
                    (stream, after.number),
                ).fetchone()
                if row is None or row[0] > after.number or row[1] != after.epoch:
                    raise LostOffsetError(str(after))
            return _behind(db, stream, after.number, limit)

        return await self._reading.run(work)

    async def news(self, cursors: Mapping[str, Offset]) -> News:
        while True:
            changed = self._changed
            if found := await self._reading.run(lambda db: self._look(db, cursors)):
                return found
            try:
                async with asyncio.timeout(_LOOK_S):
                    await changed.wait()
            except TimeoutError:
                continue
            return await self._reading.run(lambda db: self._look(db, cursors))

    def _look(self, db: sqlite3.Connection, cursors: Mapping[str, Offset]) -> News:
        # Counts what other connections have committed, our own writing one among them.
        version = int(db.execute("PRAGMA data_version").fetchone()[0])
        if version != self._seen:
            self._seen, self._had_nothing = version, {}
        found: dict[str, Sequence[Entry] | None] = {}
        for stream, after in cursors.items():
            if self._had_nothing.get(stream) == after:
                continue
            try:
                _check(db, stream)
            except NoSuchRunError:
                found[stream] = None
                continue
            if newer := _behind(db, stream, after.number, PAGE_BYTES):
                found[stream] = newer
            else:
                self._had_nothing[stream] = after
        return found

    def nudge(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def claim(self, run: str, worker: str) -> Claim | None:
        def work(db: sqlite3.Connection) -> Claim | None:
            now_s = self._clock()
            row = db.execute(
                "UPDATE run SET epoch = epoch + 1, worker = ?, held_until_s = ? "
                f"WHERE id = ? AND status IS NULL AND {_LAPSED} RETURNING epoch, last",
                (worker, now_s + self._lease_s, run, now_s, now_s + self._lease_s),
            ).fetchone()
            if row is None:
                _check(db, events_of(run))
            return None if row is None else Claim(*row)

        return await self._writing.run(work)

    async def heartbeat(self, worker: str, runs: Sequence[str]) -> set[str]:
        def work(db: sqlite3.Connection) -> set[str]:
            until_s = self._clock() + self._lease_s
            renew = "UPDATE run SET held_until_s = ? WHERE id = ? AND worker = ?"
            return {run for run in runs if not db.execute(renew, (until_s, run, worker)).rowcount}

        return await self._writing.run(work)

    async def attend(self, worker: str) -> None:
        def work(db: sqlite3.Connection) -> None:
            now_s = self._clock()
            db.execute(f"DELETE FROM attending WHERE {_LAPSED}", (now_s, now_s + self._lease_s))
            db.execute("REPLACE INTO attending VALUES (?, ?)", (worker, now_s + self._lease_s))

        await self._writing.run(work)

    async def attending(self) -> set[str]:
        now_s = self._clock()
        found = f"SELECT worker FROM attending WHERE NOT {_LAPSED}"
        values = (now_s, now_s + self._lease_s)
        rows = await self._reading.run(lambda db: db.execute(found, values).fetchall())
        return {worker for (worker,) in rows}

    async def release(self, worker: str) -> None:
        def work(db: sqlite3.Connection) -> None:
            db.execute("DELETE FROM attending WHERE worker = ?", (worker,))
            let_go = "UPDATE run SET held_until_s = -1 WHERE worker = ? AND status IS NULL"
            db.execute(let_go, (worker,))

        await self._writing.run(work)

    async def unattended(self) -> list[str]:
        now_s = self._clock()
        found = f"SELECT id FROM run WHERE status IS NULL AND {_LAPSED}"
        values = (now_s, now_s + self._lease_s)
        rows = await self._reading.run(lambda db: db.execute(found, values).fetchall())
        return [run for (run,) in rows]

    async def get(self, run: str) -> RunRecord | None:
        found = f"SELECT {_RECORD} FROM run WHERE id = ?"
        row = await self._reading.run(lambda db: db.execute(found, (run,)).fetchone())
        return None if row is None else RunRecord(*row)

    async def runs(self, owner: str, chat: str | None = None) -> list[RunRecord]:
        if chat is None:
            found = f"SELECT {_RECORD} FROM run WHERE owner = ? ORDER BY rowid"
            found = found.replace("question", "x''", 1)
            values: tuple[str, ...] = (owner,)
        else:
            found = f"SELECT {_RECORD} FROM run WHERE owner = ? AND chat = ? ORDER BY rowid"
            values = (owner, chat)
        rows = await self._reading.run(lambda db: db.execute(found, values).fetchall())
        return [RunRecord(*row) for row in rows]

    async def stored_bytes(self, owner: str) -> int:
        total = (
            "SELECT (SELECT coalesce(sum(size), 0) FROM run WHERE owner = ?1) + "
            "(SELECT coalesce(sum(length(value)), 0) FROM chat_fact WHERE owner = ?1)"
        )
        row = await self._reading.run(lambda db: db.execute(total, (owner,)).fetchone())
        return int(row[0])

    async def set_facts(self, owner: str, chat: str, facts: Mapping[str, bytes]) -> None:
        rows = [(owner, chat, name, value) for name, value in facts.items()]
        put = "REPLACE INTO chat_fact VALUES (?, ?, ?, ?)"
        await self._writing.run(lambda db: db.executemany(put, rows))

    async def facts(self, owner: str, chat: str | None = None) -> dict[str, dict[str, bytes]]:
        query = "SELECT chat, name, value FROM chat_fact WHERE owner = ? AND ? IN (chat, '')"
        values = (owner, chat or "")
        rows = await self._reading.run(lambda db: db.execute(query, values).fetchall())
        found: dict[str, dict[str, bytes]] = {}
        for one, name, value in rows:
            found.setdefault(one, {})[name] = value
        return found

    async def forget_facts(self, owner: str, chat: str) -> None:
        remove = "DELETE FROM chat_fact WHERE owner = ? AND chat = ?"
        await self._writing.run(lambda db: db.execute(remove, (owner, chat)))

    async def put(self, run: str, payload: Payload) -> None:
        def work(db: sqlite3.Connection) -> None:
            _check(db, events_of(run))
            values = (run, payload.name, payload.mime_type, payload.data)
            if db.execute("INSERT OR IGNORE INTO payload VALUES (?, ?, ?, ?)", values).rowcount:
                _grow(db, run, len(payload.data))

        await self._writing.run(work)

    async def payload(self, run: str, name: str) -> Payload | None:
        found = "SELECT name, mime_type, data FROM payload WHERE run = ? AND name = ?"
        row = await self._reading.run(lambda db: db.execute(found, (run, name)).fetchone())
        return None if row is None else Payload(*row)

    async def delete(self, run: str) -> bool:
        is_gone = await self._writing.run(lambda db: _delete(db, run))
        self.nudge()
        return is_gone

    async def expire(self, kept_s: float) -> list[RunRecord]:
        before = (time.time() - kept_s,)

        def work(db: sqlite3.Connection) -> list[RunRecord]:
            rows = db.execute(f"SELECT {_RECORD} FROM run WHERE ended_s < ?", before)
            old = [RunRecord(*row) for row in rows]
            for record in old:
                _delete(db, record.id)
            return old

        expired = await self._writing.run(work)
        self.nudge()
        return expired

    async def close(self) -> None:
        self.nudge()
        await self._reading.close()
        await self._writing.close()


# Also where the time lies further ahead than any claim: that is from before a restart of the
# machine, whose clock began anew.
_LAPSED = "(held_until_s <= ? OR held_until_s > ?)"


def _check(db: sqlite3.Connection, stream: str) -> None:
    run = run_of(stream)
    found = "SELECT 1 FROM run WHERE id = ?"
    if run is not None and db.execute(found, (run,)).fetchone() is None:
        raise NoSuchRunError(run)


def _grow(db: sqlite3.Connection, run: str, size: int) -> None:
    db.execute("UPDATE run SET size = size + ? WHERE id = ?", (size, run))


def _behind(db: sqlite3.Connection, stream: str, number: int, limit: int) -> list[Entry]:
    rows = db.execute(
        "SELECT epoch, first, last, data FROM batch WHERE stream = ? AND last > ? ORDER BY last",
        (stream, number),
    )
    found: list[Entry] = []
    size = 0
    for row in rows:
        found.append(Entry(*row).after(number))
        size += len(found[-1].data)
        if size >= limit:
            break
    return found


def _delete(db: sqlite3.Connection, run: str) -> bool:
    for stream in (events_of(run), controls_of(run)):
        db.execute("DELETE FROM batch WHERE stream = ?", (stream,))
    db.execute("DELETE FROM payload WHERE run = ?", (run,))
    return db.execute("DELETE FROM run WHERE id = ?", (run,)).rowcount > 0
