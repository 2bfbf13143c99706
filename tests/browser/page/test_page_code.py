"""Code that runs in the page: its own, and nothing that comes into its document."""

from tests.browser.chat_page import ChatPage

# What is in the page's document runs `ran` in Python, in every way that PyScript knows.
PUT = """() => {
  const code = "import js; js.document.documentElement.setAttribute('data-ran', 'yes')";
  const script = document.createElement("script");
  script.type = "py";
  script.append(code);
  const element = document.createElement("py-script");
  element.append(code);
  const button = document.createElement("button");
  button.setAttribute("py-click", code);
  const host = document.createElement("div");
  host.attachShadow({ mode: "open" }).append(script.cloneNode(true));
  document.body.append(script, element, button, host);
  globalThis.putThere = [script, element, button, host];
}"""


def test_html_makes_no_python_run(demo_chat: ChatPage) -> None:
    chat = demo_chat
    chat.watch.expect("TrustedScript", "trusted-types-sink")
    chat.page.evaluate(PUT)
    chat.page.evaluate("putThere[2].click()")
    # Python has many turns until this has ended.
    chat.ask("/help")
    chat.wait_for_end()
    assert chat.page.evaluate("document.documentElement.dataset.ran") is None
    chat.page.evaluate("putThere.forEach((one) => one.remove())")


def test_no_policy_makes_strings_into_code(demo_chat: ChatPage) -> None:
    chat = demo_chat
    chat.watch.expect("Creating a TrustedTypePolicy named", "trusted-types-policy")
    # Those that are allowed are taken: DOMPurify's once an answer was drawn.
    chat.ask("/help")
    chat.wait_for_end()
    for name in ("default", "mine", "dompurify", "service-worker", "workers"):
        refused = chat.page.evaluate(
            """(name) => {
              try { trustedTypes.createPolicy(name, { createScript: (code) => code }); }
              catch (error) { return error.name; }
            }""",
            name,
        )
        assert refused == "TypeError", name
