"""The combobox "Model": what can be asked, grouped by provider."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from js import document

from ..dom import find, listen, option

# The value of the entry that stands for "another provider", which is not there yet.
ADD = "add"


class Entry(NamedTuple):
    """One model; one that is not `enabled` is shown with the reason in its label."""

    id: str
    label: str
    group: str
    enabled: bool = True


def fill(entries: Sequence[Entry], chosen: str) -> None:
    """Offer these entries, in this order, with one of them chosen."""
    select = find("model")
    entries = [*entries, Entry(ADD, "Add a provider…", "More")]
    options = list(select.querySelectorAll("option"))
    if [made.value for made in options] == [entry.id for entry in entries]:
        # Made anew, a list would close under the hand of someone who has it open.
        for made, entry in zip(options, entries, strict=True):
            if made.textContent != entry.label:
                made.textContent = entry.label
            made.disabled = not entry.enabled
    else:
        _build(select, entries)
    select.value = chosen
    select.title = select.selectedOptions.item(0).textContent
    select.disabled = False


def on_choose(choose: Callable[[str], None]) -> None:
    """Call `choose(id)`, with `ADD` where another provider is wanted."""
    select = find("model")
    listen(select, "change", lambda _: choose(select.value))


def _build(select: Any, entries: Sequence[Entry]) -> None:
    select.replaceChildren()
    groups: dict[str, Any] = {}
    for entry in entries:
        if entry.group not in groups:
            groups[entry.group] = document.createElement("optgroup")
            groups[entry.group].label = entry.group
            select.append(groups[entry.group])
        groups[entry.group].append(option(entry.label, entry.id, enabled=entry.enabled))
