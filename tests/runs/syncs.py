"""Shows in which order `--durable` writes, syncs and delivers: python3 -m tests.runs.syncs

It needs strace (Debian's package `strace`). A power cut takes what was written and not synced; so
each part of an answer has to be synced before anybody gets it.
"""

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from app.runs.log import RunRecord
from app.runs.sqlite import SQLiteLog

_PARTS = 5
_CALL = re.compile(r"(pwrite64|fdatasync|fsync|write)\((\d+)<([^>]*)>")


async def write(folder: Path, *, is_durable: bool) -> None:
    """Write the parts of an answer, and say of each that it is delivered."""
    log = SQLiteLog(folder / "runs.db", is_durable=is_durable)
    claim = await log.create(RunRecord("r", "ada", "c"), "worker")
    assert claim is not None
    for number in range(_PARTS):
        claim = await log.append("r", claim, b'{"type":"content_delta","text":"word"}', 1)
        os.write(1, b"delivered %d\n" % number)
    await log.close()


def order(is_durable: bool) -> list[list[str]]:
    """Give what happened up to each delivery: writes and syncs of the log."""
    with TemporaryDirectory() as place:
        told = Path(place, "strace")
        calls = "trace=pwrite64,fdatasync,fsync,write"
        traced = ["strace", "-f", "-y", "-e", calls, "-o", str(told)]
        child = [sys.executable, "-m", __spec__.name, "durable" if is_durable else "plain", place]
        subprocess.run([*traced, *child], check=True, stdout=subprocess.DEVNULL)
        found: list[list[str]] = [[]]
        for name, number, file in _CALL.findall(told.read_text("utf-8", "replace")):
            if number == "1":
                found.append([])
            elif "runs.db" in file:
                found[-1].append("write" if name == "pwrite64" else "sync")
    return found[1:-1]  # between two deliveries each


def main() -> None:
    """Print the order, and fail where something was delivered that was not synced."""
    for is_durable in (True, False):
        parts = order(is_durable)
        assert len(parts) == _PARTS - 1
        assert all("write" in part for part in parts), parts
        assert all((part[-1] == "sync") == is_durable for part in parts), parts
        for part in parts:
            synced = ", synced" if is_durable else ""
            name = "--durable" if is_durable else "without"
            print(f"{name}: {part.count('write')} writes{synced}, delivered")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        asyncio.run(write(Path(sys.argv[2]), is_durable=sys.argv[1] == "durable"))
    else:
        main()
