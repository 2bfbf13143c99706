"""Refusals of our options, read from a provider's error. Pure.

Tables of models' options age; a provider's words do not. Sources of the wordings:
https://platform.openai.com/docs/guides/error-codes,
https://github.com/ollama/ollama/blob/main/server/routes.go,
https://docs.x.ai/docs/guides/reasoning, https://docs.litellm.ai/docs/completion/drop_params
"""

import re
from typing import Any

from ..core.errors import ErrorInfo

# By the names of `Options` ("tools" are the functions): what requests and sentences call them.
_NAMES = {
    "temperature": r"temperature",
    "top_p": r"top[_-]?p",
    "stop": r"stop([_-]?sequences?| words?| sequences?)?",
    "seed": r"seed",
    "reasoning_effort": r"(reasoning[_. -]?)?effort|thinking[_-]?(budget|level)|budget_tokens"
    r"|(enable_)?thinking(?![. _-]?(block|signature))|think",
    "max_tokens": r"max[_-]?(completion[_-]?|output[_-]?)?tokens",
    "verbosity": r"(text\.)?verbosity",
    "service_tier": r"service[_-]?tier",
    "tools": r"tools?( use| calls?| calling)?|function calling|functions?|tool_choice",
}
_SAYS_NO = re.compile(
    r"(not |isn't |aren't )(supported|recogni[sz]ed|permitted|allowed|accepted|available)|"
    r"(does not|doesn't|do not|don't|cannot|can't) (support|accept|allow|take|use|set|be )|"
    r"unsupported|unrecogni[sz]ed|unknown|deprecated|extra inputs|support tool use|no endpoints|"
    r"must be verified|"
    # The same in other languages, of gateways and of clouds that speak the browser's.
    r"不支持|不支援|不允许|未知参数|サポートされて(い)?ません|対応していません|지원(되|하)지 않"
    r"|nicht (unterstützt|erlaubt|zulässig)|unbekannter? parameter"
    r"|pas (pris en charge|supporté|permis)|no (es |está )?(compatible|soportad|admitid|permitid)"
    r"|não (é )?(suportad|compatível|permitid)|non (è )?(supportat|consentit)"
    r"|не поддержива|неизвестный параметр",
    re.IGNORECASE,
)
# So much of an error's words is read.
_READ_CHARACTERS = 10_000
_STATUSES = (400, 404, 405, 422, 501)


def refused_option(error: ErrorInfo) -> str:
    """Name the option that an error refuses, "" where it refuses none that we know.

    A value out of its range is no refusal: the option is known then.
    """
    if error.status not in _STATUSES:
        return ""
    if not says_no(error):
        return ""
    message = error.message[:_READ_CHARACTERS]
    for text in (_param(error.raw)[:_READ_CHARACTERS], *_quoted(message), message):
        for name, words in _NAMES.items():
            if text and re.search(rf"(?<![\w-])({words})(?![\w-])", text, re.IGNORECASE):
                return name
    return ""


def says_no(error: ErrorInfo) -> bool:
    """Tell whether an error says that something is not taken at all."""
    said = " ".join(_texts(error.raw, 0)) or error.message
    code = error.code or ""
    return _SAYS_NO.search(f"{said[:_READ_CHARACTERS]} {code[:_READ_CHARACTERS]}") is not None


def _param(raw: Any) -> str:
    """The field that the error's own data names."""
    inner = raw.get("error", raw) if isinstance(raw, dict) else None
    param = inner.get("param") if isinstance(inner, dict) else None
    return param if isinstance(param, str) else ""


def _quoted(sentence: str) -> list[str]:
    """Find the words in quotation marks of any kind: `'temperature' is not supported`."""
    return re.findall(r"[`'\"“‘\[]([\w. -]{1,60})[`'\"”’\]]", sentence)


def _texts(value: Any, depth: int) -> list[str]:
    if isinstance(value, str):
        return [value]
    if depth > 5 or not isinstance(value, dict | list):
        return []
    inner = value.values() if isinstance(value, dict) else value
    return [text for one in inner for text in _texts(one, depth + 1)]
