"""Attacks through a model's words: nothing runs, nothing is fetched, nothing gets out."""

import pytest

from tests.browser.attack import Attack, embedded, vectors
from tests.browser.chat_page import ChatPage
from tests.browser.lab import Lab
from tests.cases import library

pytestmark = library.recorded

IN_MARKDOWN = (
    "[click]({})",
    "![look]({})",
    "<{}>",
    "[a]: {}\n\n[a] ![a]",
    "| {} |\n|---|\n| {} |",
    "```{}\ncode\n```",
    "$${}$$",
    "$\\href{{{}}}{{x}} \\htmlStyle{{{}}}{{x}}$",
    "[^{}]: note\n\ntext[^{}]",
    "[click](https://example.org '{}')",
    "data[^1]\n\n[^1]: {}",
)
ADDRESSES = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "&#106;avascript:alert(1)",
    "java\tscript:alert(1)",
    "\x01javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "data:image/svg+xml,<svg onload=alert(1)>",
    "vbscript:msgbox(1)",
    "blob:https://example.org/1",
    "file:///etc/passwd",
    "//example.org/x.png",
    "https://example.org/x.png?q=secret",
    '" onmouseover=alert(1) x="',
    "x' onerror='alert(1)",
    "<img src=x onerror=alert(1)>",
    "</code></pre><script>alert(1)</script>",
    "id=transcript name=querySelector",
)


def batches(texts: list[str]) -> list[list[str]]:
    return [texts[at : at + 25] for at in range(0, len(texts), 25)]


def test_every_recorded_vector_as_an_answer(lab: Lab) -> None:
    attack = Attack(lab.page)
    given = vectors()
    assert len(given) > 150
    attack.run(batches(given), feed=lab.stream_into_page, where=".attacked")


def test_every_recorded_vector_inside_of_markdown(lab: Lab) -> None:
    """A third of them character by character, as they are without anything around them."""
    attack = Attack(lab.page)
    given = embedded()
    attack.run(batches(given[::3]), feed=lab.stream_into_page, where=".attacked")
    attack.run(
        batches([*given[1::3], *given[2::3]]),
        feed=lambda texts: lab.stream_into_page(texts, "cuts"),
        where=".attacked",
    )


def test_markdown_of_every_kind_around_bad_addresses(lab: Lab) -> None:
    attack = Attack(lab.page)
    given = [form.replace("{}", each) for form in IN_MARKDOWN for each in ADDRESSES]
    attack.run(batches(given), feed=lab.stream_into_page, where=".attacked")


@pytest.mark.parametrize(
    "bad",
    ["<b onclick=alert(1)>x</b>", "<iframe></iframe>", "<a href='javascript:1'>x</a>"],
)
def test_an_escape_would_be_noticed(lab_page: ChatPage, lab: Lab, bad: str) -> None:
    """The harness itself: what a renderer with a hole would leave in the page."""
    lab_page.watch.expect("inline event handler", "policy violation: script-src-attr")
    attack = Attack(lab.page)

    def leave(html: str) -> None:
        lab.page.evaluate(
            """() => {
              const hole = document.createElement("div");
              hole.className = "attacked";
              document.getElementById("transcript").append(hole);
            }"""
        )
        # Past the page's Trusted Types, which let no text of this kind in.
        inspector = lab.page.context.new_cdp_session(lab.page)
        root = inspector.send("DOM.getDocument")["root"]["nodeId"]
        found = {"nodeId": root, "selector": ".attacked:last-child"}
        hole = inspector.send("DOM.querySelector", found)["nodeId"]
        outer = f'<div class="attacked">{html}</div>'
        inspector.send("DOM.setOuterHTML", {"nodeId": hole, "outerHTML": outer})
        inspector.detach()

    try:
        with pytest.raises(AssertionError):
            attack.run([bad], feed=leave, where=".attacked")
    finally:
        lab.page.evaluate("document.querySelectorAll('.attacked').forEach((each) => each.remove())")
