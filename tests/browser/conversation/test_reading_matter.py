"""Questions and reasoning as they are read: code, lists, folds, directions, and on paper."""

import json

from playwright.sync_api import expect

from app.scripted.openai_chat import Answer, records, streamed
from tests.browser.chat_page import ChatPage
from tests.live_server import LiveServer

QUESTION = """    indented first
  then less

Mend this:
- one `a*b`
- two
+ new

3. three
7. seven

```python
def f():
    return 1
```
# no heading, *no emphasis*"""


def ask(chat: ChatPage, server: LiveServer, text: str, answer: Answer | None = None) -> None:
    server.queue(streamed(records(answer or Answer(text="Well."))))
    chat.ask(text)
    chat.wait_for_end()


def test_a_question_stays_what_was_typed(scripted_chat: ChatPage, server: LiveServer) -> None:
    chat = scripted_chat
    chat.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask(chat, server, f"\n \n{QUESTION}\n\n")
    sent = json.loads(server.requests()[-1].body)
    assert sent["messages"][-1]["content"] == QUESTION
    question = chat.questions.last
    text = question.locator('[data-part="text"]')
    expect(text.locator("p").first).to_have_text(
        "    indented first\n  then less", use_inner_text=True
    )
    expect(text.get_by_role("listitem")).to_have_count(5)
    expect(text.locator("li").last).to_have_attribute("value", "7")
    expect(text.locator("li code")).to_have_text("a*b")
    expect(text.locator(".code .hljs-keyword").first).to_have_text("def")
    expect(text.locator("p").last).to_have_text("# no heading, *no emphasis*")
    question.hover()
    question.locator('[data-action="copy"]').click()
    expect(question.get_by_role("button", name="Copied")).to_be_visible()
    assert chat.page.evaluate("navigator.clipboard.readText()") == QUESTION
    question.get_by_role("button", name="Edit").click()
    box = question.get_by_role("textbox", name="Edit your question")
    expect(box).to_have_value(QUESTION)
    box.press("Escape")


def test_questions_can_be_shown_as_typed(demo_chat: ChatPage) -> None:
    chat = demo_chat
    chat.ask("- one\n- two")
    chat.wait_for_end()
    items = chat.questions.last.get_by_role("listitem")
    expect(items).to_have_count(2)
    for is_on in (False, True):
        settings = chat.open_settings("Appearance")
        settings.get_by_label("Show code and lists in questions").set_checked(is_on)
        chat.save_settings()
        expect(items).to_have_count(2 if is_on else 0)
        expect(chat.questions.last.locator('[data-part="text"]')).to_contain_text("two")


def test_a_long_question_folds(scripted_chat: ChatPage, server: LiveServer) -> None:
    chat = scripted_chat
    ask(chat, server, "\n".join(f"line {number}" for number in range(60)))
    question = chat.questions.last
    text = question.locator('[data-part="text"]')
    height = "element => element.clientHeight / parseFloat(getComputedStyle(element).lineHeight)"
    assert text.evaluate(height) < 16
    question.get_by_role("button", name="Show all").click()
    expect(question.get_by_role("button", name="Show all")).to_be_hidden()
    assert text.evaluate(height) > 58
    ask(chat, server, "short")
    expect(chat.questions.last.get_by_role("button", name="Show all")).to_be_hidden()


def test_many_marks_in_a_question_are_shown_as_typed(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    for text in ("- " * 200 + "x", "`a` " * 4000, "$$\n" + "> - " * 100 + "x"):
        ask(chat, server, text)
        shown = chat.questions.last.locator('[data-part="text"]')
        expect(shown).to_contain_text(text.strip()[-20:])
        assert shown.evaluate("element => element.querySelectorAll('*').length") < 500


def test_reasoning_is_markdown_and_read_from_its_beginning(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    thought = (
        "## Plan\n\n- **one**: $6 \\times 7$\n\n```python\nprint(6 * 7)\n```\n\n" + "more\n\n" * 80
    )
    ask(chat, server, "Think", Answer(text="42", reasoning=thought))
    reasoning = chat.answer.locator(".reasoning")
    reasoning.locator("summary").first.click()
    expect(reasoning.get_by_role("heading", name="Plan")).to_be_in_viewport()
    expect(reasoning.locator("strong")).to_have_text("one")
    expect(reasoning.locator(".katex")).to_have_count(1)
    expect(reasoning.locator(".hljs-built_in")).to_have_text("print")
    box = reasoning.locator('[data-part="reasoning-text"]')
    assert box.evaluate("element => element.scrollTop") == 0
    assert box.evaluate("element => element.scrollHeight > element.clientHeight")


RTL = """خطوات العمل:

1. **افتح الملف** ثم اقرأه.

2. احفظه.

- البند الأول

- البند الثاني

> هذه ملاحظة مهمة.

- [ ] مهمة أولى
- [x] مهمة ثانية

`code` هذه جملة تبدأ بكود.

> [!NOTE]
> انتبه

المعادلة $x = 5$ صحيحة."""
RTL_QUESTION = """مرحبا بكم في هذا المكان الجميل
Hello
שלום

- [x] مهمة"""


def test_right_to_left_runs_its_way(scripted_chat: ChatPage, server: LiveServer) -> None:
    chat = scripted_chat
    ask(chat, server, RTL_QUESTION, Answer(text=RTL))
    for part in ("ol", "ul", "blockquote", ".callout", "li", "p"):
        for element in chat.text.locator(part).all():
            direction = element.evaluate(
                """element => {
                  const range = document.createRange();
                  range.selectNodeContents(element);
                  const text = range.getBoundingClientRect();
                  const gap = element.getBoundingClientRect().right - text.right;
                  return [getComputedStyle(element).direction, gap];
                }"""
            )
            if part != "p":
                assert direction[0] == "rtl", part
            assert direction[1] < 60, part
    # Each letter of the formula in its order.
    places = chat.text.locator(".katex-html :is(.mord, .mrel)")
    expect(chat.text.locator(".katex")).to_have_count(1)
    lefts = places.evaluate_all("all => all.map((one) => one.getBoundingClientRect().left)")
    assert len(lefts) == 3
    assert lefts == sorted(lefts)
    gaps = chat.text.locator("li.task").evaluate_all(
        """items => items.map((item) =>
          item.getBoundingClientRect().right
            - item.querySelector("input").getBoundingClientRect().left)"""
    )
    assert all(gap < 10 for gap in gaps), gaps
    # Each line of the question, too.
    asked = chat.questions.last.locator('[data-part="text"]')
    sides = asked.locator("p").first.evaluate(
        """paragraph => {
          const box = paragraph.getBoundingClientRect();
          const walker = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
          const node = walker.nextNode();
          return node.data.split("\\n").map((line, at, all) => {
            const range = document.createRange();
            const start = all.slice(0, at).join("\\n").length + (at ? 1 : 0);
            range.setStart(node, start);
            range.setEnd(node, start + line.length);
            const place = range.getBoundingClientRect();
            return place.left - box.left < box.right - place.right ? "left" : "right";
          });
        }"""
    )
    assert sides[1] == "left"
    assert sides[2] == "right"
    # The x of a task that is done is no word.
    expect(asked.get_by_role("listitem")).to_have_text("[x] مهمة")
    expect(asked.get_by_role("list")).to_have_css("direction", "rtl")


WIDE = (
    "| " + " | ".join(f"Column number {n}" for n in range(12)) + " |\n" + "|---" * 12 + "|\n"
    "| "
    + " | ".join(f"value {n} here" for n in range(12))
    + " |\n\n$$\nf(x) = a_0 + "
    + " + ".join(f"a_{{{n}}} x^{{{n}}}" for n in range(1, 24))
    + "\n$$\n\n"
    "```python\n" + "x" * 200 + "\n```\n"
)


def test_wide_things_are_whole_on_paper(scripted_chat: ChatPage, server: LiveServer) -> None:
    chat = scripted_chat
    ask(chat, server, "\n".join(f"line {number}" for number in range(40)), Answer(text=WIDE))
    expect(chat.text.locator(".katex")).to_have_count(1)
    page = chat.page
    page.set_viewport_size({"width": 640, "height": 900})  # A4 without its margins
    page.emulate_media(media="print")
    wide = page.evaluate(
        """() => [...document.querySelectorAll(
            ".answer :is(.table-frame, .math.display, pre, td, .katex-html *)")]
          .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
          .map((element) => element.className || element.localName)"""
    )
    hidden = page.evaluate(
        """() => [...document.querySelectorAll(
            ".answer :is(.table-frame, .math.display, pre), .question-text")]
          .filter((element) => element.scrollWidth > element.clientWidth + 1
            || element.scrollHeight > element.clientHeight + 1)
          .map((element) => element.className || element.localName)"""
    )
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": 1280, "height": 800})
    assert wide == []
    assert hidden == []
