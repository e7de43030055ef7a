/**
 * Writes a document if it still is of this version; an empty one: if there is none. What is there
 * already was written by the same command, which a driver has sent a second time.
 */
export const WRITE = `local old = redis.call('HGET', KEYS[1], ARGV[1])
if old == ARGV[3] then return 1 end
if ARGV[2] == '' then
  if old then return 0 end
elseif not old or string.sub(old, 1, #ARGV[2] + 1) ~= ARGV[2] .. ':' then
  return 0
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1`;

/** Takes a lease, or renews it for its holder. */
export const LEASE = `local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`;

/** Gives a lease back, if it is the holder's. */
export const RELEASE = `if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`;
