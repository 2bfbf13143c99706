"""What the browsers of a person share of a chat: each change wins once, and no key goes along."""

from typing import Any

from app.history.brought import set_apart
from app.history.records import ChatRecord, ChatSettings
from app.history.shared_facts import SETTING, shared_facts, take_facts, untold_facts


class Browser:
    """One that keeps the chat; what it changes it tells a server of when it is heard."""

    def __init__(self, server: "Server", **fields: Any) -> None:
        self.chat = ChatRecord("c", 1, 1, on_server=True, **fields)
        self.server = server

    def set(self, name: str, value: Any) -> None:
        setting = name.removeprefix(SETTING)
        setattr(self.chat if setting == name else self.chat.settings, setting, value)

    def send(self) -> None:
        told = untold_facts(self.chat)
        self.server.told.append(told)
        self.chat.server_has |= told

    def hear(self, told: dict[str, Any]) -> None:
        for name, value in take_facts(self.chat, told).items():
            self.set(name, value)


class Server:
    """Has the changes in one order, in which all hear of them."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []


def test_browsers_that_change_different_facts_at_once_have_both() -> None:
    server = Server()
    one, two = Browser(server), Browser(server)
    one.set("title", "Mine")
    one.set("is_titled", True)
    two.set("pinned", True)
    two.set("settings.temperature", 0.5)
    for browser in (one, two):
        browser.send()
    for browser in (one, two):
        for told in server.told:
            browser.hear(told)
        assert untold_facts(browser.chat) == {}
        assert (browser.chat.title, browser.chat.is_titled, browser.chat.pinned) == (
            "Mine",
            True,
            True,
        )
        assert browser.chat.settings == ChatSettings(temperature=0.5)


def test_the_last_one_told_wins_and_what_is_not_told_yet_is_not_lost() -> None:
    server = Server()
    one, two = Browser(server), Browser(server)
    one.set("settings.instructions", "one")
    one.send()
    two.set("settings.instructions", "two")
    two.hear(server.told[0])
    assert two.chat.settings.instructions == "two"
    two.send()
    for told in server.told:
        one.hear(told)
        two.hear(told)
    assert one.chat.settings.instructions == two.chat.settings.instructions == "two"
    two.set("settings.instructions", None)
    two.send()
    one.hear(server.told[-1])
    assert one.chat.settings.instructions is None


def test_a_title_by_hand_is_not_lost_to_one_that_nobody_gave() -> None:
    server = Server()
    one, two = Browser(server, title="Tell me"), Browser(server, title="Mine", is_titled=True)
    one.send()
    two.hear(server.told[0])
    assert two.chat.title == "Mine"
    two.send()
    one.hear(server.told[-1])
    assert (one.chat.title, one.chat.is_titled) == ("Mine", True)


def test_no_key_is_shared_and_one_of_this_browser_stays() -> None:
    extra = {
        "max_tokens": 5,
        "api_key": "sk-1",
        "headers": {"Authorization": "x"},
        "servers": [{"url": "https://a:b@example.org"}],
        "access_token": "t",
    }
    chat = ChatRecord("c", 1, 1, settings=ChatSettings(extra=dict(extra)))
    assert shared_facts(chat)["settings.extra"] == {"max_tokens": 5}
    changed = take_facts(chat, {"settings.extra": {"seed": 1}})
    assert changed == {}  # ours is not told yet
    chat.server_has = shared_facts(chat)
    changed = take_facts(chat, {"settings.extra": {"seed": 1}})
    kept = {name: value for name, value in extra.items() if name != "max_tokens"}
    assert changed == {"settings.extra": {"seed": 1} | kept}
    for address in ("own https://me:pw@example.org/v1 m", "own https://example.org/v1?key=x m"):
        assert "settings.model" not in shared_facts(
            ChatRecord("c", 1, 1, settings=ChatSettings(model=address))
        )


def test_who_answers_is_not_shared_and_what_is_no_fact_changes_nothing() -> None:
    chat = ChatRecord("c", 1, 1, settings=ChatSettings(on_server=True))
    assert "settings.on_server" not in shared_facts(chat)
    wrong = {
        "title": 3,
        "pinned": "yes",
        "deleted_ms": 5,
        "id": "x",
        "settings.temperature": "hot",
        "settings.on_server": False,
        "settings.later": 1,
        "settings.tools": [1],
    }
    assert take_facts(chat, wrong) == {}
    assert chat.server_has == {}
    assert untold_facts(chat) == {}


def test_what_a_server_had_goes_into_no_other_chat() -> None:
    chat = ChatRecord("c", 1, 1, server_has={"pinned": True})
    set_apart(chat, [])
    assert chat.server_has == {}


def test_of_a_long_title_the_beginning_is_shared() -> None:
    assert shared_facts(ChatRecord("c", 1, 1, title="x" * 2000))["title"] == "x" * 1000
