"""Broken bytes for the decoders, for as long as one likes."""
