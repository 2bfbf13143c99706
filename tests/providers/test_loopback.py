"""Addresses on this computer, and those of them that a page may call."""

import pytest

from app.core.wire.transport import Request
from app.providers import provider
from app.providers.check import check
from app.providers.loopback import is_callable_by_pages, is_loopback
from app.scripted.steps import Reply
from app.scripted.transport import ScriptedTransport


@pytest.mark.parametrize(
    ("url", "is_here", "is_callable"),
    [
        ("http://localhost:11434/v1", True, True),
        ("http://LOCALHOST/v1", True, True),
        ("http://127.0.0.1:8080", True, True),
        ("http://[::1]:8080/v1", True, False),
        ("http://192.168.1.2/v1", False, False),
        ("http://localhost.example.org", False, False),
        ("http://127.0.0.1.example.org/", False, False),
        ("https://api.openai.com/v1", False, False),
        ("http://[::1", False, False),
        ("", False, False),
    ],
)
def test_what_is_on_this_computer(url: str, is_here: bool, is_callable: bool) -> None:
    assert (is_loopback(url), is_callable_by_pages(url)) == (is_here, is_callable)


async def test_a_form_that_no_policy_can_name_is_told_before_anybody_is_asked() -> None:
    def nobody(request: Request) -> Reply:
        raise AssertionError("it was asked")

    who = provider("other", base_url="http://[::1]:11434/v1")
    found = await check(who, "m", ScriptedTransport(nobody), "http://localhost:8765/")
    assert found.problem == "mixed_content"
    assert "use localhost" in found.advice
