"""Displays of code blocks, beside their code: mermaid as a diagram, SVG as a picture, HTML as a
page.
"""

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

from js import document
from pyodide.ffi import create_proxy

from ..markdown.copying import code_of
from ..web.dom import Node, listen
from ..web.tasks import beside
from . import words
from .diagrams import Diagrams, DrawingError
from .display import Display
from .frames import module

# As theme.css has them: what a diagram is drawn on, light and dark.
_PAPERS = {False: "#fbfaf7", True: "#111716"}
# A longer picture or page is not shown, in characters.
_LONGEST = 5_000_000


class CodeDisplays:
    """Shows what a block holds when its button is pressed; diagrams, where a person wants that, as
    soon as they are near. `ends` are called when a display hangs: they end all else that has no
    origin, for it shares the display's process.
    """

    def __init__(self, ends: Sequence[Callable[[], None]]) -> None:
        self._ends = ends
        self._draws_diagrams = False
        self._diagrams = Diagrams()
        self._numbers = count(1)
        self._shown: dict[str, Display] = {}
        self._module: Node = None
        listen(document, "click", self._on_click)
        listen(document, "code-closed", lambda event: self._wait_for_sight([event.target]))

    def draw_diagrams(self, on: bool) -> None:
        """Draw diagrams by themselves from now on, those that are there too; or no more."""
        if on != self._draws_diagrams:
            self._draws_diagrams = on
            self._wait_for_sight(document.querySelectorAll('.code[data-closed="diagram"]'))

    def _wait_for_sight(self, blocks: Any) -> None:
        wanted = [one for one in blocks if one.getAttribute("data-closed") == "diagram"]
        if self._draws_diagrams and wanted:
            beside(self._watch(wanted))

    async def _watch(self, blocks: list[Node]) -> None:
        frames = await self._frames()
        for block in blocks:
            frames.watch(block)

    async def _frames(self) -> Node:
        if self._module is None:
            self._module = await module()
            self._module.onSight(create_proxy(self._on_sight))
            self._module.onStuck(create_proxy(self._on_stuck))
            self._module.onTheme(create_proxy(self._on_theme))
        return self._module

    def _on_sight(self, element: Node, is_near: bool) -> None:
        if element.classList.contains("display"):
            display = self._shown.get(element.getAttribute("data-number"))
            if display is not None and is_near and display.begins:
                beside(display.begin())
            elif display is not None:
                display.sight(is_near)
        elif is_near:
            self._module.unwatch(element)
            if self._draws_diagrams and self._display_of(element) is None:
                element.setAttribute("data-source", "hidden")
                beside(self._open(element))

    def _on_stuck(self) -> None:
        for end in self._ends:
            end()

    def _on_theme(self, *_: Any) -> None:
        is_dark = self._module.isDark()
        for display in self._connected():
            if display.kind == "diagram" and display.is_dark != is_dark:
                beside(self._fill(display))

    def _on_click(self, event: Any) -> None:
        if not hasattr(event.target, "closest"):
            return
        button = event.target.closest('[data-markdown="display"], [data-display]')
        block = button.closest(".code") if button else None
        if not block:
            self._on_output(button)
            return
        display = self._display_of(block)
        if button.hasAttribute("data-markdown"):
            if display is None:
                beside(self._open(block))
            else:
                self._close(block, display)
        elif display is not None:
            self._act(button, block, display)

    def _on_output(self, button: Node) -> None:
        element = button.closest(".display") if button else None
        display = self._shown.get(element.getAttribute("data-number")) if element else None
        if display is None:
            return
        if button.getAttribute("data-display") == "svg":
            display.save_svg("chart")
        else:
            beside(display.begin(is_pressed=True))

    def output(self, kind: str, content: Any) -> Node:
        """Make the place of what is drawn apart: `output`, which is HTML, or a chart of
        `plotly` or `vega`. It is drawn when it comes near what is seen.
        """
        place = document.createElement("div")
        place.className = "display-output"
        beside(self._fill_output(place, kind, content))
        return place

    async def _fill_output(self, place: Node, kind: str, content: Any) -> None:
        from .output_display import OutputDisplay  # few chats have any

        frames = await self._frames()
        display = OutputDisplay(frames, kind, content)
        self._register(display)
        place.append(display.element)
        frames.watch(display.element)

    def _register(self, display: Display) -> None:
        for other in [*self._shown.values()]:
            if not other.element.isConnected:
                self._forget(other)
        number = f"{next(self._numbers)}"
        display.element.setAttribute("data-number", number)
        self._shown[number] = display

    def _act(self, button: Node, block: Node, display: Display) -> None:
        match button.getAttribute("data-display"):
            case "source":
                is_hidden = block.getAttribute("data-source") == "hidden"
                block.setAttribute("data-source", "shown" if is_hidden else "hidden")
                self._show_presses(block)
            case "svg":
                display.save_svg("picture" if display.kind == "picture" else "diagram")
            case "png":
                display.save_png("picture" if display.kind == "picture" else "diagram")
            case "go":
                beside(self._fill(display, is_agreed=True))
            case to:
                display.zoom(to)

    async def _open(self, block: Node) -> None:
        frames = await self._frames()
        if self._display_of(block) is not None:
            return
        display = Display(frames, block.getAttribute("data-closed"))
        self._register(display)
        block.querySelector("pre").before(display.element)
        self._show_presses(block)
        frames.watch(display.element)
        await self._fill(display)

    async def _fill(self, display: Display, *, is_agreed: bool = False) -> None:
        """Show the block's content, or say why not."""
        block = display.element.closest(".code")
        source = code_of(block)
        if not source.strip():
            display.fail(words.NOTHING)
        elif len(source) > _LONGEST:
            display.fail(words.TOO_LARGE)
        elif display.kind == "diagram":
            await self._draw(display, source)
        elif not is_agreed and await self._module.sharesThread():
            display.fail(words.MAY_FREEZE, words.SHOW_ANYWAY)
        elif display.element.isConnected:
            display.show(source)
        if display.element.getAttribute("data-state") == "failed":
            block.setAttribute("data-source", "shown")
            self._show_presses(block)

    async def _draw(self, display: Display, source: str) -> None:
        display.is_dark = is_dark = bool(self._module.isDark())
        try:
            drawn = await self._diagrams.draw(source, is_dark, display.say)
        except DrawingError as error:
            display.fail(str(error), error.go)
        else:
            if display.element.isConnected and display.is_dark == is_dark:
                display.show(drawn, _PAPERS[is_dark])

    def _close(self, block: Node, display: Display) -> None:
        self._forget(display)
        display.element.remove()
        block.removeAttribute("data-source")
        self._show_presses(block)

    def _forget(self, display: Display) -> None:
        self._module.unwatch(display.element)
        self._shown.pop(display.element.getAttribute("data-number"), None)
        display.end()

    def _display_of(self, block: Node) -> Display | None:
        element = block.querySelector(".display")
        return self._shown.get(element.getAttribute("data-number")) if element else None

    def _connected(self) -> list[Display]:
        return [one for one in self._shown.values() if one.element.isConnected]

    def _show_presses(self, block: Node) -> None:
        is_shown = block.querySelector(".display")
        button = block.querySelector('[data-markdown="display"]')
        button.setAttribute("aria-pressed", "true" if is_shown else "false")
        if is_shown:
            source = is_shown.querySelector('[data-display="source"]')
            is_hidden = block.getAttribute("data-source") == "hidden"
            source.setAttribute("aria-pressed", "false" if is_hidden else "true")
