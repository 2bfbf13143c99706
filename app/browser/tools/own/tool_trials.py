"""Trying a tool in the editor: the call that a model would make, made by a person."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from ....core.tools.function_tool import run
from ...web import words as web_words
from ...web.dom import find, listen
from ...web.tasks import beside
from ..sandbox.sandboxed import ToolDescription
from . import words
from .tool_checks import Checked
from .tool_fields import WrongField, arguments
from .tool_files import Runner, tool_of
from .tool_trial import TrialForm

# As long as a model's call may take.
_LIMIT_S = 60.0


class ToolTrials:
    """`run_source()` runs the typed source, and gives its check."""

    def __init__(self, runner: Runner, run_source: Callable[[], Awaitable[Checked | None]]) -> None:
        self._runner = runner
        self._run_source = run_source
        self._form = TrialForm()
        self._task: asyncio.Task[None] | None = None
        listen(find("own-try"), "submit", self._on_submit)
        listen(find("own-stop"), "click", lambda _: self.stop())

    def show(self, tools: Sequence[ToolDescription]) -> None:
        """Offer these tools."""
        self._form.show(tools)

    def stop(self) -> None:
        """End the call that is on its way, if one is."""
        if self._task is not None:
            self._task.cancel()

    def leave(self) -> None:
        """End the call and say nothing of it, as another file is shown, or none."""
        self.stop()
        self._task = None
        self._form.end("")
        self._form.show(())

    def _on_submit(self, event: Any) -> None:
        event.preventDefault()
        if self._form.tool is None or self._task is not None:
            return
        self._form.say("", "")
        self._form.run()
        self._task = asyncio.ensure_future(self._try())
        beside(_ended(self._task))

    async def _try(self) -> None:
        task = asyncio.current_task()
        try:
            checked = await self._run_source()
            tool = self._form.tool
            if self._task is not task:
                return
            if checked is None or checked.problem or tool is None:
                self._form.end(words.TRY_NEEDS_TOOL)
                return
            known, typed = self._form.read()
            values = arguments(known, typed)
            await self._call(tool, checked.source, values)
        except WrongField as problem:
            self._form.end("")
            self._form.say(problem.name, str(problem))
        except asyncio.CancelledError:
            if self._task is task:
                self._form.end(words.TRY_STOPPED)
            raise
        finally:
            if self._task is task:
                self._task = None

    async def _call(self, described: ToolDescription, source: str, values: dict[str, Any]) -> None:
        began = asyncio.get_running_loop().time()
        tool = tool_of(described, source, self._runner)
        result = await run(tool, values, timeout_s=_LIMIT_S)
        took = web_words.seconds(asyncio.get_running_loop().time() - began)
        said = words.tried(took, is_error=result.is_error)
        self._form.end(said, result.content or web_words.NO_RESULT, is_error=result.is_error)


async def _ended(task: asyncio.Task[None]) -> None:
    await asyncio.wait({task})
