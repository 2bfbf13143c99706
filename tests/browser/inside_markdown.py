"""Runs in the tab, in the page's own Python: feeds Markdown as a model would, tools and cells."""

import asyncio
import random
import re
from collections.abc import Iterator
from typing import Any

from js import MutationObserver, Object, document
from pyodide.ffi import create_proxy, to_js

from app.browser.markdown import markdown
from app.browser.markdown.painter import Painter
from app.browser.tools.page_tools import PAGE_TOOLS
from app.core.tools.function_tool import ToolError, tool

_NOTE_IDS = re.compile(r"note-\d+-")


def _library() -> Any:
    assert markdown._library.module is not None, "the library has not come yet"
    return markdown._library.module


def _cuts(text: str, how: str) -> Iterator[str]:
    if how == "characters":
        yield from text
    elif how == "whole":
        yield text
    elif how == "bursts":
        size = len(text) // 50 + 1
        yield from (text[at : at + size] for at in range(0, len(text), size))
    else:
        source, at = random.Random(text), 0
        while at < len(text):
            length = source.randint(1, 12)
            yield text[at : at + length]
            at += length


async def drawn(texts: list[str], how: str) -> list[str]:
    """Draw each text and give its HTML, fed by "characters", by "cuts", in 50 "bursts", or drawn in
    "one" go as a single block.
    """
    elements = []
    for text in texts:
        element = document.createElement("div")
        elements.append(element)
        if how == "one":
            drawing = _library().Drawing.new(element)
            drawing.draw(to_js([text]), to_js([]), to_js([]), "", "")
            drawing.settle(float("inf"), True)
            continue
        body = markdown.Body(element)
        for piece in _cuts(text, how):
            body.append(piece)
        body.finish()
    await _library().settled()
    return [_plain_html(element) for element in elements]


async def open_end(text: str) -> str:
    """The HTML of a text that has not ended."""
    element = document.createElement("div")
    markdown.Body(element).append(text)
    await _library().settled()
    return _plain_html(element)


def _plain_html(element: Any) -> str:
    # In which groups blocks stand is for the browser's sake alone.
    for group in element.querySelectorAll(".blocks"):
        group.replaceWith(*group.childNodes)
    return _NOTE_IDS.sub("note-", str(element.innerHTML))


async def drawn_in_slices(text: str, further: str) -> str:
    """Give the HTML of a long text that is drawn with many frames, while more of it comes."""
    element = document.createElement("div")
    body = markdown.Body(element, Painter(lambda: None, lambda: None))
    body.append(text)
    is_at_once = body.is_drawn
    assert not is_at_once
    for piece in _cuts(further, "cuts"):
        body.append(piece)
        await asyncio.sleep(0)
    body.finish()
    while not body.is_drawn:
        await asyncio.sleep(0)
    await _library().settled()
    return _plain_html(element)


async def steps(text: str) -> list[str]:
    """Give the shown text after every character."""
    element = document.createElement("div")
    document.body.append(element)
    body = markdown.Body(element)
    shown = []
    for piece in text:
        body.append(piece)
        shown.append(element.innerText)
    element.remove()
    return shown


async def changed_nodes(begun: str, further: str) -> int:
    """Count the items or rows, all but the last, that change when more text comes, by a watcher."""
    element = document.createElement("div")
    body = markdown.Body(element)
    body.append(begun)
    whole = list(element.querySelectorAll("li, tbody tr"))[:-1]
    assert whole
    watcher = MutationObserver.new(create_proxy(lambda *_: None))
    for node in whole:
        options = {"subtree": True, "childList": True, "characterData": True}
        watcher.observe(node, to_js(options, dict_converter=Object.fromEntries))
    for piece in further:
        body.append(piece)
    body.finish()
    gone = sum(not element.contains(node) for node in whole)
    return gone + int(watcher.takeRecords().length)


async def let_a_tool_repeat(name: str) -> None:
    """Put a tool in the place of one of the page's own that says what it is given."""

    @tool(name=name)
    def repeat(expression: str, fails: bool) -> str:
        if fails:
            raise ToolError(expression)
        return expression

    PAGE_TOOLS[name] = repeat


async def stream_into_page(texts: list[str], how: str) -> None:
    """Stream each into an answer of its own; all of them replace those of before. The "source" of
    them is shown as the plain text that it is.
    """
    transcript = document.getElementById("transcript")
    for old in transcript.querySelectorAll(".attacked"):
        old.remove()
    for text in texts:
        article = document.createElement("article")
        article.className = "answer attacked"
        place = document.createElement("div")
        place.className = "markdown"
        article.append(place)
        transcript.append(article)
        body = markdown.Body(place, is_plain=how == "source")
        for piece in _cuts(text, "bursts" if how == "source" else how):
            body.append(piece)
        body.finish()
    await _library().settled()


async def show_output(pieces: list[str]) -> None:
    """Show what a cell prints so, and all of it as the value of its last line, in place of those
    answers.
    """
    from app.browser.conversation.answer.cell_output import CellOutput
    from app.python.messages import Display, Output

    await stream_into_page([], "whole")
    place = document.createElement("article")
    place.className = "attacked cell-output"
    document.getElementById("transcript").append(place)
    output = CellOutput(place, Painter(lambda: None, lambda: None), None)
    for piece in pieces:
        output.take(Output(1, "stdout", piece))
    output.take(Display(1, {"text/plain": "".join(pieces)}))


async def fill_cells(bundles: list[dict[str, Any]]) -> None:
    """Show these in each cell of the shown chat, as what it displayed."""
    from app.browser.conversation.answer import python_card
    from app.browser.conversation.answer.cell_output import CellOutput
    from app.python.messages import Display

    for place in document.querySelectorAll("#transcript .cell-output"):
        painter = Painter(lambda: None, lambda: None)
        output = CellOutput(place, painter, python_card._Kept.displays)
        for bundle in bundles:
            output.take(Display(1, bundle))


async def items_read_of_json(count: int) -> int:
    """Show a list of so many items as the value of a cell; tell how many of them were read."""
    from app.browser.conversation.answer.cell_output import CellOutput
    from app.python.messages import Display

    read = 0

    class Items(list[int]):
        def __iter__(self) -> Iterator[int]:
            nonlocal read
            for item in super().__iter__():
                read += 1
                yield item

    await stream_into_page([], "whole")
    place = document.createElement("article")
    place.className = "attacked cell-output"
    document.getElementById("transcript").append(place)
    output = CellOutput(place, Painter(lambda: None, lambda: None), None)
    output.take(Display(1, {"application/json": Items(range(count))}))
    return read


async def heard_of_a_document(said: list[str]) -> list[Any]:
    """Give what the page takes of these messages from the Python that reads documents."""
    from app.browser.tools.documents.document_reader import _answer

    return [_answer(one) for one in said]


async def can_interrupt() -> bool:
    """Start a Python for a chat, and tell whether a cell of it could be stopped with its names
    kept.
    """
    from app.browser.tools.sandbox.frame import Frame
    from app.browser.tools.session import python_session as of

    frame = Frame(of._ADDRESS, [of._PACKAGE], of._SERVICE, lambda _: None, of._LOCK)
    try:
        return bool((await frame.start()).canInterrupt)
    finally:
        frame.end()
