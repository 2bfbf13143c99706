"""Settings of the page as a whole: attributes of `<html>`, which styles and composer.mjs read."""

from js import document

from .settings import Settings


def show(settings: Settings) -> None:
    """Show the page as it was set."""
    show_theme(settings.theme)
    key = "control" if settings.sends_by_control else "enter"
    document.documentElement.setAttribute("data-send", key)


def show_theme(theme: str) -> None:
    """Show `light`, `dark`, or what the `system` says."""
    if theme == "system":
        document.documentElement.removeAttribute("data-theme")
    else:
        document.documentElement.setAttribute("data-theme", theme)
