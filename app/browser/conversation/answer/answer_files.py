"""Images and other files, in answers and in questions.

Images that came whole are shown; charts, and HTML without a name, in a frame apart. An image from
the net would tell its host what is being read, and when: it is shown after a press, as those in
Markdown are. Other files with a web address are links, those that came whole have a button that
saves them.
"""

from base64 import b64decode
from collections.abc import Callable
from typing import Any

from js import document
from tokenfall_page import isPrivateHost, webAddress  # boot.mjs registers it

from ....core.file_names import DATA_SUFFIXES, safe_file_name, type_by_name
from ....core.messages import File, Part
from ....core.text.text_files import unframed
from ....protocols.data_urls import parse_data_url
from ...markdown.painter import show_as_it_is
from ...web import words as web_words
from ...web.dom import Node, clone, find, listen, part, save_file, show
from ...web.pictures import may_be_drawn
from ...web.plain_text import short, short_name
from .. import words as conversation_words
from ..composer import words as composer_words
from ..composer.seen import file_size_of, seen_of
from . import words

# Makes the place of HTML and of charts, in a frame apart.
Displays = Callable[[str, Any], Node]


class _Kept:
    displays: Displays | None = None


def start(displays: Displays) -> None:
    """Let pictures of questions and cells open larger, and show what is drawn apart in `displays`;
    called once.
    """
    _Kept.displays = displays

    def pressed(event: Any) -> None:
        if button := event.target.closest("[data-save]"):
            _save(button)
        elif button := event.target.closest("[data-picture]"):
            small, large = button.querySelector("img"), find("picture-large")
            large.src, large.alt = small.src, small.alt
            find("picture-title").textContent = small.alt
            _offer_to_save(small)
            find("picture").showModal()

    listen(document, "click", pressed)
    # A press beside the picture closes it.
    dialog = find("picture")
    listen(dialog, "click", lambda event: event.target.isSameNode(dialog) and dialog.close())
    listen(dialog, "close", lambda _: find("picture-large").removeAttribute("src"))


def _offer_to_save(image: Node) -> None:
    """Let the picture that opens larger be saved, where it came whole."""
    save = find("picture-save")
    kind, _ = parse_data_url(image.src) or ("", "")
    has_name = type_by_name(image.alt).startswith("image/")
    name = image.alt if has_name else words.unnamed_picture(kind)
    save.setAttribute("data-save", image.src)
    save.setAttribute("data-name", safe_file_name(name, suffixes=DATA_SUFFIXES))
    show(save, bool(kind))


def attachment(attached: Part, number: int) -> Node:
    """Make the view of an attached file: a picture that opens larger, a text that unfolds."""
    found = unframed(attached)
    if found is not None:
        fold = clone("template-text-file")
        part(fold, "name").textContent = short_name(found[0])
        part(fold, "size").textContent = web_words.size(file_size_of(attached))
        show_as_it_is(part(fold, "text"), found[1])
        return fold
    assert isinstance(attached, File)
    if attached.told:
        return _told(attached, number)
    if not may_be_drawn(attached.url):
        return element(attached, number)
    button = clone("template-picture")
    image = button.querySelector("img")
    image.alt = short_name(attached.name) or words.image(number)
    image.src = attached.url
    button.setAttribute("aria-label", words.enlarge(image.alt))
    return button


def element(file: File, number: int) -> Node:
    """Make an image, the button that loads it, a link, or the name of a file that can't be
    shown.
    """
    if may_be_drawn(file.url):
        image = document.createElement("img")
        image.className = "picture"
        image.alt = words.image(number)
        image.src = file.url
        return image
    if not file.url:
        return _named(words.not_here(file.name, is_image=file.mime_type.startswith("image/")))
    if file.url.startswith("data:"):
        return _whole(file, number)
    label = short_name(file.name) or conversation_words.file(file.mime_type)
    url = webAddress(file.url)
    if not url or not url.host:
        return _named(label)
    if (file.mime_type or type_by_name(url.pathname)).startswith("image/"):
        if isPrivateHost(url.hostname):
            return _named(words.not_shown_from(file.name or words.image(number), url.host))
        return _far_image(file, number, url.host)
    link = document.createElement("a")
    link.className = "file"
    link.href = file.url
    link.textContent = short(f"{label} ({url.host})")
    link.target = "_blank"
    link.rel = "noopener noreferrer"
    return link


def _whole(file: File, number: int) -> Node:
    """A file with all that it holds: drawn apart, or to be saved."""
    from .drawn_files import BASE64, drawn_apart  # few answers have files

    if (drawn := drawn_apart(file)) is not None:
        assert _Kept.displays is not None
        return _Kept.displays(*drawn)
    found = parse_data_url(file.url)
    if found is None or not BASE64.fullmatch(found[1]):
        return _named(conversation_words.file(file.mime_type))
    kind, data = found
    name = safe_file_name(
        file.name or words.unnamed_file(number, file.mime_type or kind), suffixes=DATA_SUFFIXES
    )
    button = document.createElement("button")
    button.type, button.className = "button", "file link"
    # No link: an address with data in it is followed nowhere in the page.
    button.setAttribute("data-save", file.url)
    button.setAttribute("data-name", name)
    label = document.createElement("span")
    told = words.named(short_name(file.name or name), file_size_of(file))
    label.append(_on_screen(words.SAVE), f" {told}")
    button.append(label)
    return button


def _on_screen(label: str) -> Node:
    """The verb of a button's label, which means nothing on paper."""
    span = document.createElement("span")
    span.className = "on-screen"
    span.textContent = label
    return span


def _save(button: Node) -> None:
    """Save the file of a pressed button."""
    kind, data = parse_data_url(button.getAttribute("data-save")) or ("", "")
    save_file(b64decode(data), button.getAttribute("data-name"), kind)


def _told(file: File, number: int) -> Node:
    """A file that stays here, with what the model reads of it."""
    fold = clone("template-told-file")
    part(fold, "name").textContent = short_name(file.name)
    sees = composer_words.seen(seen_of(file), is_document=file.text != "")
    part(fold, "size").textContent = f"{web_words.size(file_size_of(file))}. {sees}"
    if may_be_drawn(file.url):
        picture = part(fold, "picture")
        picture.src = file.url
        show(picture, True)
    if file.text:
        show(part(fold, "document"), True)
        part(fold, "document").firstElementChild.setAttribute("data-file", str(number))
    show_as_it_is(part(fold, "told"), file.told)
    return fold


def _named(label: str) -> Node:
    text = document.createElement("span")
    text.className = "file"
    text.textContent = short_name(label)
    return text


def _far_image(file: File, number: int, host: str) -> Node:
    """Make the button that `code_actions` turns into the image, as `markdown_render.mjs` does."""
    box = document.createElement("div")
    box.className = "markdown"
    button = document.createElement("button")
    button.type = "button"
    button.className = "far-image"
    button.setAttribute("data-markdown", "image")
    button.setAttribute("data-source", file.url)
    name = short_name(file.name or words.image(number))
    button.setAttribute("data-alt", name)
    alt = document.createElement("span")
    alt.className = "far-image-alt"
    alt.dir = "auto"
    alt.textContent = name
    button.append(_on_screen(words.show_image_from(host)), alt)
    box.append(button)
    return box
