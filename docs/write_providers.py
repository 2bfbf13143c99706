"""Writes the page about providers: `.venv/bin/python -m docs.write_providers`.

A test holds the page against the table that it is made of.
"""

from collections.abc import Sequence
from pathlib import Path

from app.providers import PROVIDERS, Provider

PAGE = Path(__file__).with_name("providers.md")

_TEXT = """\
# Providers

Made of the table in `app/providers/table.py` by `python -m docs.write_providers`.

A provider is a row of data: adding one that speaks a known protocol is one more row.

```python
from app.providers import provider

who = provider("mistral", key="…")
own = provider("other", base_url="https://models.example/v1", key="…")
```

A key is sent to the address it was given for, and nowhere else. At another host the row keeps its
protocol, and nothing that is known of the service alone.

## The table

{table}

The Test connection button and `check` ask for the list of models. Where that list is
open to all, or there is none, they also ask what tells a good key from a bad one, or put a question
of a few tokens to the model that was entered.

What a list says of its models (how much they read, whether they call functions, see, think, take a
temperature) comes before the table of model families; where the settings of a chat leave something
out for it, they say so. Ollama, LM Studio and llama.cpp are asked for it beside their list
(`/api/show`, `/api/v0/models`, `/props`). What nobody says stays unknown and is sent as it was set.

## From a web page

Browsers let a page read an answer only where the server allows it (CORS). Providers hardly ever
write down whether they do, so each line names the page that shows it. It may change at any time;
Test connection tells what holds now.

{pages}

- **any page**: may be called as it is.
- **with a header**: the page sends that header; outside a browser it is not sent.
- **if you allow it**: your own server has to be told.
- **no**: it is asked through the page's server (`serve.py`), or from Python or a terminal.
- **unknown**: it is your server, or nobody has shown it.

## From the environment

Under CPython, `Config.from_env()` (`app/providers/config.py`) reads `TOKENFALL_PROVIDER`,
`TOKENFALL_MODEL`, `TOKENFALL_API_KEY`, `TOKENFALL_BASE_URL`, `TOKENFALL_INSTRUCTIONS`,
`TOKENFALL_TEMPERATURE`, `TOKENFALL_TOP_P`, `TOKENFALL_MAX_TOKENS`, `TOKENFALL_SEED` and
`TOKENFALL_REASONING_EFFORT`. One key variable of the table is enough: the first provider that has
one is asked, by the model to begin with. A key variable counts for its own provider only; where
`TOKENFALL_BASE_URL` leads to another server, that one is sent `TOKENFALL_API_KEY` or nothing.

## Several at once

```python
from app.providers.gateway import Gateway

gateway = Gateway.builder().openrouter("…").ollama().build()
chat = gateway.chat("ollama/llama3.2", fallbacks=["openrouter/auto"])
```
"""

_BROWSER = {
    "direct": "any page",
    "header": "with a header",
    "setting": "if you allow it",
    "no": "no",
    "unknown": "unknown",
}


def page() -> str:
    """The page as it should be."""
    rows = [
        (
            f"`{row.name}`",
            row.label,
            f"`{row.protocol}`",
            f"`{row.base_url}`" if row.base_url else "your own",
            _code(*row.key_variables, row.address_variable),
            f"[get one]({row.key_url})" if row.key_url else "",
            _code(row.default_model),
        )
        for row in PROVIDERS.values()
    ]
    heads = ("Name", "Provider", "Protocol", "Address", "Variables", "Key", "Model to begin with")
    pages = [(row.label, _BROWSER[row.browser], _how(row), _source(row)) for row in _others()]
    pages_heads = ("Provider", "A page may call it", "How", "Shown by")
    return _TEXT.format(table=_table(heads, rows), pages=_table(pages_heads, pages))


def _others() -> list[Provider]:
    """List the rows but for those that the page's own server or the page itself answers for."""
    return [row for row in PROVIDERS.values() if row.name not in ("built-in", "demo")]


def _how(row: Provider) -> str:
    headers = [f"`{name}: {value}`" for name, value in row.browser_headers.items()]
    return " ".join(headers) or row.browser_setting.replace("{origin}", "the address of the page")


def _source(row: Provider) -> str:
    return f"[source]({row.browser_source})" if row.browser_source else ""


def _code(*words: str) -> str:
    return ", ".join(f"`{word}`" for word in words if word)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
