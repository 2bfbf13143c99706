"""Runs over HTTP: they go on, whoever reads them.

service     the log, its readers and what runs, opened when first wanted
asking      a question, and who is asked;  server_keys  the server's own
agent_asking  the agent of the server as what is asked;  tools_elsewhere  of who asks
background  answers that their provider goes on with by itself;  keepers  who does;  overlap  such a
            one read again
runner      holds this worker's claims, and takes the runs that a dead one left;  carrying  a run on
            its way to its end
controls    what readers tell a run, through the log;  chat_changes  deletes and sets, and tells who
            follows an owner's chats
kept        what the log has of answers and chats
durable_streams  a run as the Durable Streams protocol has it
views       a run as server-sent events, lines or JSON
run_routes, chat_routes    the addresses;  budgets  of one person;  refusals
metrics     what Prometheus is told
"""
