"""The log of runs that outlive their readers: written before it is delivered. No HTTP.

log         the contract, and what is written; offsets  where in a stream
memory, sqlite, redis    the stores, all held to the same tests
feeds       one blocking read a process, fanned out to its readers in memory
writing     writes a run's batches, also over the time in which the log fails
compaction  many small events as few
"""
