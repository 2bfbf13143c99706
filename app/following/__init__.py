"""A run that a server carries, followed from anywhere to its end. Pure but for its transport.

run_server    the addresses of such a server (docs/openapi.json)
followed_run  an answer on its way there, read like a `Run` of our own
tools_here    the tools that such an answer has of who follows it
"""
