"""The tools that a person wrote: the files they are in, kept, and run in the sandbox."""

from collections.abc import Callable

from ....core.tools.function_tool import Tool
from ...web.web_storage import follow_others
from ..sandbox.sandboxes import Sandboxes
from .kept_files import KeptFiles
from .tool_files import ToolFile, tools_of


class OwnTools:
    """Files by their order. `changed()` is called when there are others, also from another tab."""

    def __init__(self, sandboxes: Sandboxes, changed: Callable[[], None]) -> None:
        self._kept = KeptFiles()
        self._sandboxes = sandboxes
        self._changed = changed
        self._take(self._kept.all())
        follow_others(self._kept.concerns, self._take_in)

    def file(self, name: str) -> ToolFile | None:
        return next((file for file in self.files if file.name == name), None)

    def put(self, file: ToolFile, instead_of: str = "", at: int | None = None) -> bool:
        """Keep a file in the place of the one of that name, or at this place, or as the last. False
        where the browser keeps nothing or has no room: then it lasts as long as the page.
        """
        files = self._kept.all()
        names = [one.name for one in files]
        if instead_of in names:
            files[names.index(instead_of)] = file
        else:
            files.insert(len(files) if at is None else at, file)
        return self._keep(files)

    def remove(self, name: str) -> int:
        """Delete a file; return the place where it was."""
        files = self._kept.all()
        at = next((at for at, file in enumerate(files) if file.name == name), len(files))
        self._keep([file for file in files if file.name != name])
        return at

    def tools(self) -> dict[str, Tool]:
        """Give the tools of all files, by name."""
        return self._tools

    def _keep(self, files: list[ToolFile]) -> bool:
        is_kept = self._kept.keep(files)
        self._take(files)
        self._changed()
        return is_kept

    def _take(self, files: list[ToolFile]) -> None:
        self.files = files
        made = [tool for file in files for tool in tools_of(file, self._sandboxes)]
        self._tools = {tool.name: tool for tool in made}
        self._sandboxes.keep(file.source for file in files)

    def _take_in(self) -> None:
        self._take(self._kept.all())
        self._changed()
