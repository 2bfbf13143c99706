"""Charts of cells as pictures that stand still: SVG, drawn by their libraries in a hidden frame."""

from typing import Any

from .chart_pages import LIBRARIES
from .drawing_frame import DrawingFrame
from .frames import module
from .libraries import LibraryError, library

# The picture, in characters.
_LONGEST = 10_000_000


class ChartPictures:
    """Draws until it is ended; a frame for each library."""

    def __init__(self) -> None:
        self._frames: dict[str, DrawingFrame | None] = {}

    async def draw(self, kind: str, specification: Any) -> str:
        """Give the chart as SVG; empty where it can't be drawn."""
        if kind not in self._frames:
            self._frames[kind] = await _started(kind)
        frame = self._frames[kind]
        if frame is None:
            return ""
        said, svg = await frame.ask("chart", kind=kind, spec=specification)
        return svg if said == "drawn" and isinstance(svg, str) and len(svg) <= _LONGEST else ""

    def end(self) -> None:
        """Take the frames away."""
        for frame in self._frames.values():
            if frame is not None:
                frame.end()


async def _started(kind: str) -> DrawingFrame | None:
    # A chart that goes on for ever would stop the page where they share a thread.
    if await (await module()).sharesThread():
        return None
    frame = await DrawingFrame.make()
    for name in LIBRARIES[kind]:
        try:
            data = await library(name, _say_nothing)
        except LibraryError:
            frame.end()
            return None
        said, _ = await frame.ask("library", data, bytes=data)
        if said != "loaded":
            frame.end()
            return None
    return frame


def _say_nothing(_: str) -> None:
    """Have the wait told by nobody."""
