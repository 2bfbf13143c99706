"""The message box: what is written, what goes along, what waits."""
