"""Copies of an answer: its words and formulas, as text and as HTML for programs that take it,
without the buttons that stand in it.
"""

import re
from typing import Any

from js import document, window

from ..web.dom import Node

# Parts that belong to the page, not to the answer.
NOT_SAID = (
    "[hidden], button, .code-bar, .table-bar, .footnote, .footnote-back, .raw, .turn-actions"
    ", .facts, .reasoning > summary, .reasoning:not([open]), .display:not(.math)"
    ", .formula summary, .formula > details:not([open])"
)
# Pictures from elsewhere, before they are shown and after.
_FAR = "button.far-image, img[data-source]"
# A selection with one of these is put together here.
_OWN = f".math, .code-bar, .table-bar, .reasoning, article, .picture-button, {_FAR}"
# What a selection of several items or cells lies in, and means nothing without.
_FRAMES = frozenset({"table", "thead", "tbody", "tr", "ul", "ol"})
_OF_THE_PAGE = ["title", "target", "rel", "role", "tabindex", "aria-label", "data-note"]
# What a page of its own tells apart by their classes.
_TOLD_APART = ".callout, .bare"
# Environments that are no formula between dollars but stand for themselves.
_ENVIRONMENT = re.compile(r"\\begin\{(?:align|equation|gather|multline|flalign|eqnarray)")


def tex_of(formula: Node) -> str:
    """The source of a formula, whether it has been drawn or not."""
    return str(formula.getAttribute("data-tex") or formula.textContent)


def with_dollars(formula: Node) -> str:
    """A formula as it is written in Markdown."""
    tex = tex_of(formula)
    if _ENVIRONMENT.match(tex):
        return tex
    mark = "$$" if formula.classList.contains("display") else "$"
    return f"{mark}{tex}{mark}"


def code_of(block: Node) -> str:
    """The code of a block, without the line end at its end: a terminal would run it at once."""
    return str(block.querySelector("code").textContent).rstrip("\r\n")


def html_of(article: Node) -> str:
    """Give the whole of an answer as HTML."""
    content = document.createDocumentFragment()
    for text in article.querySelectorAll('[data-part="text"], [data-part="refusal"]'):
        content.append(text.cloneNode(True))
    return _as_html(content)


def html_of_body(place: Node) -> str:
    """Give a text that was drawn as HTML for a page of its own, which draws callouts."""
    content = document.createDocumentFragment()
    content.append(place.cloneNode(True))
    return _as_html(content, is_page=True)


def on_copy(event: Any) -> None:
    """Put a selection on the clipboard, where it holds more than words."""
    selection = window.getSelection()
    if not selection.rangeCount or selection.isCollapsed:
        return
    chosen = selection.getRangeAt(0).cloneRange()
    first, last = _formula_around(chosen.startContainer), _formula_around(chosen.endContainer)
    if first:
        chosen.setStartBefore(first)
    if last:
        chosen.setEndAfter(last)
    content = _in_frames(chosen.commonAncestorContainer, chosen.cloneContents())
    if not content.querySelector(_OWN):
        return
    event.clipboardData.setData("text/html", _as_html(content.cloneNode(True)))
    event.clipboardData.setData("text/plain", _as_text(content))
    event.preventDefault()


def _in_frames(around: Node, content: Node) -> Node:
    """Put items and cells into the list or table that they are of."""
    whole = document.createDocumentFragment()
    while getattr(around, "localName", "") in _FRAMES:
        shell = around.cloneNode(False)
        shell.append(content)
        content, around = shell, around.parentElement
    whole.append(content)
    return whole


def _formula_around(node: Node) -> Node:
    element = node if hasattr(node, "closest") else node.parentElement
    return element.closest(".math") if element else None


def _as_text(content: Node) -> str:
    """The text as it stands in lines, which only an element in the page knows."""
    for head in content.querySelectorAll(".answer-head"):  # who speaks, in a line
        head.textContent = " ".join(str(head.textContent).split()).replace(" ,", ",")
    for formula in content.querySelectorAll(".math"):
        formula.replaceWith(with_dollars(formula))
    _keep_pictures(content)
    for image in content.querySelectorAll("img"):
        image.replaceWith(image.alt)
    for each in content.querySelectorAll(NOT_SAID):
        each.remove()
    stage = document.createElement("div")
    stage.className = "markdown copied"
    stage.append(content)
    document.body.append(stage)
    text = str(stage.innerText)
    stage.remove()
    return text.strip("\n")


def _keep_pictures(content: Node) -> None:
    """Put what is behind a button in its place: the picture, a link to one from elsewhere, the name
    of a file.
    """
    for button in content.querySelectorAll(".picture-button"):
        button.replaceWith(*button.querySelectorAll("img"))  # which may not have been selected
    for button in content.querySelectorAll("[data-save]"):
        button.replaceWith(button.getAttribute("data-name"))
    for picture in content.querySelectorAll(_FAR):
        link = document.createElement("a")
        link.href = picture.getAttribute("data-source")
        link.textContent = picture.getAttribute("data-alt") or link.href
        picture.replaceWith(link)


def _as_html(content: Node, *, is_page: bool = False) -> str:
    """Plain HTML: a formula as MathML, which has its source in it."""
    _keep_pictures(content)
    for each in content.querySelectorAll(NOT_SAID):
        each.remove()
    for formula in content.querySelectorAll(".math"):
        formula.replaceWith(formula.querySelector("math") or with_dollars(formula))
    for heading in content.querySelectorAll("[class^=level-]"):
        plain = document.createElement(f"h{heading.className[-1]}")
        plain.append(*heading.childNodes)
        heading.replaceWith(plain)
    for callout in content.querySelectorAll(".callout"):
        quote = document.createElement("blockquote")
        quote.className = callout.className
        quote.append(*callout.childNodes)
        callout.replaceWith(quote)
    for title in content.querySelectorAll(".callout-title"):
        bold = document.createElement("strong")
        bold.append(*title.childNodes)
        title.append(bold)
    for code in content.querySelectorAll("pre > code"):
        code.textContent = str(code.textContent)  # without colours
    for side in ("left", "center", "right"):
        for cell in content.querySelectorAll(f":is(th, td).{side}"):
            cell.setAttribute("align", side)
    for frame in content.querySelectorAll("div, span"):
        frame.replaceWith(*frame.childNodes)
    for element in content.querySelectorAll(
        f"[class]:not({_TOLD_APART})" if is_page else "[class]"
    ):
        element.removeAttribute("class")
    for name in _OF_THE_PAGE:
        for element in content.querySelectorAll(f"[{name}]"):
            element.removeAttribute(name)
    holder = document.createElement("div")
    holder.append(content)
    return str(holder.innerHTML)
