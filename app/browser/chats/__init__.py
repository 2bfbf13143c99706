"""The list of chats, and all that is done to whole chats."""
