"""Exports of other apps, as their users have them; written for these tests."""
