"""Notes what a page should never do, and fails the test in which it did."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page, Request

# What Playwright itself says where a test keeps service workers out.
_OF_PLAYWRIGHT = "Service Worker registration blocked by Playwright"

# Violations are events as well as console messages, and some browsers give only the event.
_REPORT_VIOLATIONS = """
const { href } = location;
if (!href.includes("/displays/display.html") && href !== "about:srcdoc")
  document.addEventListener("securitypolicyviolation", (event) =>
    console.error(`policy violation: ${event.violatedDirective} ${event.blockedURI}`))
"""

# What a display shows may try what it likes: it comes up against its own policy. Of frames
# and forms the browser does not say whose they were; those of the page are told as events too.
_OF_DISPLAYS = re.compile(r"^about:srcdoc$|/displays/display\.html(\?kept=\w+)?$")
_ANYBODYS = ("Framing '", "Sending form data to '")


class Watch:
    """Follows one page. `expect` names what a test provokes; everything else is a failure."""

    def __init__(self, page: Page) -> None:
        self._seen: list[str] = []
        self._expected: list[str] = []
        page.add_init_script(_REPORT_VIOLATIONS)
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self._seen.append(f"uncaught: {error}"))
        page.on("request", self._on_request)

    def expect(self, *patterns: str) -> None:
        """Allow messages in which one of these regular expressions is found."""
        self._expected += patterns

    def check(self) -> None:
        """Fail for what was not expected, and begin anew.

        Raises:
            AssertionError: The page said or did something that it should not.
        """
        bad = [
            message
            for message in self._seen
            if not any(re.search(pattern, message) for pattern in self._expected)
        ]
        self._seen, self._expected = [], []
        assert not bad, "\n".join(["the page was not quiet:", *bad])

    def _on_console(self, message: ConsoleMessage) -> None:
        url = message.location["url"]
        if _OF_PLAYWRIGHT in message.text or _OF_DISPLAYS.search(url):
            return
        if not url and message.text.startswith(_ANYBODYS):
            return
        if message.type in ("error", "warning"):
            self._seen.append(f"{message.type}: {message.text} ({url})")

    def _on_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https") and parts.hostname not in ("localhost", "127.0.0.1"):
            self._seen.append(f"called a stranger: {request.url}")
