"""Coroutines that run beside everything else."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

_log = logging.getLogger(__name__)

# A task that nobody holds may be dropped half-way.
_held: set[asyncio.Task[Any]] = set()


def beside(coroutine: Coroutine[Any, Any, Any]) -> None:
    """Run it, and say in the console if it fails."""
    task = asyncio.ensure_future(coroutine)
    _held.add(task)
    task.add_done_callback(_on_done)


def _on_done(task: asyncio.Task[Any]) -> None:
    _held.discard(task)
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("a part of the page failed", exc_info=error)
