"""The tools that a person wrote: the files they are in, kept, and run in the sandbox."""

from collections.abc import Callable
from typing import Any

from js import window

from ....core.tools.function_tool import Tool
from ...settings.settings import TOOL_FILES, Store
from ...web.dom import listen
from ..sandbox.sandboxes import Sandboxes
from .tool_files import ToolFile, tools_of


class OwnTools:
    """Files by their order. `changed()` is called when there are others, also from another tab."""

    def __init__(self, store: Store, sandboxes: Sandboxes, changed: Callable[[], None]) -> None:
        self._store = store
        self._sandboxes = sandboxes
        self._changed = changed
        self._is_kept = True
        self._take(store.tool_files())
        listen(window, "storage", self._on_storage)

    def file(self, name: str) -> ToolFile | None:
        return next((file for file in self.files if file.name == name), None)

    def put(self, file: ToolFile, instead_of: str = "", at: int | None = None) -> bool:
        """Keep a file in the place of the one of that name, or at this place, or as the last. False
        where the browser keeps nothing or has no room: then it lasts as long as the page.
        """
        files = self._latest()
        names = [one.name for one in files]
        if instead_of in names:
            files[names.index(instead_of)] = file
        else:
            files.insert(len(files) if at is None else at, file)
        return self._keep(files)

    def remove(self, name: str) -> int:
        """Delete a file; return the place where it was."""
        files = self._latest()
        at = next((at for at, file in enumerate(files) if file.name == name), len(files))
        self._keep([file for file in files if file.name != name])
        return at

    def tools(self) -> dict[str, Tool]:
        """All tools of all files, by name."""
        return self._tools

    def _latest(self) -> list[ToolFile]:
        """The files as they are now: another tab may have saved some."""
        return self._store.tool_files() if self._is_kept else list(self.files)

    def _keep(self, files: list[ToolFile]) -> bool:
        self._is_kept = self._store.keep_tool_files(files)
        self._take(files)
        self._changed()
        return self._is_kept

    def _take(self, files: list[ToolFile]) -> None:
        self.files = files
        made = [tool for file in files for tool in tools_of(file, self._sandboxes)]
        self._tools = {tool.name: tool for tool in made}
        self._sandboxes.keep(file.source for file in files)

    def _on_storage(self, event: Any) -> None:
        if event.key in (TOOL_FILES, None) and self._is_kept:
            self._take(self._store.tool_files())
            self._changed()
