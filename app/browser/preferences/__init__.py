"""The dialog of the settings, and those of one chat."""
