"""Notices at an answer's end, in plain sentences and with advice. Pure."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from ...core.errors import ErrorInfo
from ...core.messages import Message, ProviderTool
from ...core.text.pretty_json import in_lines
from ...protocols.unable import unable
from ...providers.refusals import refused_option
from ..models import words as models_words
from ..net import words as net_words
from . import words


class Notice(NamedTuple):
    """A notice under an answer that is not whole.

    `is_error` tells a failure from a stop or a limit; `settings` that the remedy is there.
    `wait_s` is how many seconds the provider wants to be left alone, 0 where it did not say.
    `may_go_on` says that asking for the rest makes sense, where there is a beginning. `details` is
    what the provider sent, for who wants to know exactly. `without` is the option that it refuses,
    by its name in `Options`.
    """

    sentence: str
    advice: str
    is_error: bool = False
    retry: bool = True
    settings: bool = False
    wait_s: float = 0
    may_go_on: bool = True
    details: str = ""
    without: str = ""


OUR_MISTAKE = Notice(
    "Something went wrong in this page while it showed the answer.",
    "Try again. If it happens again, reload the page.",
    is_error=True,
)
ON_SERVER = Notice(words.ON_SERVER, "", retry=False, may_go_on=False)
PAGE_CLOSED = Notice(
    "The page was closed while this answer was being written.",
    "What had arrived is kept.",
)
INTERRUPTED = Notice(
    "This answer was interrupted while it used tools.",
    "Continue to have the model go on with what is there, or retry from the start.",
)


def notice(message: Message, provider: str) -> Notice | None:
    """Make the notice of an answer that has ended, None where nothing is wrong with it."""
    match message.status:
        case None:
            return Notice(words.ELSEWHERE, "", retry=False, may_go_on=False)
        case "aborted":
            return Notice("You stopped this answer.", _kept(message))
        case "incomplete" if told := _told_by_server(message):
            return Notice(told, "Continue to have the rest.", is_error=True)
        case "incomplete":
            return Notice(
                "This answer was cut off.",
                f"The connection ended before {provider} said that it was done. "
                f"{_kept(message)}".strip(),
                is_error=True,
            )
        case "error" if message.error is not None:
            return _failure(message.error, provider, _kept(message))
        case "error":
            return Notice("This answer failed.", "", is_error=True)
    raw = (message.finish_reason_raw or "").lower()
    match message.finish_reason:
        case "length" if message.has_filled_window:
            return Notice(
                "The model's window is full, so the answer ends here.",
                "Start a new chat, or choose a model that reads more.",
                retry=False,
                may_go_on=False,
            )
        case "length":
            return Notice(
                "The answer reached its length limit.",
                "Raise Max tokens in Settings, or leave it empty.",
                retry=False,
                settings=True,
            )
        case "content_filter":
            return Notice("The provider's content filter ended this answer.", "")
        case "refusal" if not message.refusal:
            return Notice(
                f"{provider} stopped this answer: the model declined to go on.",
                "Rephrase your question, or ask another model.",
                may_go_on=False,
            )
        case "error":
            sentence = _ENDED_WITH.get(raw, "{provider} could not finish this answer.")
            return Notice(sentence.format(provider=provider), _why(message), is_error=True)
        case "pause":
            return Notice("This answer is not finished.", "Continue to have the rest.")
        case "unknown" if raw:
            return Notice(
                f"{provider} ended this answer with a word that is not known here: {raw}.",
                _why(message),
            )
    if not (message.text.strip() or message.refusal or message.tool_calls or message.files):
        if message.reasoning.strip():
            return Notice(
                "The model thought, and then said nothing.", "Try again, or lower its effort."
            )
        if any(isinstance(part, ProviderTool) for part in message.parts):
            return None
        return Notice("The answer is empty.", "Try again, or rephrase your question.")
    return None


def notice_of(
    messages: Sequence[Message], provider: str, *, was_closed: bool = False
) -> Notice | None:
    """The same for an answer of several messages that is there already; `was_closed` says that its
    page was closed before its end.
    """
    last = messages[-1]
    if was_closed and last.status == "incomplete":
        has_parts = any(one.parts for one in messages if one.role != "user")
        return PAGE_CLOSED if has_parts else PAGE_CLOSED._replace(advice="")
    if last.status == "incomplete" and not last.parts and len(messages) > 1:
        return INTERRUPTED  # before the next model call had begun
    asked = next((one for one in reversed(messages) if one.role == "assistant"), last)
    if last.role == "tool" and asked.status == "aborted":
        return notice(asked, provider)  # stopped while tools ran
    if last.role == "assistant" and not (last.status == "complete" and last.tool_calls):
        return notice(last, provider)
    if last.role == "assistant" and last.finish_reason == "length":
        return notice(last, provider)
    return INTERRUPTED


def _why(message: Message) -> str:
    """Give the warnings of an answer as a sentence, with advice."""
    said = " ".join(message.warnings)[:_DETAILS_CHARACTERS]
    return f"{said} Try again.".strip()


def _told_by_server(message: Message) -> str:
    """Give a server's own words for why it ended this answer; empty where it said none."""
    from ...core import cut_short  # not at the start of the page

    return next((one for one in message.warnings if one in cut_short.ALL), "")


def _kept(message: Message) -> str:
    return "What had arrived is kept." if message.parts else ""


def _failure(error: ErrorInfo, provider: str, kept: str) -> Notice:
    if error.code in _CODES_OF_SERVER and error.status in net_words.NOT_LET_IN:
        return Notice(net_words.NOT_LET_IN[error.status], "Then retry.", is_error=True)
    if error.code in net_words.LOGIN_CODES:
        return Notice(error.message, "", is_error=True)
    sentence, advice, in_settings = _EXPLAINED.get(error.kind, _EXPLAINED["unknown"])
    if error.kind == "read":
        advice = kept
    what = unable(error.message) if error.kind == "invalid_request" else ""
    if what:
        sentence, advice, in_settings = words.UNABLE[what]
    said = error.message.strip()
    if len(said) > _SAID_CHARACTERS:
        said = f"{said[:_SAID_CHARACTERS]}…"
    if provider == models_words.DEMO:
        # What it plays is nobody's mistake, and nothing in Settings would mend it.
        advice, in_settings = words.DEMO_FAILURE, False
    elif error.kind in _OUR_WORDS:
        advice = f"{said} {advice}".strip()
    elif said:
        advice = f"{advice} {provider} says: “{said}”"
    return Notice(
        sentence.format(provider=provider),
        advice,
        is_error=True,
        settings=in_settings,
        wait_s=error.retry_after_s or 0,
        details=_details(error),
        without=what or refused_option(error),
    )


def _details(error: ErrorInfo) -> str:
    """Status, code and body, a line each; empty where there was nothing but words of ours."""
    known = [f"HTTP status {error.status}" if error.status else ""]
    known.append(f"Code: {error.code}" if error.code else "")
    known.append(_pretty(error.raw)[:_DETAILS_CHARACTERS] if error.raw else "")
    return "\n".join(filter(None, known))


def _pretty(raw: Any) -> str:
    if isinstance(raw, str):
        return raw.strip()
    try:
        return in_lines(raw)
    except (TypeError, ValueError, RecursionError, msgspec.MsgspecError):
        return str(raw)


# Why a provider gave up in the middle, where its word tells it.
_ENDED_WITH = {
    "malformed_function_call": "The model made a tool call that nobody can read.",
    "unexpected_tool_call": "The model called a tool that it was not given.",
    "too_many_tool_calls": "The model called tools without end, and {provider} stopped it.",
    "no_image": "No image came of it.",
    "image_other": "No image came of it.",
}
# What the server of this page itself refuses a request with: `server/access.py`.
_CODES_OF_SERVER = frozenset({"browser_unknown", "other_user"})
# More of a provider's body than this is of no use to anybody.
_DETAILS_CHARACTERS = 4000
# Of its sentence, which stands beside ours; all of it is in the details, as far as those go.
_SAID_CHARACTERS = 1000
# Kinds whose message was written here and not by the provider.
_OUR_WORDS = frozenset({"connect", "timeout", "read"})
# kind -> what happened, what to do, whether that is done in Settings.
_EXPLAINED = {
    "connect": ("{provider} could not be reached.", "Check that it runs, and its address.", True),
    "timeout": ("{provider} stopped answering.", "Try again.", False),
    "read": ("The connection broke off.", "", False),
    "protocol": ("The answer could not be understood.", "Is the address OpenAI-compatible?", True),
    "auth": ("The API key was not accepted.", "Check the key in Settings.", True),
    "permission": ("Your key does not allow this.", "Use another key or another model.", True),
    "not_found": ("No such model or address.", "Check Base URL and Model in Settings.", True),
    "rate_limit": ("Too many requests for now.", "Wait a moment, then retry.", False),
    "quota": (
        "A limit of your account is used up.",
        "Waiting a moment does not help: look at your account with the provider.",
        True,
    ),
    "context_length": (
        "The conversation is longer than this model can read.",
        "Start a new chat, or choose a model that reads more.",
        False,
    ),
    "content_filter": (
        "The provider's content filter refused this.",
        "Rephrase your question.",
        False,
    ),
    "invalid_request": ("The request was not accepted.", "Check the values in Settings.", True),
    "tool_use": ("The model made a tool call that its provider refused.", "Try again.", False),
    "overloaded": ("{provider} is overloaded.", "Wait a moment, then retry.", False),
    "server": ("{provider} had an internal error.", "Try again. It is not your fault.", False),
    "unknown": ("Something went wrong.", "Try again.", False),
}
