"""One question answered: steps, retries, tool calls, the run, the chat."""
