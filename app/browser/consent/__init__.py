"""The one place where a person is asked for a yes."""
