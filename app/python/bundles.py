"""An object as its representations by MIME type: Jupyter's protocol of `_repr_*_` methods."""

import base64
import json
import os
from collections.abc import Callable
from typing import Any

from ..core.nesting import nests_too_deep
from . import figures, tables
from .messages import TABLE
from .plain import cut, text_of

# Of one representation, in characters; what is longer is left out, and that is said.
MOST_CHARACTERS = 5_000_000

_METHODS = {
    "_repr_html_": "text/html",
    "_repr_markdown_": "text/markdown",
    "_repr_svg_": "image/svg+xml",
    "_repr_png_": "image/png",
    "_repr_jpeg_": "image/jpeg",
    "_repr_latex_": "text/latex",
    "_repr_json_": "application/json",
}
_PLOTLY = "application/vnd.plotly.v1+json"
_VEGA_LITE = "application/vnd.vegalite.v6+json"

# Where `display()` goes; a session sets it while a cell runs.
_shown: list[Callable[[dict[str, Any]], None]] = []


def show_with(take: Callable[[dict[str, Any]], None] | None) -> None:
    """Set the receiver of displays; None: there is none any more."""
    _shown[:] = [take] if take else []


def display(*objects: object, raw: bool = False, **_: object) -> None:
    """Show objects, as notebooks do. With `raw` each one is its representations already."""
    for one in objects:
        if raw and isinstance(one, dict):
            hand_on({str(name): value for name, value in one.items()})
        elif callable(own := _method(one, "_ipython_display_")):
            own()
        else:
            hand_on(bundle_of(one))


def hand_on(bundle: dict[str, Any]) -> None:
    """Show a value that is a bundle already."""
    for take in _shown:
        take(within_bounds(bundle))


def bundle_of(value: object) -> dict[str, Any]:
    """Give all representations of an object, `text/plain` always. One whose method raises is left
    out.
    """
    if figures.is_figure(value):
        figures.close(value)
        return figures.bundle(value)
    found = _of_mimebundle(value)
    for name, mime in _METHODS.items():
        if mime not in found and callable(method := _method(value, name)):
            _add(found, mime, method)
    if (table := _table(value)) is not None:
        found[TABLE] = table.data()
    if _is_chart(value):
        # Its own HTML fetches scripts from elsewhere; this is what they would draw.
        try:
            found[_VEGA_LITE] = getattr(value, "to_dict")()  # noqa: B009
        except Exception as error:  # such as too many rows, and what to do about it
            found["text/plain"] = f"A chart that cannot be drawn: {error}"
        found.pop("text/html", None)
    if _PLOTLY not in found and _is_plotly(value):  # its renderer gives it only where set so
        _add(found, _PLOTLY, lambda: json.loads(getattr(value, "to_json")()))  # noqa: B009
    if _PLOTLY in found:
        found.pop("text/html", None)
    if "text/plain" not in found:
        found["text/plain"] = text_of(value)
    return within_bounds(found)


def within_bounds(bundle: dict[str, Any]) -> dict[str, Any]:
    """Reduce a bundle to what can be sent: texts, bytes as base64, values of JSON, none too
    large.
    """
    kept: dict[str, Any] = {}
    notes = []
    for mime, value in bundle.items():
        try:
            data, characters = _sendable(mime, value)
        except (TypeError, ValueError):
            notes.append(f"its {mime} is no JSON")
            continue
        if characters > MOST_CHARACTERS:
            notes.append(f"its {mime} of {characters:,} characters is too large to be shown")
        else:
            kept[mime] = data
    if notes or "text/plain" not in kept:
        said = [str(kept.get("text/plain", "")), *(f"({note})" for note in notes)]
        kept["text/plain"] = " ".join(said).strip()
    return kept


def _sendable(mime: str, value: Any) -> tuple[Any, int]:
    if isinstance(value, bytes | bytearray):
        text = base64.b64encode(value).decode()
        return text, len(text)
    if isinstance(value, str):
        if mime.startswith("image/") and mime != "image/svg+xml":
            value = "".join(value.split())  # base64 in lines
        return cut(value, len(value)), len(value)
    if nests_too_deep(value):
        raise ValueError("it nests too deep")
    text = json.dumps(value, allow_nan=False, default=_as_json)
    return json.loads(text), len(text)


def _as_json(value: Any) -> Any:
    """Convert a value that libraries put into their JSON beside plain ones."""
    if hasattr(value, "tolist"):
        return value.tolist()
    return str(value)


def _of_mimebundle(value: object) -> dict[str, Any]:
    method = _method(value, "_repr_mimebundle_")
    if not callable(method):
        return {}
    try:
        made = method(include=None, exclude=None)
    except Exception:
        return {}
    data = made[0] if isinstance(made, tuple) and made else made
    return {str(name): one for name, one in data.items()} if isinstance(data, dict) else {}


def _add(found: dict[str, Any], mime: str, method: Callable[[], Any]) -> None:
    try:
        made = method()
    except Exception:
        return
    data = made[0] if isinstance(made, tuple) and made else made  # with metadata
    if data is not None:
        found[mime] = data


def _table(value: object) -> tables.Table | None:
    try:
        return tables.table_of(value)
    except Exception:
        return None  # it is shown as text then


def _method(value: object, name: str) -> Any:
    """Get a method of the protocol. A class has them for its instances, and some objects pretend to
    have everything.
    """
    try:
        if isinstance(value, type) or hasattr(value, "_a_name_that_nobody_has_"):
            return None
        return getattr(value, name, None)
    except Exception:
        return None


def _is_chart(value: object) -> bool:
    """Tell whether it is a chart of Altair."""
    return type(value).__module__.startswith("altair.") and hasattr(value, "to_dict")


def _is_plotly(value: object) -> bool:
    """Tell whether it is a figure of Plotly."""
    return type(value).__module__.startswith("plotly.") and hasattr(value, "to_plotly_json")


def prepare_libraries() -> None:
    """Have libraries draw for a session, if they are imported later."""
    os.environ["MPLBACKEND"] = f"module://{__package__}.matplotlib_backend"
    os.environ["PLOTLY_RENDERER"] = "plotly_mimetype"
