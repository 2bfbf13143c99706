"""What can be done with the parts of an answer: copy and save code, copy tables and formulas, fetch
an image from elsewhere. One listener for the whole page serves all messages.
"""

import asyncio
from typing import Any

from js import URL, AbortSignal, Object, document, fetch, window
from pyodide.ffi import JsException, to_js

from ..web import shortcuts, toast
from ..web import words as web_words
from ..web.dom import Node, find, listen, save_file, to_clipboard
from ..web.tasks import beside
from . import words
from .markdown_files import csv, file_name

_IMAGE_BYTES = 20_000_000
_IMAGE_LIMIT_MS = 30_000
_SAID_S = 2.0


def start() -> None:
    """Listen, once for the life of the page."""
    listen(document, "click", _on_click)
    listen(document, "copy", _on_copy)
    shortcuts.register(
        "copy-code", "Mod+Shift+;", words.COPY_LAST_CODE, _copy_last_code, when=_has_code
    )


def _on_click(event: Any) -> None:
    target = event.target
    if not hasattr(target, "closest"):
        return
    button = target.closest("[data-markdown]")
    if not button:
        _follow_note(event, target.closest(".markdown a[href^='#']"))
        return
    match button.getAttribute("data-markdown"):
        case "wrap":
            wrapped = button.closest(".code").toggleAttribute("data-wrap")
            button.setAttribute("aria-pressed", "true" if wrapped else "false")
        case "copy-code":
            beside(_copy(button, _code_of(button).textContent))
        case "download":
            _save(button)
        case "copy-table":
            beside(_copy(button, csv(_rows(button.closest(".table")))))
        case "copy-tex":
            formula = button.parentElement.querySelector(".math")
            beside(_copy(button, _tex_of(formula)))
        case "image":
            beside(_show_image(button))


def _follow_note(event: Any, link: Node) -> None:
    """To a footnote and back, without an entry in the history."""
    if not link:
        return
    event.preventDefault()
    place = document.getElementById(link.getAttribute("href")[1:])
    if place:
        place.scrollIntoView(_options(block="nearest"))
        place.focus(_options(preventScroll=True))


def _has_code() -> bool:
    return bool(find("transcript").querySelector(".code"))


def _copy_last_code() -> None:
    blocks = find("transcript").querySelectorAll(".code code")
    beside(_copy_and_say(str(blocks.item(blocks.length - 1).textContent)))


async def _copy_and_say(code: str) -> None:
    copied = await to_clipboard(code)
    toast.show(words.CODE_COPIED if copied else f"{web_words.COPY_FORBIDDEN}.")


def _code_of(button: Node) -> Node:
    return button.closest(".code").querySelector("code")


def _save(button: Node) -> None:
    code = _code_of(button).textContent
    language = button.closest(".code").getAttribute("data-language") or ""
    save_file(code, file_name(language, code), "text/plain;charset=utf-8")


def _rows(table: Node) -> list[list[str]]:
    return [
        [_cell_text(cell) for cell in row.querySelectorAll("th, td")]
        for row in table.querySelectorAll("tr")
    ]


def _cell_text(cell: Node) -> str:
    copy = cell.cloneNode(True)
    for formula in copy.querySelectorAll(".math"):
        formula.replaceWith(_tex(formula))
    return str(copy.textContent).strip()


def _tex(formula: Node) -> str:
    mark = "$$" if formula.classList.contains("display") else "$"
    return f"{mark}{_tex_of(formula)}{mark}"


def _tex_of(formula: Node) -> str:
    """The source of a formula, whether it has been drawn or not."""
    return str(formula.getAttribute("data-tex") or formula.textContent)


async def _copy(button: Node, text: str) -> None:
    label = button.textContent
    if label in (web_words.COPIED, web_words.COPY_FORBIDDEN):
        return
    button.textContent = web_words.COPIED if await to_clipboard(text) else web_words.COPY_FORBIDDEN
    await asyncio.sleep(_SAID_S)
    button.textContent = label


def _on_copy(event: Any) -> None:
    """A selection with formulas is copied with their TeX."""
    selection = window.getSelection()
    if not selection.rangeCount or selection.isCollapsed:
        return
    chosen = selection.getRangeAt(0).cloneRange()
    first, last = _formula_around(chosen.startContainer), _formula_around(chosen.endContainer)
    if first:
        chosen.setStartBefore(first)
    if last:
        chosen.setEndAfter(last)
    content = chosen.cloneContents()
    formulas = content.querySelectorAll(".math")
    if not formulas.length:
        return
    for formula in formulas:
        formula.replaceWith(_tex(formula))
    for button in content.querySelectorAll("button"):
        button.remove()
    event.clipboardData.setData("text/plain", _laid_out(content))
    event.preventDefault()


def _formula_around(node: Node) -> Node:
    element = node if hasattr(node, "closest") else node.parentElement
    return element.closest(".math") if element else None


def _laid_out(content: Node) -> str:
    """The text as it stands in lines, which only an element in the page knows."""
    stage = document.createElement("div")
    stage.className = "markdown copied"
    stage.append(content)
    document.body.append(stage)
    text = str(stage.innerText)
    stage.remove()
    return text.strip("\n")


async def _show_image(button: Node) -> None:
    """Fetch the picture and put it in the button's place; what the host learns is our address."""
    address = button.getAttribute("data-source")
    button.disabled = True
    button.firstChild.data = words.IMAGE_LOADING
    try:
        answer = await fetch(
            address,
            _options(
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
    image.src = URL.createObjectURL(blob)
    button.replaceWith(image)
    image.tabIndex = -1
    image.focus(_options(preventScroll=True))


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


def _options(**values: Any) -> Node:
    return to_js(values, dict_converter=Object.fromEntries)
