"""A person's files of tools, and the unsaved buffers of the editor: kept in this browser."""

from contextlib import suppress

import msgspec

from ...web.web_storage import DeviceEntries
from .tool_files import EditorBuffer, ToolFile

_FILES = "tokenfall.tool-files"
_BUFFER = "tokenfall.tool-sheet:"


class KeptFiles:
    """The saved files. They are read anew before each change: another tab may have saved some."""

    def __init__(self) -> None:
        self._entries = DeviceEntries()

    def concerns(self, entry: str | None) -> bool:
        """Tell whether an entry that another tab wrote is of these files; None stands for all."""
        return entry in (None, _FILES)

    def all(self) -> list[ToolFile]:
        """The files as last saved in any tab; where they had no room, in this one."""
        return self._read()[0]

    def keep(self, files: list[ToolFile]) -> bool:
        """Keep these files, and those that can't be read; False where they last only as long as the
        page.
        """
        kept = [*files, *self._read()[1]]
        return self._entries.put(_FILES, msgspec.json.encode(kept).decode())

    def _read(self) -> tuple[list[ToolFile], list[msgspec.Raw]]:
        """The files, and those that another version of the page wrote."""
        files, unknown = [], []
        try:
            kept = msgspec.json.decode(self._entries.get(_FILES) or "[]", type=list[msgspec.Raw])
        except msgspec.MsgspecError:
            kept = []
        for line in kept:
            try:
                files.append(msgspec.json.decode(line, type=ToolFile))
            except msgspec.MsgspecError:
                unknown.append(line)
        return files, unknown


class KeptBuffers:
    """Typed and unsaved text: each buffer by itself, so that two tabs don't overwrite each
    other's.
    """

    def __init__(self) -> None:
        self._entries = DeviceEntries()

    def all(self) -> list[EditorBuffer]:
        """Read the buffers of all tabs."""
        found = []
        for name in self._entries.names(_BUFFER):
            with suppress(msgspec.MsgspecError):
                found.append(msgspec.json.decode(self._entries.get(name) or "", type=EditorBuffer))
        return found

    def keep(self, buffer: EditorBuffer) -> bool:
        """Keep a buffer; False where it lasts only as long as the page."""
        return self._entries.put(_BUFFER + buffer.id, msgspec.json.encode(buffer).decode())

    def drop(self, id: str) -> None:
        self._entries.remove(_BUFFER + id)
