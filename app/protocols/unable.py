"""Failures which say that the model can't do what was asked for at all. Pure.

The same is told with status 400, 404 (OpenRouter: no endpoint is left) and 500 (llama.cpp).
Sources:
https://github.com/pydantic/pydantic-ai/issues/2896 (OpenRouter, tools),
https://github.com/nexu-io/nexu/issues/731 (images),
https://github.com/lemonade-sdk/lemonade/issues/539 (llama.cpp),
https://github.com/swiss-ai/model-launch/issues/213 (vLLM),
https://github.com/lmstudio-ai/lmstudio-bug-tracker/issues/362 (LM Studio).
"""

import re
from typing import Literal

Inability = Literal["tools", "images", ""]

_NOT = r"(do(es)?|is|are)(n'?t| not)( currently| yet)? "
_CANNOT = rf"{_NOT}(support(s|ed)?|enabled|available|allowed)|unsupported"
_CALLS = r"(tool|function)s?([ _-]?(call(s|ing)?|use))?"
_PICTURES = r"(image|vision|visual)s?([ _-]?(input|content|url|recognition))?s?"
# A word of the request may stand in quotes between: "'tools' is not supported with this model".
_BETWEEN = r"[`'\" ]{1,4}"
_ENDPOINTS = r"no endpoints found that support "
_TOOLS = re.compile(
    rf"{_NOT}(support|allow)[`'\" ]{{1,4}}{_CALLS}\b|\b{_CALLS}{_BETWEEN}({_CANNOT})\b"
    rf"|{_ENDPOINTS}{_CALLS}\b|tool choice requires --|tools param requires --"
    r"|不支[持援].{0,6}(工具|函数|函數|function|tool)|(工具|函数|函數|function|tool).{0,6}不支[持援]",
    re.IGNORECASE,
)
_IMAGES = re.compile(
    rf"{_NOT}(support|allow|accept)[`'\" ]{{1,4}}{_PICTURES}\b"
    rf"|\b{_PICTURES}{_BETWEEN}({_CANNOT})\b|{_ENDPOINTS}{_PICTURES}\b"
    # DeepSeek (https://github.com/esengine/DeepSeek-Reasonix/issues/7136), and servers in its style
    r"|unknown variant [`'\"]?image(_url)?\b|image_url is only supported by"
    r"|is not a multimodal model"
    r"|不支[持援].{0,6}(图片|图像|圖片|图文|视觉|多模态)|(图片|图像|圖片)(输入|輸入)?.{0,4}不支[持援]",
    re.IGNORECASE,
)


def unable(message: str) -> Inability:
    """Tell what a model can't take, by the sentence of its provider; "" where that does not say."""
    beginning = message[:2000]
    if _TOOLS.search(beginning):
        return "tools"
    return "images" if _IMAGES.search(beginning) else ""
