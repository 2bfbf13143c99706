"""HTML and charts of a cell or an answer: drawn in a frame apart once they are near the part that
is seen. A chart is a page of its library and its specification.
"""

from typing import Any

from ..web.dom import Node, part, save_file, show
from ..web.plain_text import short
from ..web.tasks import beside
from . import words
from .chart_pages import LIBRARIES, page_of, title_of
from .display import Display
from .libraries import LibraryError, is_kept, library

# A longer page is not shown, in characters.
_LONGEST = 10_000_000


class OutputDisplay(Display):
    """Of the kind `output`, which is HTML, or a chart: `plotly` or `vega`, which also draws
    Vega-Lite. `content` is the HTML, or the specification.
    """

    def __init__(self, frames: Node, kind: str, content: Any) -> None:
        super().__init__(frames, kind)
        self._module = frames
        self._said = content
        self._is_near = False
        self._is_begun = False
        self._is_warned = False
        self.element.tabIndex = -1
        if title := short(title_of(kind, content)):
            named = words.chart(title)
            self.element.setAttribute("aria-label", named)
            part(self.element, "title").textContent = named
        show(self.element.querySelector('[data-display="source"]'), False)

    @property
    def begins(self) -> bool:
        """Tell whether it comes near for the first time."""
        return not self._is_begun

    async def begin(self, *, is_pressed: bool = False) -> None:
        """Draw it, where nothing has to be asked or fetched before."""
        self._is_begun = self._is_near = True
        if not is_pressed and (sentence := await self._why_it_waits()):
            self.say(sentence, go=words.DRAW)
        elif not self._is_warned and await self._module.sharesThread():
            self._is_warned = True
            self.fail(words.MAY_FREEZE, words.SHOW_ANYWAY)
        else:
            await self._draw(LIBRARIES[self.kind])

    async def _why_it_waits(self) -> str:
        """Why a person has to press for it."""
        if self.kind == "output":
            # A page can have a name looked up, past every policy: not without a person's wish.
            return words.HTML_WAITS
        kept = [await is_kept(name) for name in LIBRARIES[self.kind]]
        return "" if all(kept) else words.CHART_WAITS

    def save_svg(self, name: str) -> None:
        """Draw the chart once more, as a picture that stands still, and save it."""
        beside(self._save_drawn(name))

    async def _save_drawn(self, name: str) -> None:
        from .chart_pictures import ChartPictures  # few charts are saved

        pictures = ChartPictures()
        try:
            svg = await pictures.draw(self.kind, self._said)
        finally:
            pictures.end()
        if svg:
            save_file(svg, f"{name}.svg", "image/svg+xml")
        else:
            self.say(words.NOT_SAVED)

    def _way_out(self) -> Node:
        tools = part(self.element, "chart-tools")
        return self.element if tools.hidden else tools

    async def _draw(self, needed: tuple[str, ...]) -> None:
        try:
            scripts = [(await library(name, self.say)).to_bytes().decode() for name in needed]
        except LibraryError as error:
            self.fail(str(error), words.TRY_AGAIN)
            return
        page = page_of(self.kind, self._said, scripts)
        if len(page) > _LONGEST + sum(map(len, scripts)):
            self.fail(words.TOO_LARGE)
        elif self.element.isConnected:
            self.show(page)
            show(part(self.element, "chart-tools"), self.kind != "output")
