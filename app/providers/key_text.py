"""A key as people paste it -> the key: without what was copied along with it. Pure."""

import re
import unicodedata

_QUOTES = "\"'`“”„‟‘’‚‛«»‹›「」『』＂＇｀<>"
_ENDS = f"{_QUOTES},;.()[]{{}} \t\r\n"

# The headers that carry keys, with what stands around them in code and in commands.
_IN_HEADER = re.compile(
    r"""\b(?:authorization|x-api-key|api-key|x-goog-api-key)["'`]?\s*[:=,]\s*["'`]?\s*
        (?:bearer\s+)?(?P<key>[^\s"'`]+)""",
    re.IGNORECASE | re.VERBOSE,
)
_BEFORE = (
    re.compile(r"bearer\s*:?\s+(?=\S)", re.IGNORECASE),
    # A variable that is set: in a shell, in PowerShell, in a file of settings.
    re.compile(
        r"(?:export|set|setx|declare\s+-x|env)\s+[A-Za-z_]\w*(?:\s*=\s*|\s+)(?=[^\s=])", re.I
    ),
    re.compile(r"\$env:\w+\s*=\s*(?=[^\s=])", re.IGNORECASE),
    re.compile(r"[A-Z][A-Z0-9_]*(?:KEY|TOKEN|SECRET)\s*[=:]\s*(?=[^\s=])"),
    # A name and its value in code or JSON.
    re.compile(
        r"""["'`]?(?:[\w.]+[-_.])?(?:api[-_]?key|(?:access|auth|api)[-_]?token|token|secret)["'`]?
            \s*(?:=>|:=|[=:])\s*(?=[^\s=])""",
        re.IGNORECASE | re.VERBOSE,
    ),
    # A label in any language, and the name of a variable alone; an option of a command.
    re.compile(r"[^:=：\n]{1,40}(?:[:=]\s+|：\s*|\bis\s+)(?=\S{8,}$)"),
    re.compile(r"(?:--?)?(?:[\w-]*[-_ ])?(?:key|token)(?:\s*=\s*|\s+)(?=\S{8,}$)", re.IGNORECASE),
)
# What no key holds: it stands in something.
_AROUND = re.compile(r"[\s\"'`(\[{=&?]")
_COMMENT = re.compile(r"(?<!\s)\s++#.*")
# Keys whose beginning tells whose they are, wherever in a text one stands.
_KNOWN = re.compile(
    r"(?<![\w-])(?:sk-[\w-]|gsk_|AIza|xai-|pplx-|hf_|csk-|fw_|tgp_v1_|nvapi-)[\w-]{14,}(?![.=/+]\w)"
)
# Nobody wraps a key in more than these: a header within a command within quotes.
_MOST_LAYERS = 8
# Letters that show nothing, though their category does not say so.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")


def tidied(pasted: str) -> str:
    """Find the key in a pasted text. A letter that no header can hold stays where it may be a part
    of the key: `header_values.misfit` names it.
    """
    text = "".join(letter for letter in pasted if not _is_unseen(letter)).strip(_ENDS)
    known: set[str] = set(_KNOWN.findall(text))
    if len(known) == 1 and _AROUND.search(text):
        return known.pop()
    for _ in range(_MOST_LAYERS):
        if found := _IN_HEADER.search(text):
            text = found["key"]
        for pattern in _BEFORE:
            if found := pattern.match(text):
                text = text[found.end() :]
        text = _COMMENT.sub("", text)
        # Other spaces than the keyboard's came with a broken line, or from a page.
        text = "".join(letter for letter in text if letter == " " or not letter.isspace())
        text = text.strip(_ENDS)
    return text


def _is_unseen(letter: str) -> bool:
    if letter.isspace():
        return False
    is_variant = "\ufe00" <= letter <= "\ufe0f"
    return is_variant or letter in _BLANK or unicodedata.category(letter) in ("Cc", "Cf")
