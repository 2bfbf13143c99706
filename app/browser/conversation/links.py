"""Links that lead out of the page. Before a click nothing is connected, and the address is shown; a
link whose words name another host asks first.

Browsers connect to the host of a link when the mouse is pressed on it, and some look its name up
when the pointer comes near. So while the pointer is on a link its address is not in `href`; it is
there again for the very moment in which the browser uses it: to open it, in its menu, for a copy.
The rest of the time, and for keyboards and screen readers always, it is a link like any other.
"""

from collections.abc import Callable
from typing import Any

from js import MutationObserver, Object, document, window
from pyodide.ffi import create_proxy, to_js
from tokenfall_page import webAddress  # boot.mjs registers it

from ..consent import words as consent_words
from ..consent.consent import Consent
from ..consent.request_list import Choice, ConsentRequest, Detail
from ..web.dom import Node, find, part
from ..web.plain_text import short
from ..web.tasks import beside
from . import words
from .link_words import other_host

_OUTSIDE = 'a[target="_blank"]'
_CAPTURE = to_js({"capture": True}, dict_converter=Object.fromEntries)
_HREF = to_js({"attributeFilter": ["href"]}, dict_converter=Object.fromEntries)
_MIDDLE = 1
# Of an address, behind its host.
_SHOWN = 300


class Links:
    """One for the page, for its life."""

    def __init__(self, consent: Consent) -> None:
        self._consent = consent
        self._link: Node = None  # under the pointer, without its address
        self._address = ""
        self._observer = MutationObserver.new(create_proxy(lambda *_: self._on_written_anew()))
        self._focus_observer = MutationObserver.new(create_proxy(self._on_focused_written_anew))
        self._lent_back = create_proxy(self._on_lent_back)
        self._asked: ConsentRequest | None = None
        self._line = find("link-address")
        on: dict[str, Callable[[Any], None]] = {
            "pointerover": self._on_over,
            "pointerout": self._on_out,
            "focusin": self._on_focus,
            "focusout": lambda _: self._on_focus_gone(),
            "mousedown": self._on_mouse_down,
            "keydown": self._on_key,
            "contextmenu": lambda _: self._lend(),
            "copy": lambda _: self._lend(),
            "click": self._on_click,
            "auxclick": self._on_click,
        }
        for kind, handler in on.items():
            document.addEventListener(kind, create_proxy(handler), _CAPTURE)
        window.addEventListener("beforeprint", create_proxy(lambda _: self._lend()))

    def _on_over(self, event: Any) -> None:
        link = _link_of(event)
        if self._link and not self._is_at(link):
            self._leave()
        if link and not self._link:
            self._link = link
            self._take_away()
            self._observer.observe(link, _HREF)
            self._show(self._address)

    def _on_out(self, event: Any) -> None:
        if self._link and not self._link.contains(event.relatedTarget):
            self._leave()

    def _on_focus(self, event: Any) -> None:
        link = _link_of(event)
        if link and link.matches(":focus-visible"):
            link.setAttribute("aria-describedby", "link-address")
            self._focus_observer.observe(link, _HREF)
            self._show(self._address_of(link))

    def _on_focus_gone(self) -> None:
        self._focus_observer.disconnect()
        self._show("")

    def _on_mouse_down(self, event: Any) -> None:
        # Else Windows begins to scroll with the pointer: this is no link to it.
        if event.button == _MIDDLE and self._link and _link_of(event):
            event.preventDefault()

    def _on_key(self, event: Any) -> None:
        if event.key == "Enter" and self._is_at(_link_of(event)):
            self._lend()

    def _on_click(self, event: Any) -> None:
        link = _link_of(event)
        if not link or event.button > _MIDDLE:
            return
        address = self._address_of(link)
        url = webAddress(address)
        named = other_host(str(link.textContent), _host_of(url), _canonical) if url else ""
        if named:
            event.preventDefault()
            beside(self._ask(str(url.href), named))
        elif self._is_at(link):
            self._lend()

    async def _ask(self, address: str, named: str) -> None:
        """Open a link whose words name another host, if the person wants it."""
        if self._asked is not None:
            self._consent.withdraw(self._asked)
        self._asked = request = ConsentRequest(
            kind="link",
            asks=words.OPEN_ANOTHER_HOST,
            choices=(
                Choice("open", consent_words.OPEN_LINK, is_yes=True),
                Choice("stay", words.STAY_HERE),
            ),
            details=(Detail(words.WORDS_NAME, named), Detail(words.LEADS_TO, address)),
        )
        if await self._consent.ask(request) == "open":
            _open(address)

    def _leave(self) -> None:
        """Make it a link like any other again: the pointer has gone elsewhere."""
        link, self._link = self._link, None
        if link:
            self._observer.disconnect()
            link.setAttribute("href", self._address)
            link.removeAttribute("role")
            link.removeAttribute("tabindex")
            self._show("")

    def _lend(self) -> None:
        """Let the browser have the address for its present action."""
        if self._link:
            self._observer.disconnect()
            self._link.setAttribute("href", self._address)
            window.setTimeout(self._lent_back, 0)

    def _on_lent_back(self) -> None:
        if self._link:
            self._take_away()
            self._observer.observe(self._link, _HREF)

    def _on_written_anew(self) -> None:
        """Say where it leads now: the answer that it is in goes on."""
        before = self._address
        self._take_away()
        if self._address != before:
            self._show(self._address)

    def _on_focused_written_anew(self, *_: Any) -> None:
        link = document.activeElement
        if not self._is_at(link):
            self._show(str(link.getAttribute("href") or ""))

    def _take_away(self) -> None:
        """Take the address out of the link, whoever put it there."""
        if self._link and self._link.hasAttribute("href"):
            self._address = str(self._link.getAttribute("href"))
            # Without an address it is no link to the keyboard and to screen readers.
            self._link.setAttribute("role", "link")
            self._link.tabIndex = 0
            self._link.removeAttribute("href")

    def _is_at(self, link: Node) -> bool:
        return bool(link and self._link and link.isSameNode(self._link))

    def _address_of(self, link: Node) -> str:
        return self._address if self._is_at(link) else str(link.getAttribute("href") or "")

    def _show(self, address: str) -> None:
        """Say where a link leads: as browsers write it, in which nothing turns or looks alike."""
        url = webAddress(address) if address else None
        part(self._line, "host").textContent = _host_of(url) if url else ""
        part(self._line, "address").textContent = short(str(url.href), _SHOWN) if url else ""
        self._line.togglePopover(bool(url))


def _link_of(event: Any) -> Node:
    target = event.target
    return target.closest(_OUTSIDE) if hasattr(target, "closest") else None


def _host_of(url: Node) -> str:
    """Give the host that an address leads to, of a mail the receiver's."""
    if url.protocol == "mailto:":
        return str(url.pathname).rpartition("@")[2].lower()
    return str(url.hostname)


def _canonical(host: str) -> str:
    url = webAddress(f"https://{host}")
    return str(url.hostname) if url else ""


def _open(address: str) -> None:
    link = document.createElement("a")
    link.href = address
    link.target = "_blank"
    link.rel = "noopener noreferrer"
    link.click()
