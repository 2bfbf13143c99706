"""The tool `run_python` of the terminal: a Python that keeps its state, in a process of its own."""

import sys
from collections.abc import Callable
from pathlib import Path

from ...core.errors import UsageError
from ...core.text.visible_text import readable
from ...core.tools.function_tool import Tool, ToolError, tool
from ...python.messages import RUN_PYTHON, Clear, Display, Message, Omitted, Output
from ...python.summaries import of_bundle
from ..python_process import PythonProcess, PythonSettings

NO_WALL = (
    "The Python of --python is a process of yours, and no wall: what the model writes there can "
    "read, change and send whatever you can."
)
# Bounds of a cell's output as it is shown.
_MOST_SHOWN = 4_000


class PythonTool:
    """Starts with the first call. `show` takes lines for the person."""

    def __init__(
        self, settings: PythonSettings, show: Callable[[str], None], *, needs_approval: bool
    ) -> None:
        self._process = PythonProcess(settings)
        self._show = show
        self._room = 0
        self._line = ""

        # The toolbox would end the wait for a cell, and not the cell.
        @tool(name=RUN_PYTHON, timeout_s=settings.limit_s + 30, needs_approval=needs_approval)
        async def run_python(code: str) -> str:
            """Run Python and see what it prints, shows and returns, as in a cell of a notebook.

            Names, imports and files stay from one call to the next. The value of the last
            expression is shown; await works at the top level. Figures of Matplotlib are shown to
            the person. The working folder is the session's own; the network is this computer's.

            Args:
                code: The cell.
            """
            return await self._run(code)

        self.tool: Tool = run_python

    async def close(self) -> None:
        """End the Python."""
        await self._process.close()

    async def _run(self, code: str) -> str:
        self._room, self._line = _MOST_SHOWN, ""
        try:
            done = await self._process.run(code, self._take)
        except UsageError as error:
            raise ToolError(str(error)) from error
        finally:
            self._print("\n" if self._line else "")
        if done.status == "error":
            raise ToolError(done.told)
        return done.told

    def _take(self, message: Message) -> None:
        match message:
            case Output(text=text):
                self._print(text)
            case Omitted(characters=count):
                self._print(f"\n… {count:,} characters\n")
            case Display(data=data):
                self._print(f"{of_bundle(data)}\n")
            case Clear():
                self._print("\n" if self._line else "")

    def _print(self, text: str) -> None:
        """Show whole lines as they come."""
        *lines, self._line = (self._line + text).split("\n")
        for line in lines:
            if self._room > 0:
                self._room -= len(line) + 1
                self._show(f"  {readable(line)}" if self._room > 0 else "  …")


def settings_of(executable: Path | None, folder: Path | None) -> PythonSettings:
    """The settings that the options name.

    Raises:
        UsageError: The folder is none.
    """
    if folder is not None and not folder.is_dir():
        raise UsageError(f"{folder} is no folder: --python-folder wants one that is there")
    return PythonSettings(
        executable=executable or Path(sys.executable),
        folder=folder.resolve() if folder else None,
    )
