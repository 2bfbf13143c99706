"""Texts of this room that Python shows; texts that stand in the page from the start are in its
HTML. Pure.
"""

import re

TITLES = {
    "diagram": "Diagram",
    "picture": "Picture",
    "page": "Preview. It is not part of Tokenfall and has no network.",
    "output": "Output as HTML. It is not part of Tokenfall and has no network.",
    "plotly": "Chart",
    "vega": "Chart",
}
# For who can't see the frame.
FRAMES = {
    "diagram": "Diagram. Esc leaves it.",
    "picture": "Picture. Esc leaves it.",
    "page": "Preview of a page that is not Tokenfall's. Esc leaves it.",
    "output": "An output as HTML that is not Tokenfall's. Esc leaves it.",
    "plotly": "Chart. Esc leaves it.",
    "vega": "Chart. Esc leaves it.",
}

DRAWING = "Drawing…"
FETCHING = "Fetching what draws it…"
FETCHING_ONCE = {
    "mermaid": "Fetching what draws diagrams, once: 26 MB…",
    "plotly": "Fetching what draws such charts, once: 1.7 MB…",
    "vega": "Fetching what draws such charts, once: 0.9 MB…",
    "vega-lite": "Fetching what draws such charts, once: 1.1 MB…",
}
NO_LIBRARY = "This can't be drawn here: this copy of the page was made without what draws it."
OTHER_LIBRARY = "What draws it is not the file that was expected, so it was not used."
LIBRARY_FAILED = "What draws it did not start in this browser."
CHART_WAITS = "A chart. What draws it is fetched once, and kept by this browser."
HTML_WAITS = "An output as HTML. It is drawn apart, without a network."
DRAW = "Draw it"
TOO_LARGE = "This is too large to be shown. The source is below."
NO_PICTURE = "This is no picture that can be shown. The source is below."
NO_BITMAP = "This browser can't make a PNG of it. SVG works."
NOT_SAVED = "This browser can't make a picture of it."
NOTHING = "There is nothing in it yet."
LINKS_STAY = "Links and forms of a preview lead nowhere."

# Why a display has ended.
ENDED = {
    "stuck": "Ended: it did not answer for 10 seconds. All displays were ended with it.",
    "flood": "Ended: it sent more messages than it may.",
    "focus": "Ended: it took the keyboard from what you write.",
    "left": "Ended: it tried to go to another page.",
    "absent": "It did not load. Check that the server of this page still runs.",
}
SHOW_AGAIN = "Show again"
TRY_AGAIN = "Try again"
MAY_FREEZE = (
    "This browser runs previews on the page's own thread: one that is made to hurt can freeze this "
    "tab until you close it."
)
SHOW_ANYWAY = "Show it anyway"

_LINE = re.compile(r"\b(?:line|Line)[ :]+(\d+)")
_UNKNOWN = ("No diagram type detected", "UnknownDiagramError")


def chart(title: str) -> str:
    """Name a chart."""
    return f"Chart: {title}"


def not_drawn(said: str) -> str:
    """Say in one sentence why there is no diagram; `said` is mermaid's word on it."""
    if any(words in said for words in _UNKNOWN):
        return "This can't be drawn: mermaid knows no such kind of diagram. The source is below."
    if found := _LINE.search(said):
        return f"This can't be drawn: there is a mistake in line {found[1]}. The source is below."
    return "This can't be drawn: there is a mistake in it. The source is below."


def not_fetched(reason: str) -> str:
    """Say that a library could not be had."""
    return f"What draws it could not be fetched: {reason}"
