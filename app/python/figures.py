"""Figures of Matplotlib as pictures, where it has been imported."""

import base64
import io
import sys
from collections.abc import Iterator
from typing import Any

# Above it, drawings of many points, a picture of dots is smaller and drawn faster.
_MOST_SVG_CHARACTERS = 300_000
_PNG_DPI = 144


def is_figure(value: object) -> bool:
    """Tell whether this is a figure of Matplotlib."""
    module = type(value).__module__
    return module.startswith("matplotlib.figure") and hasattr(value, "savefig")


def figure_of(value: object) -> Any:
    """Give the figure that this is, or that is drawn with this: axes and lines of Matplotlib, grids
    of seaborn. None where there is none.
    """
    if is_figure(value):
        return value
    module = type(value).__module__
    if module.startswith("matplotlib.") and hasattr(value, "get_figure"):
        return _whole(value.get_figure())
    return _whole(getattr(value, "figure", None)) if module.startswith("seaborn.") else None


def _whole(figure: Any) -> Any:
    """The figure around a part of one."""
    while figure is not None and not is_figure(figure) and hasattr(figure, "get_figure"):
        figure = figure.get_figure()
    return figure if is_figure(figure) else None


def is_drawn(value: object) -> bool:
    """Tell whether this is a value that a call of pyplot gives back, part of a figure that is shown
    anyway.
    """
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None or not pyplot.get_fignums() or is_figure(value):
        return False
    parts = value if isinstance(value, list | tuple) and value else [value]
    return all(type(one).__module__.startswith("matplotlib.") for one in parts)


def bundle(figure: Any) -> dict[str, Any]:
    """Give the figure as SVG, or as PNG where it is large, and as a line of text."""
    width, height = (round(side * figure.dpi) for side in figure.get_size_inches())
    said = {"text/plain": f"Figure {width}×{height}{_titled(figure)}"}
    svg = io.StringIO()
    figure.savefig(svg, format="svg", bbox_inches="tight")
    if len(svg.getvalue()) <= _MOST_SVG_CHARACTERS:
        return {"image/svg+xml": svg.getvalue(), **said}
    png = io.BytesIO()
    figure.savefig(png, format="png", bbox_inches="tight", dpi=_PNG_DPI)
    return {"image/png": base64.b64encode(png.getvalue()).decode(), **said}


def take_open() -> Iterator[Any]:
    """Give the figures that are open in pyplot, and close them there."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None:
        return
    for number in pyplot.get_fignums():
        figure = pyplot.figure(number)
        pyplot.close(figure)
        if figure.get_axes() or figure.texts:
            yield figure


def close(figure: Any) -> None:
    """Close a figure that has been shown: pyplot need not show it again."""
    if (pyplot := sys.modules.get("matplotlib.pyplot")) is not None:
        pyplot.close(figure)


def _titled(figure: Any) -> str:
    titles = [axes.get_title() for axes in figure.get_axes()]
    found = [title for title in [figure.get_suptitle(), *titles] if title]
    return f", {'; '.join(found)[:200]}" if found else ""
