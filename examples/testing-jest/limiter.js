/** A rate limit that all processes share: so many calls in a window of time, which slides. */
const SCRIPT = `
  local t = redis.call('TIME')
  local now = t[1] * 1000 + math.floor(t[2] / 1000)
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
  if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[1]) then return 0 end
  redis.call('ZADD', KEYS[1], now, t[1] .. t[2] .. redis.call('INCR', KEYS[1] .. ':n'))
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  redis.call('PEXPIRE', KEYS[1] .. ':n', ARGV[2])
  return 1`

class Limiter {
  constructor(redis, { limit, windowMs }) {
    this.redis = redis
    this.limit = limit
    this.windowMs = windowMs
  }

  /** Whether a call may go on. Where Redis cannot say, it may. */
  async allows(who) {
    try {
      return (await this.redis.eval(SCRIPT, 1, `limit:${who}`, this.limit, this.windowMs)) === 1
    } catch {
      return true
    }
  }
}

module.exports = { Limiter }
