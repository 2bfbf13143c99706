"""Notifications of the system for this page."""

from js import window


def is_offered() -> bool:
    """Tell whether this browser can notify a person, and was not told to be silent."""
    if not window.isSecureContext or not hasattr(window, "Notification"):
        return False
    return bool(window.Notification.permission != "denied")
