"""What each of the programs says, and when: a word every 50 ms, and the time of each in a file."""

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

COUNT = 60
PAUSE_S = 0.05


def words() -> Iterator[str]:
    """Give the words; a program's thread waits between them."""
    times = []
    for number in range(COUNT):
        time.sleep(PAUSE_S)
        times.append(time.time())
        if number == COUNT - 1:
            _write(times)
        yield f"word{number:03} "


async def words_later() -> AsyncIterator[str]:
    """Give the same, in a loop."""
    times = []
    for number in range(COUNT):
        await asyncio.sleep(PAUSE_S)
        times.append(time.time())
        if number == COUNT - 1:
            _write(times)
        yield f"word{number:03} "


def _write(times: list[float]) -> None:
    file = Path(os.environ["WORDS_TIMES"])
    part = file.with_suffix(".part")
    part.write_text(json.dumps(times))
    part.replace(file)
