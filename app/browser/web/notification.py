"""Whether the system can tell a person something for this page."""

from js import window


def is_offered() -> bool:
    """Whether this browser can tell anything, and was not told to be silent."""
    if not window.isSecureContext or not hasattr(window, "Notification"):
        return False
    return bool(window.Notification.permission != "denied")
