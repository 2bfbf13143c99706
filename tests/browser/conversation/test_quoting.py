"""A selection of an answer becomes a quotation in the message box."""

import pytest
from playwright.sync_api import expect

from tests.browser.chat_page import ChatPage
from tests.browser.conversation.test_conversation import says
from tests.browser.touch import expect_within_reach
from tests.live_server import LiveServer

_ANSWER = """
## Tides

The *moon* pulls at `sea_level` with $F = ma$, 2 * 3 times, see [the tables](https://example.org/t).

```python
def tide(hour):
    return hour % 12
print(tide(3))
```

1. Spring tides
2. Neap tides
   - every *week*

| Port | Height |
|------|--------|
| Brest | 6 m |

> Said by a sailor.

The end\\
of it.
"""
# Selects from the first of these words to the end of the second, in the last answer.
_SELECT = """
([from, to]) => {
  const places = (words) => {
    for (const text of [...document.querySelectorAll('.answer [data-part="text"]')].reverse()) {
      const nodes = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
      while (nodes.nextNode()) {
        const at = nodes.currentNode.data.indexOf(words);
        if (at >= 0) return [nodes.currentNode, at, at + words.length];
      }
    }
  };
  const [first, start] = places(from), [last, , end] = places(to);
  getSelection().setBaseAndExtent(first, start, last, end);
}
"""
CASES = {
    "words": ("pulls", "2", "pulls at `sea_level` with $F = ma$, 2"),
    "within emphasis": ("oo", "oo", "*oo*"),
    "a mark that is none": ("2 *", "times", "2 \\* 3 times"),
    "a link": ("see", "tables", "see [the tables](<https://example.org/t>)"),
    "a part of a line of code": ("hour %", "12", "`hour % 12`"),
    "lines of code": (
        "return",
        "print",
        "```python\nreturn hour % 12\nprint\n```",
    ),
    "items": (
        "Spring",
        "week",
        "1. Spring tides\n2. Neap tides\n   - every *week*",
    ),
    "in one item": ("Neap tides", "Neap tides", "Neap tides"),
    "cells": ("Brest", "6 m", "| Brest | 6 m |\n| --- | --- |"),
    "in one cell": ("Port", "Port", "Port"),
    "several blocks": (
        "Tides",
        "The",
        "## Tides\n\nThe",
    ),
    "a quotation and a line break": (
        "by a",
        "of it",
        "> by a sailor.\n\nThe end\nof it",
    ),
}


def quotation(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


@pytest.fixture
def answered(scripted_chat: ChatPage, server: LiveServer) -> ChatPage:
    server.queue(says(_ANSWER))
    scripted_chat.ask("Tell me of tides")
    scripted_chat.wait_for_end()
    expect(scripted_chat.text.locator(".hljs-keyword").first).to_be_visible()
    return scripted_chat


def test_what_is_selected_is_quoted_as_markdown(answered: ChatPage) -> None:
    chat, page = answered, answered.page
    button = page.get_by_role("button", name="Quote the selection")
    quote = page.get_by_role("button", name="Quote", exact=True)
    for start, end, markdown in CASES.values():
        page.evaluate(_SELECT, [start, end])
        expect(button).to_be_visible()
        button.click()
        expect(chat.message).to_have_value(f"{quotation(markdown)}\n\n")
        expect(chat.message).to_be_focused()
        expect(button).to_be_hidden()
        chat.message.fill("")

    # It stands beside the text, and goes where the selection does.
    page.evaluate(_SELECT, ["The end", "of it"])
    expect(button).to_be_visible()
    column = page.locator("#transcript").bounding_box()
    place = button.bounding_box()
    assert column
    assert place
    assert place["x"] >= column["x"] + column["width"]
    page.evaluate("getSelection().removeAllRanges()")
    expect(button).to_be_hidden()

    # Below what is written already; by the key, and by the palette, which takes the focus away.
    chat.message.fill("What is this?")
    page.evaluate(_SELECT, ["Said by", "sailor"])
    expect(button).to_be_visible()
    page.keyboard.press("Control+Shift+Period")
    expect(chat.message).to_have_value("What is this?\n\n> Said by a sailor\n\n")
    page.evaluate(_SELECT, ["The end", "The end"])
    expect(button).to_be_visible()
    page.keyboard.press("Control+k")
    page.keyboard.type("quote")
    page.keyboard.press("Enter")
    expect(chat.message).to_have_value("What is this?\n\n> Said by a sailor\n\n> The end\n\n")

    # Of a selection that begins in the question the part in the answer counts.
    page.evaluate(
        """() => {
          const answer = document.querySelector('.answer [data-part="text"]');
          const nodes = document.createTreeWalker(answer, NodeFilter.SHOW_TEXT);
          nodes.nextNode();
          const question = document.querySelector('.question [data-part="text"]');
          getSelection().setBaseAndExtent(question, 0, nodes.currentNode, 3);
        }"""
    )
    expect(button).to_be_visible()
    chat.message.fill("")
    page.evaluate("getSelection().removeAllRanges()")
    expect(quote).to_be_hidden()

    # Where there is no room beside the text, the button is with those of the message box.
    page.set_viewport_size({"width": 390, "height": 800})
    page.evaluate(_SELECT, ["Said by", "sailor"])
    expect(quote).to_be_in_viewport()
    expect(button).to_be_hidden()
    expect_within_reach(page, "something is selected", by_thumb=False)
    quote.click()
    expect(chat.message).to_have_value("> Said by a sailor\n\n")
    chat.message.fill("")
    page.set_viewport_size({"width": 1280, "height": 800})
