"""Origin of a file that can't be read here."""

from typing import Any

from .fields import dict_of, dicts_of, list_of

# Fields that only this app's export has, in its first value.
_FIELDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Claude’s list of projects", ("docs", "prompt_template")),
    ("Claude’s list of accounts", ("uuid", "full_name", "email_address")),
    ("Grok", ("conversation", "responses")),
    ("Google’s Gemini (Takeout)", ("header", "titleUrl")),
    ("Google’s Gemini (Takeout)", ("header", "products")),
    ("SillyTavern", ("user_name", "character_name")),
    ("SillyTavern", ("is_user", "mes")),
    ("NextChat", ("chat-next-web-store",)),
    ("LobeChat", ("exportType", "state")),
    ("Cherry Studio", ("localStorage", "indexedDB")),
    ("LM Studio", ("messages", "usePerChatPredictionConfig")),
    ("LM Studio", ("versions", "currentlySelected")),
    ("Google AI Studio", ("chunkedPrompt",)),
    ("TypingMind", ("chatTitle",)),
    ("big-AGI", ("role", "fragments")),
    ("Chatbox", ("chat-sessions-list",)),
    ("Chatbox", ("chat-sessions",)),
    ("Claude Code", ("parentUuid", "sessionId")),
    ("pydantic-ai", ("kind", "parts")),
    ("Perplexity", ("query_str",)),
    ("Jan", ("object", "assistants", "title")),
    ("Slack", ("client_msg_id",)),
    ("Telegram", ("type", "messages", "id", "name")),
)

_INNER = ("conversations", "messages")

_BEGINNINGS = (
    (b"%PDF-", "This is a PDF, not an export of chats."),
    (b"<", "This is a web page. Choose the JSON file or the zip archive that the export came as."),
    (b"\x1f\x8b", "This file is packed as gzip: unpack it first."),
    (b"7z\xbc\xaf", "This file is packed as 7z: unpack it first."),
    (b"Rar!", "This file is packed as RAR: unpack it first."),
    (b"SQLite format 3", "This is a database. Export the chats as JSON in the app it is from."),
)
_READABLE = (
    "What can be read: exports of Tokenfall, ChatGPT, Claude, Open WebUI, LibreChat and llama.cpp, "
    "notebooks of Jupyter (.ipynb), and lists of messages as JSON."
)


def whose(value: Any) -> str:
    """The app that wrote this value; empty where it can't be told."""
    for candidate in (value, *list_of(value)[:1]):
        fields = dict_of(candidate)
        if is_deepseek(fields):
            return "DeepSeek"
        for app, names in _FIELDS:
            if fields.keys() >= set(names):
                return app
    # Several keep their conversations, or messages, in one object.
    fields = dict_of(value)
    lists = (*(fields.get(name) for name in _INNER), dict_of(fields.get("data")).get("chats"))
    inner = (first for one in lists for first in dicts_of(one)[:1])
    return next((app for one in inner if (app := whose(one))), "")


def is_deepseek(value: dict[str, Any]) -> bool:
    """Tell whether this is a conversation of DeepSeek's, which looks like one of ChatGPT's."""
    nodes = dict_of(value.get("mapping")).values()
    return any("fragments" in dict_of(dict_of(node).get("message")) for node in nodes)


def refusal(app: str) -> str:
    """The sentence for a file that can't be read, whose it is where that is known."""
    if app:
        return f"This file is from {app}, which can't be read yet. {_READABLE}"
    return f"No chats that can be read are in this file. {_READABLE}"


def refusal_of_bytes(beginning: bytes, name: str) -> str:
    """The sentence for a file of this name, in small letters, that is no JSON."""
    if not beginning:
        return "This file is empty."
    if name.endswith((".md", ".markdown")):
        return "This is Markdown, which is to read. Export the chat as JSON to take it in."
    for mark, sentence in _BEGINNINGS:
        if beginning.lstrip().startswith(mark):
            return sentence
    return f"This file is not JSON, or only a part of it. {_READABLE}"
