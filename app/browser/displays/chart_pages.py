"""Pages that show an output as HTML, or draw a chart by its library. Pure."""

import json
from collections.abc import Sequence
from typing import Any

# What each kind of output is drawn with; Vega's also draws Vega-Lite.
LIBRARIES = {"output": (), "plotly": ("plotly",), "vega": ("vega", "vega-lite")}

_STYLE = (
    '<!doctype html><meta charset="utf-8">'
    "<style>html, body { margin: 0 } body { padding: 8px }</style>"
)
_PLOTLY = """
const { data, layout, frames, config } = JSON.parse(document.getElementById("spec").textContent);
const settings = { ...config, responsive: true, displaylogo: false };
Plotly.newPlot("chart", { data, layout, frames, config: settings });
"""
_VEGA = """
const spec = JSON.parse(document.getElementById("spec").textContent);
const isLite = String(spec.$schema ?? "vega-lite").includes("vega-lite");
const made = isLite ? vegaLite.compile(spec).spec : spec;
new vega.View(vega.parse(made), { renderer: "svg", container: "#chart", hover: true }).runAsync();
"""
_DRAWS = {"plotly": _PLOTLY, "vega": _VEGA}


def page_of(kind: str, content: Any, scripts: Sequence[str]) -> str:
    """The page that shows it."""
    if kind == "output":
        return f"{_STYLE}{content}"
    # Within a script element nothing ends it but its own end.
    spec = json.dumps(content).replace("<", "\\u003c")
    loaded = "".join(f"<script>{script}</script>" for script in scripts)
    data = f'<script type="application/json" id="spec">{spec}</script>'
    return f'{_STYLE}<div id="chart"></div>{data}{loaded}<script>{_DRAWS[kind]}</script>'
