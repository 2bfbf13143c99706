"""Pages that show an output as HTML, or draw a chart by its library. Pure."""

import json
import re
from collections.abc import Sequence
from typing import Any

# What each kind of output is drawn with; Vega's also draws Vega-Lite.
LIBRARIES = {"output": (), "plotly": ("plotly",), "vega": ("vega", "vega-lite")}

# Of Plotly's titles.
_MARKUP = re.compile(r"<[^<>]*>")

_STYLE = (
    '<!doctype html><meta charset="utf-8">'
    "<style>html, body { margin: 0 } body { padding: 8px }"
    " #chart { overflow-x: auto }</style>"
)
_PLOTLY = """
const { data, layout, frames, config } = JSON.parse(document.getElementById("spec").textContent);
// No file leaves the frame; the page saves the chart.
const modeBarButtonsToRemove = [...(config?.modeBarButtonsToRemove ?? []), "toImage"];
const settings = { ...config, responsive: true, displaylogo: false, modeBarButtonsToRemove };
if (layout?.width > document.body.clientWidth) delete layout.width;
Plotly.newPlot("chart", { data, layout, frames, config: settings });
"""
_VEGA = """
const spec = JSON.parse(document.getElementById("spec").textContent);
const isLite = String(spec.$schema ?? "vega-lite").includes("vega-lite");
const made = isLite ? vegaLite.compile(spec).spec : spec;
const place = document.getElementById("chart");
const view = new vega.View(vega.parse(made), { renderer: "svg", container: place, hover: true });
// One that is wider than a phone is drawn narrower, in letters of the same size. One of several
// views can't be, and scrolls.
const least = 120;
let own;
async function fit() {
  own ??= (await view.runAsync()).width();
  await view.width(own).runAsync();
  const narrower = own - (place.scrollWidth - place.clientWidth);
  if (narrower < own && narrower >= least) await view.width(narrower).runAsync();
  place.tabIndex = place.scrollWidth > place.clientWidth ? 0 : -1;
}
let room;
let fitted = Promise.resolve();
new ResizeObserver(() => {
  if (room !== place.clientWidth) fitted = fitted.then(fit);
  room = place.clientWidth;
}).observe(place);
"""
_DRAWS = {"plotly": _PLOTLY, "vega": _VEGA}


def title_of(kind: str, content: Any) -> str:
    """The title of a chart as its specification has it, as text; empty where there is none."""
    if kind == "output" or not isinstance(content, dict):
        return ""
    layout = content.get("layout")
    holder = layout if kind == "plotly" else content
    title = holder.get("title") if isinstance(holder, dict) else None
    text = title.get("text") if isinstance(title, dict) else title
    lines = [one for one in (text if isinstance(text, list) else [text]) if isinstance(one, str)]
    return " ".join(_MARKUP.sub(" ", " ".join(lines)).split())


def page_of(kind: str, content: Any, scripts: Sequence[str]) -> str:
    """The page that shows it."""
    if kind == "output":
        return f"{_STYLE}{content}"
    # Within a script element nothing ends it but its own end.
    spec = json.dumps(content).replace("<", "\\u003c")
    loaded = "".join(f"<script>{script}</script>" for script in scripts)
    data = f'<script type="application/json" id="spec">{spec}</script>'
    return f'{_STYLE}<div id="chart"></div>{data}{loaded}<script>{_DRAWS[kind]}</script>'
