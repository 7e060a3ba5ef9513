/**
 * What the server does in one go. All keys of a stream share a hash tag, so that they live on one node of a cluster (Redis cluster specification,
 * "Hash tags"). Times are the server's own.
 */

/** KEYS: meta. ARGV: partitions, keepMs. Returns those that the stream has. */
export const OPEN = `
redis.call('HSETNX', KEYS[1], 'partitions', ARGV[1])
redis.call('HSETNX', KEYS[1], 'keep', ARGV[2])
return redis.call('HMGET', KEYS[1], 'partitions', 'keep')`

/**
 * KEYS: meta, partitions... ARGV: keepMs, then by entry: its partition from 1, places within the batch, lines. Entries of one batch bear its number.
 * What every group has done with and is older than keepMs is dropped: never what a group was not handed, or has not finished. By partition it is said
 * which entry was the last that was dropped, and how many were.
 */
export const APPEND = `
local batch = redis.call('HINCRBY', KEYS[1], 'batch', 1)
for i = 2, #ARGV, 3 do
  redis.call('XADD', KEYS[1 + tonumber(ARGV[i])], '*', 'batch', batch, 'places', ARGV[i + 1], 'lines', ARGV[i + 2])
end
if batch % 256 == 0 then
  local now = redis.call('TIME')
  local oldest = now[1] * 1000 + math.floor(now[2] / 1000) - tonumber(ARGV[1])
  local function before(a, b)
    local am, as = a:match('(%d+)-(%d+)')
    local bm, bs = b:match('(%d+)-(%d+)')
    am, bm, as, bs = tonumber(am), tonumber(bm), tonumber(as), tonumber(bs)
    return am < bm or (am == bm and as < bs)
  end
  for k = 2, #KEYS do
    if redis.call('EXISTS', KEYS[k]) == 1 then
      local floor = string.format('%.0f-0', math.max(0, oldest))
      for _, info in ipairs(redis.call('XINFO', 'GROUPS', KEYS[k])) do
        local group = {}
        for f = 1, #info, 2 do group[info[f]] = info[f + 1] end
        local need = group['last-delivered-id']
        if group['pending'] > 0 then need = redis.call('XPENDING', KEYS[k], group['name'])[2] end
        if before(need, floor) then floor = need end
      end
      -- Before 0-0 there is no id.
      local last = floor ~= '0-0' and redis.call('XREVRANGE', KEYS[k], '(' .. floor, '-', 'COUNT', 1)[1]
      if last then
        local partition = k - 2
        local count = redis.call('XTRIM', KEYS[k], 'MINID', floor)
        redis.call('HSET', KEYS[1], 'dropped:' .. partition, last[1])
        redis.call('HINCRBY', KEYS[1], 'drops:' .. partition, count)
      end
    end
  end
end
return batch`

/**
 * Share the partitions of a group among its living members, and say which are this one's. KEYS: members, then leases by partition. ARGV: me, time to
 * live in ms, since when I am here ("" at first), then partitions that I cannot give up now. A lease is held until its holder gives it up or is silent
 * for too long. Returns the time, how many partitions are those of members that have given no sign since I came, then my own.
 */
export const CLAIM = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local me, ttl = ARGV[1], tonumber(ARGV[2])
redis.call('ZADD', KEYS[1], now + ttl, me)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('PEXPIRE', KEYS[1], ttl * 4)
local members = redis.call('ZRANGE', KEYS[1], 0, -1)
table.sort(members)
local busy = {}
for i = 4, #ARGV do busy[tonumber(ARGV[i])] = true end
local since, silent = tonumber(ARGV[3]) or now, 0
local own = {}
for p = 0, #KEYS - 2 do
  local key = KEYS[p + 2]
  local share = members[p % #members + 1]
  local due = share == me
  local holder = redis.call('GET', key)
  if holder == me then
    if due or busy[p] then
      redis.call('PEXPIRE', key, ttl)
      own[#own + 1] = p
    else
      redis.call('DEL', key)
    end
  elseif not holder and due then
    redis.call('SET', key, me, 'PX', ttl)
    own[#own + 1] = p
  else
    local seen = redis.call('ZSCORE', KEYS[1], holder or share)
    if not seen or tonumber(seen) < since + ttl then silent = silent + 1 end
  end
end
return {now, silent, unpack(own)}`

/**
 * KEYS: leases, then partitions, as many. ARGV: me, group, count, then by partition from where to read: '>' for what is new, else the id behind
 * which unfinished entries are told again. Of a partition whose lease is not this member's: false; of one
 * that has nothing: the last id it has. Entries of a partition belong to one name, whoever
 * holds it, so that the next holder finds what the last one left.
 */
export const READ = `
local out = {}
local n = #KEYS / 2
for i = 1, n do
  if redis.call('GET', KEYS[i]) == ARGV[1] then
    local got = redis.call('XREADGROUP', 'GROUP', ARGV[2], 'holder', 'COUNT', ARGV[3], 'STREAMS', KEYS[n + i], ARGV[3 + i])
    out[i] = got and got[1][2] or {}
    if #out[i] == 0 then
      local last = redis.call('XREVRANGE', KEYS[n + i], '+', '-', 'COUNT', 1)
      out[i] = last[1] and last[1][1] or '0-0'
    end
  else
    out[i] = false
  end
end
return out`

/** KEYS: leases, then partitions. ARGV: me, group, then by partition how many ids and the ids. Returns how many entries were acknowledged. */
export const ACK = `
local n, at, count = #KEYS / 2, 3, 0
for i = 1, n do
  local ids = tonumber(ARGV[at])
  if redis.call('GET', KEYS[i]) == ARGV[1] then
    count = count + redis.call('XACK', KEYS[n + i], ARGV[2], unpack(ARGV, at + 1, at + ids))
  end
  at = at + 1 + ids
end
return count`

/** KEYS: members, then leases. ARGV: me. */
export const LEAVE = `
redis.call('ZREM', KEYS[1], ARGV[1])
for i = 2, #KEYS do
  if redis.call('GET', KEYS[i]) == ARGV[1] then redis.call('DEL', KEYS[i]) end
end
return 1`
