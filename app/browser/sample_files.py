"""Three files to try things with, made when one is asked for. Pure."""

import math
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from typing import NamedTuple

TEAS = (("Assam", 2.6), ("Sencha", 3.1), ("Rooibos", 2.4))
READERS = ("Ada", "Ben", "Chen", "Dora", "Emil", "Fatima", "Goro", "Hanna")
BOOKS = ("The Lighthouse", "Tides and Charts", "A Book of Knots", "Clouds", "On Maps", "The Ferry")


class Sample(NamedTuple):
    """A file with a question to it; `needs_python` where only a Python of the chat can answer."""

    make: Callable[[], bytes]
    question: str
    needs_python: bool


def _sales() -> bytes:
    """A year of a tea shop, a line for each day and tea."""
    lines = ["date,tea,cups,price"]
    for day in range(365):
        when = date(2025, 1, 1) + timedelta(days=day)
        for number, (tea, price) in enumerate(TEAS):
            # Cold months drink more, and weekends.
            season = math.cos(2 * math.pi * (day - 20) / 365)
            cups = round(24 + 9 * season + 6 * (when.weekday() >= 5) + (day * 7 + number * 5) % 6)
            lines.append(f"{when.isoformat()},{tea},{cups - 4 * number},{price:.2f}")
    return ("\n".join(lines) + "\n").encode()


def _loans() -> bytes:
    """A library's readers, books and loans."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript(
            "CREATE TABLE readers (id INTEGER PRIMARY KEY, name TEXT);"
            "CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT);"
            "CREATE TABLE loans (reader INTEGER, book INTEGER, lent TEXT, days INTEGER);"
        )
        database.executemany("INSERT INTO readers VALUES (?, ?)", enumerate(READERS, 1))
        database.executemany("INSERT INTO books VALUES (?, ?)", enumerate(BOOKS, 1))
        for number in range(240):
            lent = date(2025, 1, 1) + timedelta(days=number * 3 // 2)
            reader = 1 + min(number * number % 11, len(READERS) - 1)
            row = (
                reader,
                1 + number * number // 3 % len(BOOKS),
                lent.isoformat(),
                7 + number * 13 % 22,
            )
            database.execute("INSERT INTO loans VALUES (?, ?, ?, ?)", row)
        database.commit()
        return bytes(database.serialize())


def _handbook() -> bytes:
    """The berths of a harbour: more text than goes along whole."""
    parts = ["<!doctype html><title>Handbook of a harbour</title><h1>Handbook of a harbour</h1>"]
    parts.append("<p>All of it is made up, to try a search with.</p>")
    for berth in range(1, 71):
        depth, length = 4 + berth * 7 % 60 / 10, 60 + berth * 11 % 140
        parts.append(
            f"<h2>Berth {berth}</h2><p>Berth {berth} is {length} metres long and {depth:.1f} "
            f"metres deep at low water.</p><p>Ships of up to {length - 10} metres may lie there "
            f"for {2 + berth % 5} tides. Whoever stays longer tells the harbour office the day "
            "before, and moves when a ferry is expected. Lines are made fast at four bollards, "
            "fenders hang from the quay, and nobody leaves a ship alone in a wind above seven.</p>"
            f"<p>Water and power are at post {berth}. The crane of berth {berth} lifts "
            f"{3 + berth % 7} tonnes, from six in the morning until the evening, and not while a "
            "ship with passengers lies beside it. What is spilled is told at once.</p>"
            f"<p>At night {'a green' if berth % 2 else 'a red'} light marks its end. Between "
            "October and March the ladder is free of ice by eight.</p>"
        )
    return "".join(parts).encode()


SAMPLES = {
    "sales.csv": Sample(_sales, "Which month sold best? Draw it.", needs_python=True),
    "loans.db": Sample(_loans, "Who borrows most, and which books?", needs_python=True),
    "handbook.html": Sample(_handbook, "How deep is berth 17 at low water?", needs_python=False),
}
