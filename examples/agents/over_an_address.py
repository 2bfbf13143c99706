"""A model behind an address in OpenAI's style: python3 serve.py examples/agents/over_an_address.py

AGENT_ADDRESS names it; without, an Ollama of this computer is asked. Its first model answers.
"""

import os

title = "Model next door"

agent = os.environ.get("AGENT_ADDRESS", "http://localhost:11434/v1")
