"""A selection of an answer as Markdown again: a quotation for the next question."""

import re

from js import document, window

from ..web.dom import Node
from .copying import NOT_SAID, with_dollars

# Places of a model's words, and parts of its answer that are none.
SAID = '[data-part="text"], [data-part="refusal"]'
_NOT_QUOTED = f"{NOT_SAID}, .reasoning, .tools, .file, .picture, .note, .footnote-use, .went-on"
# More elements than these are quoted as plain text: each costs some calls into the page.
_MOST_ELEMENTS = 2000

# What gives a part of it its meaning; of these some only where whole items or cells are selected.
_INLINE = {"strong": "**", "b": "**", "em": "*", "i": "*", "del": "~~", "s": "~~"}
_TAGS = frozenset({"sub", "sup", "kbd", "mark", "u"})
_CODE = frozenset({"code", "pre"})
_LISTS = frozenset({"ul", "ol", "table", "thead", "tbody", "tr"})
_ITEMS = frozenset({"li", "td", "th"})
_BLOCKS = frozenset(
    {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "table"}
    | {"hr", "div", "section", "details", "summary"}
)
# Marks that mean something at the beginning of a line, and everywhere.
_AT_LINE_START = re.compile(r"^(\s*)(#{1,6}|>|[-+]|\d{1,9}(?=[.)]\s))(?=\s|[.)])")
_MARKS = re.compile(r"[\\*`]|(?<!\w)_|_(?!\w)")


def within_answer(chosen: Node) -> Node:
    """The part of a selection that lies in one answer, as a range; None where there is none."""
    ends = [_element(chosen.startContainer), _element(chosen.endContainer)]
    article = next((found for one in ends if (found := one.closest(".answer"))), None)
    if article is None:
        return None
    said = list(article.querySelectorAll(SAID))
    whole = [one for one in said if chosen.intersectsNode(one)]
    if not whole:
        return None
    part = chosen.cloneRange()
    if not whole[0].contains(chosen.startContainer):
        part.setStartBefore(whole[0])
    if not whole[-1].contains(chosen.endContainer):
        part.setEndAfter(whole[-1])
    return part


def quoted(chosen: Node) -> str:
    """Give this part of an answer as a quotation; "" where it has no words."""
    text = as_markdown(chosen)
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n")) if text else ""


def as_markdown(chosen: Node) -> str:
    """Give this part of an answer as Markdown: code stays code, and a formula its source."""
    around = _element(chosen.commonAncestorContainer)
    if around.closest(".raw, .plain"):  # shown as it was written
        return str(chosen.toString()).strip("\n")
    if formula := around.closest(".math"):
        return with_dollars(formula)
    if around.closest("pre") and "\n" not in (line := str(chosen.toString()).strip("\n")):
        return _code(line)
    content = chosen.cloneContents()
    stage = document.createElement("div")
    stage.append(_within(around, content))
    for each in stage.querySelectorAll(_NOT_QUOTED):
        each.remove()
    if stage.querySelectorAll("*").length > _MOST_ELEMENTS:
        return str(stage.textContent).strip()
    return "\n\n".join(_blocks(stage))


def _element(node: Node) -> Node:
    return node if hasattr(node, "closest") else node.parentElement


def _within(around: Node, content: Node) -> Node:
    """Put the content into the elements that give it its meaning: a code block, a list,
    emphasis.
    """
    is_in_item = False
    while around and not around.matches(SAID) and not around.matches(".answer"):
        name = around.localName
        is_in_item = is_in_item or name in _ITEMS
        keeps = name in _CODE or name in _INLINE or name in _TAGS or around.matches("a, .code")
        if keeps or (name in _LISTS and not is_in_item):
            shell = around.cloneNode(False)
            shell.append(content)
            content = shell
        around = around.parentElement
    return content


def _blocks(holder: Node) -> list[str]:
    """The blocks of an element, each as Markdown."""
    found: list[str] = []
    line: list[str] = []  # text that stands in no block of its own

    def end_line() -> None:
        if text := _paragraph("".join(line)):
            found.append(text)
        line.clear()

    for node in list(holder.childNodes):
        if getattr(node, "localName", "") in _BLOCKS:
            end_line()
            found += _block(node)
        else:
            line.append(_inline_node(node))
    end_line()
    return found


def _block(node: Node) -> list[str]:
    name = str(node.localName)
    match name:
        case "ul" | "ol":
            return [text] if (text := _list(node, is_ordered=name == "ol")) else []
        case "pre":
            return [_fence(node, "")]
        case "div" if node.classList.contains("code"):
            return [_fence(node, str(node.getAttribute("data-language") or ""))]
        case "table":
            return [_table(node)]
        case "blockquote":
            inner = "\n\n".join(_blocks(node))
            return ["\n".join(f"> {line}".rstrip() for line in inner.split("\n"))]
        case "hr":
            return ["---"]
        case "p" | "summary":
            return [text] if (text := _paragraph(_inline(node))) else []
        case "div" | "section" | "details" | "li":
            return _blocks(node)
    # A heading; its level in the answer is in its class.
    level = int(node.className[-1]) if node.className.startswith("level-") else 3
    text = " ".join(_inline(node).split())
    return [f"{'#' * level} {text}"] if text else []


def _paragraph(text: str) -> str:
    lines = (" ".join(line.split()) for line in text.strip().split("\n"))
    return "\n".join(_AT_LINE_START.sub(_escaped_start, line) for line in lines)


def _escaped_start(found: re.Match[str]) -> str:
    before, mark = found.groups()
    return f"{before}{mark}\\" if mark[0].isdigit() else f"{before}\\{mark}"


def _inline(holder: Node) -> str:
    return "".join(_inline_node(node) for node in list(holder.childNodes))


def _inline_node(node: Node) -> str:
    name = str(getattr(node, "localName", None) or "")
    if node.nodeType == node.TEXT_NODE:
        return _MARKS.sub(r"\\\g<0>", " ".join(f"_{node.data}_".split())[1:-1])
    if not name:
        return ""
    if node.classList.contains("math"):
        return with_dollars(node)
    if name == "br":
        return "\n"
    if name == "code":
        return _code(str(node.textContent))
    if name == "input":
        return "[x] " if node.checked else "[ ] "
    if name == "img":
        return str(node.getAttribute("alt") or "")
    inner = _inline(node)
    if not inner.strip():
        return inner
    if mark := _INLINE.get(name):
        # Marks stand at a letter, or they are none.
        start, end = len(inner) - len(inner.lstrip()), len(inner.rstrip())
        return f"{inner[:start]}{mark}{inner[start:end]}{mark}{inner[end:]}"
    if name in _TAGS:
        return f"<{name}>{inner}</{name}>"
    if name == "a" and str(address := node.getAttribute("href") or "").startswith("http"):
        return str(address) if node.textContent == address else f"[{inner}](<{address}>)"
    return inner


def _code(text: str) -> str:
    marks = "`" * (_longest_run(text) + 1)
    gap = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{marks}{gap}{text}{gap}{marks}" if text else ""


def _fence(block: Node, language: str) -> str:
    code = str((block.querySelector("code") or block).textContent).strip("\n")
    marks = "`" * max(_longest_run(code) + 1, 3)
    return f"{marks}{language}\n{code}\n{marks}"


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


def _list(node: Node, *, is_ordered: bool) -> str:
    number = int(node.getAttribute("start") or 1)
    items = []
    for item in node.children:
        mark = f"{number}. " if is_ordered else "- "
        number += 1
        if text := "\n".join(_blocks(item)):
            items.append(mark + text.replace("\n", "\n" + " " * len(mark)))
    return "\n".join(items)


def _table(node: Node) -> str:
    rows = [
        [
            " ".join(_inline(cell).split()).replace("|", "\\|")
            for cell in row.querySelectorAll("th, td")
        ]
        for row in node.querySelectorAll("tr")
    ]
    if not rows:
        return ""
    width = max(map(len, rows))
    lines = [f"| {' | '.join([*row, *[''] * (width - len(row))])} |" for row in rows]
    return "\n".join([lines[0], "|" + " --- |" * width, *lines[1:]])


def selected() -> Node:
    """The range that is selected in an answer now, None without one."""
    selection = window.getSelection()
    if not selection.rangeCount or selection.isCollapsed:
        return None
    return within_answer(selection.getRangeAt(0))
