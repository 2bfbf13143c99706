"""The page as a person uses it: by the names and roles that a screen reader would say."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.long_times import hold, let_pass
from tests.browser.watch import Watch

# Only a test that fails waits so long; Python starts several times slower on a busy machine.
LIMIT_MS = 120_000

_HAS_PROVIDERS = (
    "Object.keys(localStorage).some((name) => name.startsWith('tokenfall.setting.connections:'))"
)


class ChatPage:
    """One open page. Its properties are locators, looked up anew each time."""

    def __init__(self, page: Page, url: str, watch: Watch) -> None:
        self.page = page
        self.url = url
        self.watch = watch
        self.has_begun_anew = False  # by the end of a test, for the next one
        page.set_default_timeout(LIMIT_MS)
        hold(page)

    def open(self) -> None:
        """Go to the page and wait until Python has taken over."""
        self.page.goto(self.url)
        self.wait_until_ready()

    def open_without_python(self) -> None:
        """Go to another page of the site, for what only its storage or its modules are needed."""
        self.watch.expect("/favicon.ico")  # which a browser asks for where no page names another
        self.page.goto(f"{self.url}/api/status")

    def wait_until_ready(self) -> None:
        expect(self.page.locator("html")).to_have_attribute("data-state", "ready")

    @property
    def message(self) -> Locator:
        return self.page.get_by_role("textbox", name="Message")

    @property
    def attachments(self) -> Locator:
        """The attachments of the message that is being written."""
        return self.page.get_by_role("list", name="Attachments").get_by_role("listitem")

    @property
    def waiting(self) -> Locator:
        """The questions that wait for the answer above them."""
        return self.page.get_by_role("region", name="Waiting questions")

    @property
    def requests(self) -> Locator:
        """The requests for the person's yes, above the message box."""
        return self.page.locator("#consent").get_by_role("group")

    def choose(self, label: str, about: str = "") -> None:
        """Answer the first such request, as soon as its buttons count: a press on one that has just
        moved, as it does when it is brought into view, goes nowhere.
        """
        request = self.requests.filter(has_text=about).first
        button = request.get_by_role("button", name=label)
        button.evaluate(
            """button => {
              document.hasChosen = false;
              button.addEventListener("click", () => (document.hasChosen = true));
            }"""
        )
        for _ in range(100):
            button.click()
            if self.page.evaluate("document.hasChosen"):
                return
        raise AssertionError(f"no press on “{label}” counts")

    @property
    def send_button(self) -> Locator:
        return self.page.get_by_role("button", name="Send", exact=True)

    @property
    def stop_button(self) -> Locator:
        return self.page.get_by_role("button", name="Stop")

    @property
    def retry_button(self) -> Locator:
        return self.page.get_by_role("button", name="Retry", exact=True)

    @property
    def new_chat_button(self) -> Locator:
        return self.page.get_by_role("button", name="New chat", exact=True)

    @property
    def streaming_switch(self) -> Locator:
        return self.page.get_by_role("switch", name="Streaming")

    @property
    def model(self) -> Locator:
        """The button that shows who is asked."""
        return self.page.get_by_role("button", name=re.compile("^Model: "))

    @property
    def model_label(self) -> Locator:
        return self.model.locator('[data-part="label"]')

    @property
    def picker(self) -> Locator:
        """The list of models with its search box."""
        return self.page.get_by_role("dialog", name="Choose a model")

    @property
    def models(self) -> Locator:
        """The models that the picker offers."""
        return self.picker.get_by_role("option")

    def offered_model(self, label: str) -> Locator:
        """The model of exactly this name in the picker; one used lately is there twice."""
        return self.models.filter(has=self.page.get_by_text(label, exact=True)).first

    def open_picker(self) -> Locator:
        """Press the button that shows who is asked."""
        self.model.click()
        expect(self.picker).to_be_visible()
        return self.picker

    def list_models(self) -> None:
        """Have the list of models asked for, which is done once a visit, before a test queues
        replies and counts requests.
        """
        if not self.page.evaluate("globalThis.hasListed"):
            expect(self.open_picker().get_by_role("status")).to_be_empty()
            self.page.keyboard.press("Escape")
            self.page.evaluate("globalThis.hasListed = true")

    def choose_model(self, label: str) -> None:
        """Choose a model in the picker."""
        self.open_picker()
        self.offered_model(label).click()
        expect(self.picker).to_be_hidden()

    @property
    def questions(self) -> Locator:
        return self.page.get_by_role("article", name="You")

    @property
    def answers(self) -> Locator:
        return self.page.get_by_role("article", name="Assistant")

    @property
    def answer(self) -> Locator:
        """The last answer."""
        return self.answers.last

    @property
    def text(self) -> Locator:
        """The text of the last answer, without what is said about it."""
        return self.answer.locator('[data-part="text"]')

    @property
    def facts(self) -> Locator:
        return self.answer.get_by_role("list", name="About this answer")

    @property
    def notice(self) -> Locator:
        """The notice under the last answer when something is wrong with it."""
        return self.answer.locator(".notice")

    @property
    def status(self) -> Locator:
        """The words for a screen reader."""
        return self.page.locator("#status")

    @property
    def hint(self) -> Locator:
        return self.page.locator(".hint")

    @property
    def settings(self) -> Locator:
        return self.page.get_by_role("dialog", name="Settings")

    @property
    def chats(self) -> Locator:
        """The list of chats."""
        return self.page.get_by_role("navigation", name="Chats").get_by_role("list")

    @property
    def rows(self) -> Locator:
        """The chats that are near what is seen of the list, in their order."""
        return self.chats.locator("[data-chat]")

    @property
    def headings(self) -> Locator:
        """The headings of the list, likewise."""
        return self.chats.get_by_role("heading")

    def row(self, title: str) -> Locator:
        return self.rows.filter(has_text=title)

    def choose_in_menu(self, title: str, item: str) -> None:
        """Open the menu of a chat in the list, and choose an item."""
        self.row(title).hover()
        self.page.get_by_role("button", name=f"Options of {title}").click()
        self.page.get_by_role("menuitem", name=item).click()

    @property
    def toast(self) -> Locator:
        """The latest short message at the lower edge."""
        return self.page.locator(".toast").last

    def dismiss_toasts(self) -> None:
        """Let the short messages go, which lie over what is below them."""
        self.page.mouse.move(1, 1)  # under the pointer their time stands still
        let_pass(self.page, 9000)
        expect(self.toast).to_have_count(0)

    def delete_all_chats(self) -> None:
        """Delete all chats for good."""
        self.page.get_by_role("button", name="Chats and storage").click()
        dialog = self.page.get_by_role("dialog", name="Chats and storage")
        if self.rows.count():
            dialog.get_by_role("button", name="Delete all").click()
            asked = self.page.get_by_role("alertdialog")
            asked.get_by_role("button", name="Delete all").click()
            expect(dialog).to_contain_text("deleted.")
        dialog.get_by_role("button", name="Close").click()
        expect(self.page.get_by_text("Your chats will appear here.")).to_be_visible()

    @property
    def search(self) -> Locator:
        return self.page.get_by_role("searchbox", name="Search chats")

    def ask(self, text: str) -> None:
        """Write a message and press Enter."""
        self.message.fill(text)
        self.message.press("Enter")

    def expect_words(self, text: str) -> None:
        """The last answer shows these words and no others, however they are spaced."""
        expect(self.text).to_have_text(text, use_inner_text=True)

    def end_answer(self) -> None:
        """Stop the answer that runs. Unlike its button, the key is there too where none runs any
        more, so that an answer may end meanwhile.
        """
        self.message.press("Escape")
        expect(self.stop_button).to_be_hidden()

    def wait_for_end(self) -> None:
        """Wait until no answer runs."""
        expect(self.answer.locator('[data-part="actions"]')).to_be_visible()
        expect(self.stop_button).to_be_hidden()

    def open_settings(self, section: str = "Providers") -> Locator:
        """Open the settings at a section."""
        self.open_sidebar()
        self.page.get_by_role("button", name="Settings", exact=True).click()
        return self.go_to_settings(section)

    def go_to_settings(self, section: str) -> Locator:
        """Go to another section of the settings, which are open."""
        self.settings.get_by_role("tab", name=section, exact=True).click()
        return self.settings

    @property
    def sidebar(self) -> Locator:
        return self.page.get_by_role("navigation", name="Chats")

    def open_sidebar(self) -> Locator:
        """Show the list of chats, where the window has no room for it beside the conversation."""
        if not self.sidebar.is_visible():
            self.page.get_by_role("button", name="Show chats").click()
        return self.sidebar

    def open_drawer(self, tab: str) -> Locator:
        """Show the details of the chat at this tab, and give the tab's panel."""
        drawer = self.page.get_by_role("complementary", name="Details of this chat")
        if not drawer.is_visible():
            self.page.get_by_role("button", name="Details of this chat").click()
        drawer.get_by_role("tab", name=tab).click()
        return drawer.get_by_role("tabpanel", name=tab)

    def use_provider(
        self,
        base_url: str,
        model: str,
        key: str = "",
        *,
        remember: bool = False,
        preset: str = "OpenAI-compatible",
        via_server: bool | None = None,
        on_server: bool = False,
    ) -> None:
        """Enter a provider in the settings and save it. `via_server`: not as it is by itself."""
        settings = self.open_settings()
        self.add_provider()
        settings.get_by_label("Preset").select_option(label=preset)
        # First, because the list of models is asked for where there is an address.
        settings.get_by_label("Model", exact=True).fill(model)
        settings.get_by_label("Base URL").fill(base_url)
        settings.get_by_label("API key").fill(key)
        settings.get_by_label("Remember key on this device").set_checked(remember)
        if via_server is not None:
            settings.get_by_label("Ask through this page's server").set_checked(via_server)
        if on_server:
            settings.get_by_label("Run on the server").check()
        self.save_settings()

    def forget_providers(self) -> None:
        """Forget every provider that was entered."""
        if self.settings.is_visible():
            self.settings.get_by_role("button", name="Cancel").click()
        if not self.page.evaluate(_HAS_PROVIDERS):
            return
        settings = self.open_settings()
        for _ in range(self.providers.count()):
            self.dismiss_toasts()
            self.providers.first.click()
            settings.get_by_role("button", name="Forget this provider").click()
        expect(self.providers).to_have_count(0)
        settings.get_by_role("button", name="Cancel").click()

    @property
    def providers(self) -> Locator:
        """The providers in the settings."""
        return self.settings.locator("#set-providers").get_by_role("button")

    def add_provider(self) -> None:
        """Go to the form of a new provider, in the settings."""
        if (add := self.settings.get_by_role("button", name="Add provider")).is_visible():
            add.click()

    def save_settings(self) -> None:
        self.settings.get_by_role("button", name="Save").click()
        expect(self.settings).to_be_hidden()

    def scroll_top(self) -> float:
        return float(self.page.locator("#scroller").evaluate("element => element.scrollTop"))

    def expect_at_end(self) -> None:
        """The last line is in view, but for what a fraction of a pixel may hide."""
        left = "element => element.scrollHeight - element.clientHeight - element.scrollTop"
        for _ in range(200):
            if self.page.locator("#scroller").evaluate(left) <= 2:
                return
            self.page.evaluate("new Promise(requestAnimationFrame)")
        raise AssertionError("the conversation did not follow its end")


def whole(text: str) -> re.Pattern[str]:
    """A pattern that fits this text and nothing around it."""
    return re.compile(rf"^\s*{re.escape(text)}\s*$")
