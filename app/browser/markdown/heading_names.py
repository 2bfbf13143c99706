"""The names by which links lead to headings, as on GitHub. Pure."""

import re
from collections.abc import Sequence

# Source: https://github.com/Flet/github-slugger
_DROPPED = re.compile(r"[^\w\- ]")


def heading_names(headings: Sequence[str]) -> list[str]:
    """A name for each heading; those that say the same are numbered."""
    names: list[str] = []
    seen: dict[str, int] = {}
    for heading in headings:
        plain = _DROPPED.sub("", heading.strip().lower()).replace(" ", "-")
        name = plain
        while name in seen:
            seen[plain] += 1
            name = f"{plain}-{seen[plain]}"
        seen[name] = 0
        names.append(name)
    return names
