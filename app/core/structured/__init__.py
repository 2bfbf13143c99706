"""Types in, checked values out."""
