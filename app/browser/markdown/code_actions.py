"""Actions on parts of an answer: copy and save code, copy tables and formulas, fetch an image from
elsewhere. One listener for the whole page serves all messages.
"""

import asyncio
from typing import Any
from urllib.parse import unquote

from js import URL, AbortSignal, document, fetch
from pyodide.ffi import JsException

from ..web import shortcuts, toast
from ..web import words as web_words
from ..web.dom import Node, find, js_object, listen, save_file, to_clipboard
from ..web.tasks import beside
from . import words
from .copying import code_of, on_copy, tex_of, with_dollars
from .heading_names import heading_names
from .markdown_files import csv, file_name

_HEADINGS = ".markdown:not(.reasoning-text) [class^=level-]"
_IMAGE_BYTES = 20_000_000
_IMAGE_LIMIT_MS = 30_000
_SAID_S = 2.0


def start() -> None:
    """Listen, once for the life of the page."""
    listen(document, "click", _on_click)
    listen(document, "copy", on_copy)
    shortcuts.register(
        "copy-code", "Mod+Shift+;", words.COPY_LAST_CODE, _copy_last_code, when=_has_code
    )


def _on_click(event: Any) -> None:
    target = event.target
    if not hasattr(target, "closest"):
        return
    button = target.closest("[data-markdown]")
    if not button:
        _follow(event, target.closest(".markdown a[href^='#']"))
        return
    match button.getAttribute("data-markdown"):
        case "wrap":
            wrapped = button.closest(".code").toggleAttribute("data-wrap")
            button.setAttribute("aria-pressed", "true" if wrapped else "false")
        case "copy-code":
            beside(_copy(button, code_of(button.closest(".code"))))
        case "download":
            _save(button)
        case "copy-table":
            beside(_copy(button, csv(_rows(button.closest(".table")))))
        case "copy-tex":
            beside(_copy(button, tex_of(button.parentElement.querySelector(".math"))))
        case "image":
            beside(_show_image(button))


def _follow(event: Any, link: Node) -> None:
    """Go to a footnote and back, or to a heading, without an entry in the history."""
    if not link:
        return
    event.preventDefault()
    name = link.getAttribute("href")[1:]
    is_note = link.closest(".footnote-use, .footnote-back")
    place = document.getElementById(name) if is_note else _heading(link, name)
    if not place:
        toast.show(words.NO_HEADING)
        return
    place.tabIndex = -1
    place.scrollIntoView(js_object(block="nearest" if is_note else "start"))
    place.focus(js_object(preventScroll=True))


def _heading(link: Node, name: str) -> Node:
    """The heading of the same answer that has this name."""
    headings = list(
        (link.closest(".answer") or link.closest(".markdown")).querySelectorAll(_HEADINGS)
    )
    names = heading_names([str(heading.textContent) for heading in headings])
    wanted = unquote(name).lower()
    return headings[names.index(wanted)] if wanted in names else None


def _has_code() -> bool:
    return bool(find("transcript").querySelector(".code"))


def _copy_last_code() -> None:
    blocks = find("transcript").querySelectorAll(".code")
    beside(_copy_and_say(code_of(blocks.item(blocks.length - 1))))


async def _copy_and_say(code: str) -> None:
    copied = await to_clipboard(code)
    toast.show(words.CODE_COPIED if copied else f"{web_words.COPY_FORBIDDEN}.")


def _save(button: Node) -> None:
    block = button.closest(".code")
    code = block.querySelector("code").textContent
    language = block.getAttribute("data-language") or ""
    save_file(code, file_name(language, code), "text/plain;charset=utf-8")


def _rows(table: Node) -> list[list[str]]:
    return [
        [_cell_text(cell) for cell in row.querySelectorAll("th, td")]
        for row in table.querySelectorAll("tr")
    ]


def _cell_text(cell: Node) -> str:
    copy = cell.cloneNode(True)
    for formula in copy.querySelectorAll(".math"):
        formula.replaceWith(with_dollars(formula))
    return str(copy.textContent).strip()


async def _copy(button: Node, text: str) -> None:
    label = button.textContent
    if label in (web_words.COPIED, web_words.COPY_FORBIDDEN):
        return
    button.textContent = web_words.COPIED if await to_clipboard(text) else web_words.COPY_FORBIDDEN
    await asyncio.sleep(_SAID_S)
    button.textContent = label


async def _show_image(button: Node) -> None:
    """Fetch the picture and put it in the button's place; the host learns our address."""
    address = button.getAttribute("data-source")
    button.disabled = True
    button.firstChild.textContent = words.IMAGE_LOADING
    try:
        answer = await fetch(
            address,
            js_object(
                credentials="omit",
                referrerPolicy="no-referrer",
                # It could lead to a program on this computer.
                redirect="error",
                signal=AbortSignal.timeout(_IMAGE_LIMIT_MS),
            ),
        )
        blob = await answer.blob()
    except JsException:
        blob = None
    if blob is None or not _is_picture(blob) or not answer.ok:
        _offer_link(button, address)
        return
    image = document.createElement("img")
    image.alt = button.getAttribute("data-alt") or ""
    image.setAttribute("data-alt", image.alt)
    image.setAttribute("data-source", address)  # what it is copied as
    image.src = URL.createObjectURL(blob)
    button.replaceWith(image)
    image.tabIndex = -1
    image.focus(js_object(preventScroll=True))


def _is_picture(blob: Node) -> bool:
    return str(blob.type).startswith("image/") and blob.size <= _IMAGE_BYTES


def _offer_link(button: Node, address: str) -> None:
    said = document.createElement("span")
    said.className = "far-image"
    said.setAttribute("role", "status")
    link = document.createElement("a")
    link.href = address
    link.target = "_blank"
    link.rel = "noopener noreferrer"
    link.textContent = words.OPEN_IMAGE
    said.append(f"{words.IMAGE_FAILED} ", link)
    button.replaceWith(said)
