"""Runs over HTTP: they go on, whoever reads them.

service     the log, its readers and what runs, opened when first wanted
asking      a question, and who is asked;  server_keys  the server's own
agent_asking  the agent of the server as what is asked;  tools_elsewhere  of who asks
background  answers that their provider goes on with by itself;  keepers  who does;  overlap  such a
            one read again
runner      carries runs, and takes those that a dead worker left
controls    what readers tell a run, through the log
kept        what the log has of answers and chats
durable_streams  a run as the Durable Streams protocol has it
views       a run as server-sent events, lines or JSON
run_routes, chat_routes    the addresses;  budgets  of one person;  refusals
metrics     what Prometheus is told
"""
