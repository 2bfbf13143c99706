"""HTML and pictures for a chat as one page of its own, which draws nothing itself."""

from typing import Any

from js import document

from .displays.chart_pictures import ChartPictures
from .markdown.copying import html_of_body
from .markdown.markdown import Body, loaded, settled


class PageDrawing:
    """For one page; `end` when it is written."""

    def __init__(self) -> None:
        self._charts = ChartPictures()

    async def markdown(self, text: str) -> str:
        """Give the HTML of an answer's text, formulas as MathML."""
        place = document.createElement("div")
        place.className = "markdown"
        await loaded()
        Body(place).replace(text)
        await settled()
        return html_of_body(place)

    async def chart(self, kind: str, specification: Any) -> str:
        """Give a chart as SVG; empty where it can't be drawn."""
        return await self._charts.draw(kind, specification)

    def end(self) -> None:
        """Let go of what it was drawn with."""
        self._charts.end()
