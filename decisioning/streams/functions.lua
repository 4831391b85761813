#!lua name=signpost_VERSION
-- What must happen in Redis as one step. Every key comes in KEYS and the keys of one call share a slot (Redis Cluster).
-- VERSION stands for a digest of this very text (functions.py puts it in), so that two releases of Signpost never call each other's functions.

local NEVER = '0-0'

-- Whether stream id a comes after b.
local function after(a, b)
  local a_ms, a_seq = a:match('^(%d+)-(%d+)$')
  local b_ms, b_seq = b:match('^(%d+)-(%d+)$')
  if a_ms == b_ms then return tonumber(a_seq) > tonumber(b_seq) end
  return tonumber(a_ms) > tonumber(b_ms)
end

local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- The counters of a stream, or nil where it does not exist.
local function stream(key)
  if redis.call('EXISTS', key) == 0 then return nil end
  local flat, info = redis.call('XINFO', 'STREAM', key), {}
  for i = 1, #flat, 2 do info[flat[i]] = flat[i + 1] end
  return info
end

-- What one batch comes to, all of it or nothing. KEYS fence, offset, stats, dead, late, outbox, timers, consents, then the
-- keys of the states.
-- ARGV from `place` on, each list after its length: states ('' removes the state and its timer), (state key, when it is due) of timers,
-- (counter, by how much), messages, words about consent, (entry id, entry, reason) for each entry set aside, the same for each that came
-- too late.
-- `exact` sets each timer, and removes it where due is ''; else a timer is only ever moved to an earlier time.
local function write(keys, args, place, exact)
  local function following()
    place = place + 1
    return args[place - 1]
  end
  for i = 1, tonumber(following()) do
    local key, state = keys[8 + i], following()
    if state == '' then
      redis.call('DEL', key)
      redis.call('ZREM', keys[7], key)
    else
      redis.call('SET', key, state)
    end
  end
  for _ = 1, tonumber(following()) do
    local key = following()
    local due = following()
    if due == '' then
      redis.call('ZREM', keys[7], key)
    elseif exact then
      redis.call('ZADD', keys[7], due, key)
    else
      redis.call('ZADD', keys[7], 'LT', due, key)
    end
  end
  for _ = 1, tonumber(following()) do
    local name = following()
    redis.call('HINCRBY', keys[3], name, following())
  end
  for _ = 1, tonumber(following()) do redis.call('XADD', keys[6], '*', 'e', following()) end
  for _ = 1, tonumber(following()) do redis.call('XADD', keys[8], '*', 'w', following()) end
  for _, kept in ipairs({keys[4], keys[5]}) do
    for _ = 1, tonumber(following()) do
      local id = following()
      local entry = following()
      redis.call('XADD', kept, '*', 'id', id, 'e', entry, 'reason', following())
    end
  end
end

-- KEYS as of `write`    ARGV fence, offset this batch was read from, its new offset, entries consumed so far, then as of `write`
-- Returns {'ok', offset}, {'fence', offset} from an owner that is none any more, {'offset', offset} where the batch is not the next one.
local function apply(keys, args)
  local offset = redis.call('GET', keys[2]) or NEVER
  if redis.call('GET', keys[1]) ~= args[1] then return {'fence', offset} end
  if offset ~= args[2] or not after(args[3], offset) then return {'offset', offset} end
  write(keys, args, 5, false)
  redis.call('HSET', keys[3], 'position', args[4], 'last_applied_ms', now_ms())
  redis.call('SET', keys[2], args[3])
  return {'ok', args[3]}
end

-- KEYS as of `write`    ARGV fence, offset up to which events are in the states this was made of, then as of `write`
-- For what happens without an event: timers. The offset stays where it is. Returns what `apply` does.
local function settle(keys, args)
  local offset = redis.call('GET', keys[2]) or NEVER
  if redis.call('GET', keys[1]) ~= args[1] then return {'fence', offset} end
  if offset ~= args[2] then return {'offset', offset} end
  write(keys, args, 3, true)
  return {'ok', offset}
end

-- KEYS state, caps of the session, caps of the user; events and offset where the log is in Redis    ARGV most entries
-- Returns {state, both caps, the entries of the partition that are not in any state yet}: together they are all that was accepted until now.
local function read(keys, args)
  local unread = {}
  local waiting = keys[4] and redis.call('XRANGE', keys[4], '(' .. (redis.call('GET', keys[5]) or NEVER), '+', 'COUNT', args[1]) or {}
  for _, entry in ipairs(waiting) do unread[#unread + 1] = entry[2][2] end
  return {redis.call('GET', keys[1]), redis.call('HGETALL', keys[2]), redis.call('HGETALL', keys[3]), unread}
end

-- In the hash of a session a rule's value is "<times won> <time of the last win>"; wins before `since` don't count.
local function in_session(value, since)
  local times, at = (value or ''):match('^(%d+) (%S+)$')
  if not times or tonumber(at) < since then return 0 end
  return tonumber(times)
end

-- In the hash of a user a cap's value is "<time of the last win> <period> <times won> <period> <times won> ...", the period won in last first.
-- Several, since it is not the same day everywhere and requests overtake each other: one that overwrote the other's count would free it.
local PERIODS = 4

-- The wins of the period with these added, and all periods as text.
local function in_period(value, period, times)
  local others, n = '', 1
  for other, count in (value or ''):gmatch(' (%S+) (%d+)') do
    if other == period then
      times = times + count
    elseif n < PERIODS then
      others, n = others .. ' ' .. other .. ' ' .. count, n + 1
    end
  end
  return times, ' ' .. period .. ' ' .. times .. others
end

-- How long a user's count can matter after the last win, in days: days and weeks end up to 26 hours apart on earth.
local DAYS = {day = 3, week = 9, action = 400, user = 400}
local MANY = 128

-- Takes what can't matter any more out of a user's hash, so that the rules of years don't gather in it.
local function prune(key, seconds)
  local flat = redis.call('HGETALL', key)
  for i = 1, #flat, 2 do
    local days, last = DAYS[flat[i]:match('^(%l+):')], tonumber(flat[i + 1]:match('^(%d+) '))
    if not days or not last or seconds - last > days * 86400 then redis.call('HDEL', key, flat[i]) end
  end
end

-- KEYS caps of the session, caps of the user, decisions
-- ARGV time of this decision, time before which wins in the session don't count,
--      number of counts, (kind of cap, rule, period, times won, limit) for each, the decision records
-- Returns the rules whose cap is used up; then nothing was written. Else counts all wins and appends all records.
local function decide(keys, args)
  local last, since, writes, refused = 3 + 5 * tonumber(args[3]), tonumber(args[2]), {}, {}
  local seconds = math.floor(now_ms() / 1000)
  for i = 4, last, 5 do
    local kind, rule, times, total, value = args[i], args[i + 1], tonumber(args[i + 3])
    if kind == 'session' then
      total = in_session(redis.call('HGET', keys[1], rule), since) + times
      writes[#writes + 1] = {keys[1], rule, string.format('%d %s', total, args[1])}
    else
      local field = kind .. ':' .. rule
      total, value = in_period(redis.call('HGET', keys[2], field), args[i + 2], times)
      writes[#writes + 1] = {keys[2], field, string.format('%d%s', seconds, value)}
    end
    if total > tonumber(args[i + 4]) then refused[#refused + 1] = rule end
  end
  if #refused > 0 then return refused end
  local new = 0
  for _, write in ipairs(writes) do new = new + redis.call('HSET', write[1], write[2], write[3]) end
  if last > 3 then
    redis.call('EXPIRE', keys[1], 86400)
    redis.call('EXPIRE', keys[2], DAYS.user * 86400)
    if new > 0 and redis.call('HLEN', keys[2]) > MANY then prune(keys[2], seconds) end
  end
  for i = last + 1, #args do redis.call('XADD', keys[3], '*', 'd', args[i]) end
  return refused
end

-- KEYS lease, fence, offset, stats, and events where the log is in Redis
-- ARGV worker, milliseconds; 'forced' where somebody else (Kafka's group) says whose the partition is: the lease then only shows it
-- Returns {fence, offset, entries consumed so far} to the new owner, nothing where the partition has another one.
local function take(keys, args)
  local owner = redis.call('GET', keys[1])
  if args[3] == 'forced' then
    redis.call('SET', keys[1], args[1])
  else
    if owner and owner ~= args[1] then return false end
    redis.call('SET', keys[1], args[1], 'PX', args[2])
  end
  local fence = redis.call('INCR', keys[2])
  local offset = redis.call('GET', keys[3]) or NEVER
  if not keys[5] then return {fence, offset, tonumber(redis.call('HGET', keys[4], 'position') or '0')} end
  local info = stream(keys[5])
  if offset ~= NEVER and (info == nil or after(offset, info['last-generated-id'])) then
    -- The stream was lost and began anew, maybe under a clock that is behind: ids must go on above the offset or nobody would read them.
    redis.call('XDEL', keys[5], redis.call('XADD', keys[5], offset, 'e', ''))
    redis.call('HSET', keys[4], 'position', 1 + (info and info['entries-added'] or 0))
  end
  return {fence, offset, tonumber(redis.call('HGET', keys[4], 'position') or '0')}
end

-- KEYS fence, offset, stats    ARGV fence, offset, the other offset, counter, how much is counted
-- Goes on at another offset than the next, because the log lacks what should come there. Nothing to a stale owner.
local function jump(keys, args)
  if redis.call('GET', keys[1]) ~= args[1] or (redis.call('GET', keys[2]) or NEVER) ~= args[2] then return false end
  redis.call('SET', keys[2], args[3])
  redis.call('HINCRBY', keys[3], args[4], args[5])
  return 1
end

-- KEYS fence, offset, stats, events    ARGV fence, oldest id to keep
-- Removes applied entries, never others. Counts as lost what was gone from the stream before it was read. Returns {entries consumed so far,
-- which is exact again then, entries lost since the last time}; nothing to a stale owner.
local function trim(keys, args)
  local info = stream(keys[4])
  if redis.call('GET', keys[1]) ~= args[1] or not info then return false end
  local offset, keep = redis.call('GET', keys[2]) or NEVER, args[2]
  if after(keep, offset) then keep = offset end
  redis.call('XTRIM', keys[4], 'MINID', '~', keep)
  local position, lost = tonumber(redis.call('HGET', keys[3], 'position') or '0'), 0
  if offset == info['last-generated-id'] then
    lost = math.max(0, info['entries-added'] - position)
    if lost > 0 then redis.call('HINCRBY', keys[3], 'lost', lost) end
    position = info['entries-added']
    redis.call('HSET', keys[3], 'position', position)
  end
  return {position, lost}
end

-- KEYS what was set aside, stats    ARGV counter, entry id    Returns 1, or 0 where somebody else removed it before.
local function remove(keys, args)
  if redis.call('XDEL', keys[1], args[2]) == 0 then return 0 end
  redis.call('HINCRBY', keys[2], args[1], 1)
  return 1
end

-- KEYS lease, fence    ARGV worker, fence, milliseconds    Returns 1 while the worker owns the partition under that fence.
local function renew(keys, args)
  if redis.call('GET', keys[1]) ~= args[1] or redis.call('GET', keys[2]) ~= args[2] then return 0 end
  return redis.call('PEXPIRE', keys[1], args[3])
end

-- KEYS lease    ARGV worker
local function release(keys, args)
  if redis.call('GET', keys[1]) ~= args[1] then return 0 end
  return redis.call('DEL', keys[1])
end

local HOUR_MS, HOURS_KEPT = 3600000, 24 * 400

-- KEYS events, received    ARGV entries
-- An entry's id is '<milliseconds>-<n>' where n counts all entries of the partition: whoever misses a number knows what is gone.
local function append(keys, args)
  local ms, number = now_ms(), redis.call('HINCRBY', keys[2], 'total', #args) - #args
  local function add(i) return redis.pcall('XADD', keys[1], string.format('%.0f-%.0f', ms, number + i), 'e', args[i]) end
  local first = add(1)
  if type(first) == 'table' and first.err then
    -- The clock went back, or the stream began anew above its offset: go on from its last id.
    local info = stream(keys[1])
    local last_ms, last_number = ((info and info['last-generated-id']) or NEVER):match('^(%d+)-(%d+)$')
    ms, number = math.max(ms, tonumber(last_ms)), math.max(number, tonumber(last_number))
    redis.call('HSET', keys[2], 'total', number + #args)
    first = add(1)
    if type(first) == 'table' and first.err then return first end
  end
  for i = 2, #args do
    local added = add(i)
    if type(added) == 'table' and added.err then return added end
  end
  local hour = math.floor(ms / HOUR_MS)
  if redis.call('HINCRBY', keys[2], hour, #args) == #args then redis.call('HDEL', keys[2], hour - HOURS_KEPT) end
  return number + #args
end

-- KEYS what was set aside, stats, events, received; or in place of the last two: decisions    ARGV entry id, content
-- Puts what was set aside at the end of where it came from. Returns what `remove` does.
local function redrive(keys, args)
  if #redis.call('XRANGE', keys[1], args[1], args[1]) == 0 then return 0 end
  if keys[4] then
    local added = append({keys[3], keys[4]}, {args[2]})
    if type(added) == 'table' then return added end
  else
    redis.call('XADD', keys[3], '*', 'd', args[2])
  end
  return remove(keys, {'redriven', args[1]})
end

-- KEYS workers, limits of workers    ARGV worker, milliseconds, the most partitions it takes ('' for as many as there are)
-- Says "I live" and returns the name and the limit of each that does, in order of name.
local function beat(keys, args)
  local now = now_ms()
  for _, dead in ipairs(redis.call('ZRANGE', keys[1], '-inf', now, 'BYSCORE')) do
    redis.call('ZREM', keys[1], dead)
    redis.call('HDEL', keys[2], dead)
  end
  redis.call('ZADD', keys[1], now + args[2], args[1])
  redis.call('HSET', keys[2], args[1], args[3])
  local workers, told = redis.call('ZRANGE', keys[1], 0, -1), {}
  table.sort(workers)
  for _, worker in ipairs(workers) do
    told[#told + 1] = worker
    told[#told + 1] = redis.call('HGET', keys[2], worker) or ''
  end
  return told
end

-- KEYS events, offset, stats    Returns {entries behind the offset, milliseconds the first of them has waited, offset, last id}.
local function lag(keys)
  local offset, info = redis.call('GET', keys[2]) or NEVER, stream(keys[1])
  local last = info and info['last-generated-id'] or NEVER
  local unread = info and redis.call('XRANGE', keys[1], '(' .. offset, '+', 'COUNT', 1)[1]
  if not unread then return {0, 0, offset, last} end
  -- Entries ever added less those ever consumed: no need to count them. Where that can't be (the stream was lost, or entries were
  -- deleted unread) they are counted, up to 10,000.
  local behind = info['entries-added'] - tonumber(redis.call('HGET', keys[3], 'position') or '0')
  if behind < 1 or behind > info['length'] then
    behind = #redis.call('XRANGE', keys[1], '(' .. offset, '+', 'COUNT', 10000)
  end
  return {behind, math.max(0, now_ms() - tonumber(unread[1]:match('^%d+'))), offset, last}
end

-- Owners go on when memory is full: applying is what lets the log be trimmed and memory be freed. Decisions do not.
redis.register_function{function_name = 'signpost_apply_VERSION', callback = apply, flags = {'allow-oom'}}
redis.register_function{function_name = 'signpost_settle_VERSION', callback = settle, flags = {'allow-oom'}}
redis.register_function{function_name = 'signpost_decide_VERSION', callback = decide}
redis.register_function{function_name = 'signpost_append_VERSION', callback = append}
redis.register_function{function_name = 'signpost_take_VERSION', callback = take, flags = {'allow-oom'}}
redis.register_function{function_name = 'signpost_jump_VERSION', callback = jump, flags = {'allow-oom'}}
redis.register_function{function_name = 'signpost_trim_VERSION', callback = trim, flags = {'allow-oom'}}
redis.register_function{function_name = 'signpost_remove_VERSION', callback = remove, flags = {'allow-oom'}}
redis.register_function{function_name = 'signpost_redrive_VERSION', callback = redrive}
redis.register_function{function_name = 'signpost_renew_VERSION', callback = renew, flags = {'allow-oom'}}
redis.register_function{function_name = 'signpost_release_VERSION', callback = release, flags = {'allow-oom'}}
redis.register_function{function_name = 'signpost_beat_VERSION', callback = beat, flags = {'allow-oom'}}
redis.register_function{function_name = 'signpost_read_VERSION', callback = read, flags = {'no-writes'}}
redis.register_function{function_name = 'signpost_lag_VERSION', callback = lag, flags = {'no-writes'}}
