"""Limits of a header's value, and the letters of a text that break them."""

from unicodedata import name

# Values of headers are visible ASCII and spaces. https://www.rfc-editor.org/rfc/rfc9110#name-field-values
# Bytes above are allowed for old times' sake, but nobody agrees on which letters they are.


def misfit(text: str) -> str:
    """The first letter that no header can hold, and its name: `“–” (en dash)`; empty for none."""
    found = next((letter for letter in text if not " " <= letter <= "~"), "")
    if not found:
        return ""
    called = name(found, f"U+{ord(found):04X}")
    called = called if called.startswith("U+") else called.lower()
    return f"“{found}” ({called})" if found.isprintable() else called
