"""The file of an SQLite log: its tables, and a connection with a thread of its own."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from .log import LogError

_T = TypeVar("_T")

# Of the tables below. A file of a newer one is left alone.
_VERSION = 1
_TABLES = """
CREATE TABLE run (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, chat TEXT NOT NULL, title TEXT NOT NULL,
    question BLOB NOT NULL, created_s REAL NOT NULL, epoch INTEGER NOT NULL,
    last INTEGER NOT NULL, status TEXT, ended_s REAL, size INTEGER NOT NULL,
    worker TEXT NOT NULL, held_until_s REAL NOT NULL
);
CREATE INDEX run_of_owner ON run (owner, chat);
CREATE INDEX open_run ON run (held_until_s) WHERE status IS NULL;
CREATE TABLE batch (
    stream TEXT NOT NULL, last INTEGER NOT NULL, first INTEGER NOT NULL, epoch INTEGER NOT NULL,
    data BLOB NOT NULL, PRIMARY KEY (stream, last)
) WITHOUT ROWID;
CREATE TABLE payload (
    run TEXT NOT NULL, name TEXT NOT NULL, mime_type TEXT NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (run, name)
);
"""
# Beside those of version 1, which reads and writes a file with it all the same.
_ADDED = """
CREATE TABLE IF NOT EXISTS attending (worker TEXT PRIMARY KEY, held_until_s REAL NOT NULL);
CREATE TABLE IF NOT EXISTS chat_fact (
    owner TEXT NOT NULL, chat TEXT NOT NULL, name TEXT NOT NULL, value BLOB NOT NULL,
    PRIMARY KEY (owner, chat, name)
) WITHOUT ROWID
"""
# How long a process waits for another one that writes, in seconds.
_BUSY_S = 5.0


class Connection:
    """A connection with a thread of its own. All failures become `LogError`."""

    def __init__(self, file: Path, begin: str, synchronous: str) -> None:
        self._begin = begin
        self._thread = ThreadPoolExecutor(1, "run-log")
        try:
            self._db = self._thread.submit(_opened, file, synchronous).result()
        except BaseException:
            self._thread.shutdown()
            raise

    async def run(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        """Do this in one transaction, in the thread; also where nobody waits for it any more."""
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._thread, self._transaction, work
            )
        except (sqlite3.Error, RuntimeError) as error:  # or the thread was ended
            raise LogError(str(error)) from error

    def _transaction(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        self._db.execute(self._begin)
        try:
            given = work(self._db)
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise
        return given

    async def close(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, self._db.close)
        self._thread.shutdown()


def _opened(file: Path, synchronous: str) -> sqlite3.Connection:
    db = sqlite3.connect(file, timeout=_BUSY_S, isolation_level=None)
    try:
        if _version(db) > _VERSION:
            raise sqlite3.DatabaseError("a newer Tokenfall has written it")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute(f"PRAGMA synchronous = {synchronous}")
        db.execute("BEGIN IMMEDIATE")
        if _version(db) == 0:
            for statement in filter(str.strip, _TABLES.split(";")):
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {_VERSION}")
        for statement in _ADDED.split(";"):
            db.execute(statement)
        db.execute("COMMIT")
    except BaseException:
        db.close()
        raise
    return db


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])
