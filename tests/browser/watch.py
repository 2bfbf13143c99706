"""Notes what a page should never do, and fails the test in which it did."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page, Request

# What Playwright itself says where a test keeps service workers out.
_OF_PLAYWRIGHT = "Service Worker registration blocked by Playwright"

# Violations are events as well as console messages, and some browsers give only the event.
_REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy violation: ${event.violatedDirective} ${event.blockedURI}`))
"""


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
        if message.type in ("error", "warning") and _OF_PLAYWRIGHT not in message.text:
            self._seen.append(f"{message.type}: {message.text} ({message.location['url']})")

    def _on_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https") and parts.hostname not in ("localhost", "127.0.0.1"):
            self._seen.append(f"called a stranger: {request.url}")
