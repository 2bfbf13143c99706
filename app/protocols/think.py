"""`<think>…</think>` at the head of an answer is reasoning: the way of models whose server does not
tell the two apart. Other families write other tags.

Only where the tag leads the answer, so that prose about the tag stays prose. A tag that may be
arriving in pieces is held back, never more than the length of the tag.
"""

from typing import Literal

# DeepSeek, Qwen and most others; hybrid models; Gemma 4 by Google's API and by llama.cpp
# (https://ai.google.dev/gemma/docs/capabilities/thinking); Magistral
# (https://docs.mistral.ai/capabilities/reasoning); Seed-OSS, Kimi-VL, Cohere, Open-R1 and others,
# where their server has no parser for them.
_CLOSING = {
    "<think>": "</think>",
    "<thinking>": "</thinking>",
    "<thought>": "</thought>",
    "<|channel>thought": "<channel|>",
    "[THINK]": "[/THINK]",
    "<reasoning>": "</reasoning>",
    "<seed:think>": "</seed:think>",
    "◁think▷": "◁/think▷",
    "<|START_THINKING|>": "<|END_THINKING|>",
    "<|begin_of_thought|>": "<|end_of_thought|>",
}

# White space before the tag: some templates write a line end or two.
_MAX_WHITE_SPACE = 16


class ThinkTags:
    """Splits one answer's text into reasoning and content.

    `families` says that other tags than `<think>` count, too.
    """

    def __init__(self, *, families: bool = True) -> None:
        self._closing = _CLOSING if families else {"<think>": _CLOSING["<think>"]}
        self._state: Literal["before", "inside", "after"] = "before"
        self._held = ""
        self._close = ""  # the tag that ends the reasoning we are in

    @property
    def is_over(self) -> bool:
        """Tell whether all that follows is content, so that `feed` need not be asked."""
        return self._state == "after"

    def feed(self, text: str) -> tuple[str, str]:
        """Take the next fragment; return its certain parts: reasoning, then content."""
        text = self._held + text
        self._held = ""
        reasoning = ""
        if self._state == "before":
            start = text.lstrip()
            opening = next(filter(start.startswith, self._closing), "")
            is_undecided = not opening and any(tag.startswith(start) for tag in self._closing)
            if is_undecided and len(text) - len(start) <= _MAX_WHITE_SPACE:
                self._held = text
                return "", ""
            if not opening:
                self._state = "after"
                return "", text
            self._state, self._close = "inside", self._closing[opening]
            text = start[len(opening) :]
        if self._state == "inside":
            reasoning, tag, rest = text.partition(self._close)
            if tag:
                self._state = "after"
                return reasoning, rest
            keep = _overlap(reasoning, self._close)
            self._held = reasoning[len(reasoning) - keep :]
            return reasoning[: len(reasoning) - keep], ""
        return "", text

    def close(self) -> tuple[str, str]:
        """Take the end of the answer; return the held text: reasoning, content."""
        held, self._held = self._held, ""
        return (held, "") if self._state == "inside" else ("", held)


def leads_with_reasoning(text: str) -> bool:
    """Tell whether a whole answer begins with such a tag."""
    return text.lstrip().startswith(tuple(_CLOSING))


def _overlap(text: str, tag: str) -> int:
    """Count the characters at the end of `text` that may begin `tag`."""
    for length in range(min(len(text), len(tag) - 1), 0, -1):
        if tag.startswith(text[len(text) - length :]):
            return length
    return 0
