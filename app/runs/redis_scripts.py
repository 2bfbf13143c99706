"""Atomic steps of the log of runs in Redis, in Lua."""

CREATE = """
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
pcall(redis.call, 'XGROUP', 'CREATE', KEYS[2], ARGV[2], '$', 'MKSTREAM')
local job = redis.call('XADD', KEYS[2], '*', 'run', ARGV[1])
redis.call('XREADGROUP', 'GROUP', ARGV[2], ARGV[3], 'STREAMS', KEYS[2], '>')
redis.call('HSET', KEYS[1], 'job', job, 'epoch', 1, 'last', 0, 'size', ARGV[9], 'owner', ARGV[4],
  'chat', ARGV[5], 'title', ARGV[6], 'question', ARGV[7], 'created_s', ARGV[8])
redis.call('ZADD', KEYS[3], redis.call('INCR', KEYS[4]), ARGV[1])
return 1
"""
APPEND = """
local known = redis.call('HMGET', KEYS[1], 'epoch', 'last', 'status', 'job')
if not known[1] then return 'gone' end
local epoch, before, last = ARGV[1], ARGV[2], ARGV[3]
if known[1] == epoch and known[2] == last then return 'same' end
if known[1] ~= epoch or known[2] ~= before or known[3] then return 'fenced' end
redis.call('XADD', KEYS[2], last .. '-' .. epoch, 'f', before + 1, 'd', ARGV[4])
redis.call('HSET', KEYS[1], 'last', last)
redis.call('HINCRBY', KEYS[1], 'size', #ARGV[4])
if ARGV[5] ~= '' then
  local now = redis.call('TIME')
  local ended_s = string.format('%d.%06d', now[1], now[2])
  redis.call('HSET', KEYS[1], 'status', ARGV[5], 'ended_s', ended_s)
  redis.call('ZADD', KEYS[4], ended_s, ARGV[6])
  redis.call('XACK', KEYS[3], ARGV[7], known[4])
  redis.call('XDEL', KEYS[3], known[4])
end
return 'ok'
"""
TELL = """
if ARGV[1] == '1' and redis.call('EXISTS', KEYS[2]) == 0 then return -1 end
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
local number = last[1] and tonumber(string.match(last[1][1], '^%d+')) + 1 or 1
local id = string.format('%d-0', number)
if ARGV[1] == '1' then
  local size = #ARGV[2]
  if redis.call('XLEN', KEYS[1]) >= tonumber(ARGV[3]) then
    size = size - #redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1][2][4]
  end
  redis.call('HINCRBY', KEYS[2], 'size', size)
end
redis.call('XADD', KEYS[1], 'MAXLEN', ARGV[3], id, 'f', number, 'd', ARGV[2])
return number
"""
CLAIM = """
local known = redis.call('HMGET', KEYS[1], 'job', 'status', 'last')
if not known[1] then return 'gone' end
if known[2] then return 'held' end
local got = redis.call('XCLAIM', KEYS[2], ARGV[1], ARGV[2], ARGV[3], known[1], 'JUSTID')
if #got == 0 then return 'held' end
return {redis.call('HINCRBY', KEYS[1], 'epoch', 1), tonumber(known[3])}
"""
RENEW = """
local job = redis.call('HGET', KEYS[1], 'job')
if not job then return 0 end
local held = redis.call('XPENDING', KEYS[2], ARGV[1], job, job, 1)
if #held == 0 or held[1][2] ~= ARGV[2] then return 0 end
redis.call('XCLAIM', KEYS[2], ARGV[1], ARGV[2], 0, job, 'JUSTID')
return 1
"""
RENEW_ALL = """
for _, held in ipairs(redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 10000)) do
  redis.call('XCLAIM', KEYS[1], ARGV[1], held[2], 0, held[1], 'JUSTID')
end
"""
ATTEND = """
local now = redis.call('TIME')
local now_ms = now[1] * 1000 + math.floor(now[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now_ms)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '(' .. now_ms + ARGV[2], '+inf')
redis.call('ZADD', KEYS[1], now_ms + ARGV[2], ARGV[1])
"""
# A time further ahead than a lease is from before the clock jumped back.
ATTENDING = """
local now = redis.call('TIME')
local now_ms = now[1] * 1000 + math.floor(now[2] / 1000)
return redis.call('ZRANGEBYSCORE', KEYS[1], now_ms, now_ms + ARGV[1])
"""
PUT = """
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
if redis.call('HSETNX', KEYS[2], ARGV[1], ARGV[2] .. '\\n' .. ARGV[3]) == 1 then
  redis.call('HINCRBY', KEYS[1], 'size', #ARGV[3])
end
return 1
"""
DELETE = """
local known = redis.call('HMGET', KEYS[1], 'job', 'owner')
if not known[1] then return 0 end
redis.call('XACK', KEYS[2], ARGV[1], known[1])
redis.call('XDEL', KEYS[2], known[1])
redis.call('ZREM', ARGV[3] .. known[2], ARGV[2])
redis.call('ZREM', KEYS[6], ARGV[2])
redis.call('DEL', KEYS[1], KEYS[3], KEYS[4], KEYS[5])
redis.call('XADD', KEYS[7], 'MAXLEN', '~', 1000, '*', 'run', ARGV[2])
return 1
"""
