"""Words of links that name another host than the link goes to."""

import pytest

from app.browser.conversation.link_words import other_host


def canonical(host: str) -> str:
    try:
        return host.encode("idna").decode().lower()
    except UnicodeError:
        return ""


def named(words: str, host: str) -> str:
    return other_host(words, host, canonical)


@pytest.mark.parametrize(
    "words",
    [
        "paypal.com",
        "PayPal.com",
        "https://paypal.com",
        "https://www.paypal.com/signin",
        "Log in at paypal.com to go on",
        "www.paypal.com",
        "paypal.com/",
        "paypal.com:443",
        "paypal.com?x=1",
        "http:\\\\paypal.com",
        "support@paypal.com",
        "https://paypal.com@evil.example",
        "evil.example, or paypal.com",
        "paypal．com",
        "paypal。com",
        "pay\u200bpal.c\u00adom",
        "\u202emoc.lapyap\u202c",
        "раураl.com",
        "paypal.co.uk",
        "xn--pypal-4ve.com",
        "https://bank.example",
        "https://intern.bank/login",
        "192.0.2.1",
        "evil.example.paypal.com",
        "allegro.pl",
        "“paypal.com”",
        "(paypal.com)",
        "paypal.com.",
    ],
)
def test_words_that_name_another_host(words: str) -> None:
    assert named(words, "evil.example")


@pytest.mark.parametrize(
    ("words", "host"),
    [
        ("example.org", "example.org"),
        ("www.example.org", "example.org"),
        ("example.org", "www.example.org"),
        ("Example.ORG/path/to/readme.md", "docs.example.org"),
        ("https://en.wikipedia.org/wiki/A_B", "en.wikipedia.org"),
        ("wikipedia.org", "en.wikipedia.org"),
        ("bücher.example/x", "xn--bcher-kva.example"),
        ("https://example.org?next=https://paypal.com", "example.org"),
        ("me@example.org", "example.org"),
        ("the documentation", "evil.example"),
        ("asyncio.run", "docs.python.org"),
        ("main.py", "github.com"),
        ("README.md", "github.com"),
        ("src/app/main.rs", "github.com"),
        ("Node.js 22.1", "nodejs.org"),
        ("ASP.NET", "learn.microsoft.com"),
        ("e.g. this", "example.org"),
        ("version 1.2.3", "example.org"),
        ("np.array", "numpy.org"),
        ("os.path.join", "docs.python.org"),
        ("so on...", "example.org"),
        ("/paypal.com", "example.org"),
        ("", "example.org"),
    ],
)
def test_words_that_name_none_or_the_same(words: str, host: str) -> None:
    assert not named(words, host)


@pytest.mark.parametrize("core", ["a.", "a.b ", "@", "https://", ".", "a.b/", "x", "://", "a.com "])
def test_long_words_cost_what_they_are_long(core: str) -> None:
    named(core * 20_000, "evil.example")
