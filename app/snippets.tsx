/** How each client is connected, with the addresses under which this store is reached. */

interface Place {
  readonly url: string
  readonly hostname: string
  /** 0 where RESP is not served, or nobody has told. */
  readonly respPort: number
}

/** Where requirepass is set, its clients say it, too. */
const RESP = 'RESP; with a password: redis://:PASSWORD@…'

export function Snippets(place: Place) {
  return (
    <div className="snippets">
      {snippets(place).map(({ name, note, code }) => (
        <section key={name}>
          <h3>
            {name} <span>{note}</span>
          </h3>
          <pre>{code}</pre>
        </section>
      ))}
    </div>
  )
}

interface Snippet {
  readonly name: string
  readonly note: string
  readonly code: string
}

function snippets({ url, hostname, respPort }: Place): Snippet[] {
  const redisUrl = `redis://${hostname}:${respPort}`
  const rest: Snippet[] = [
    {
      name: '@upstash/redis',
      note: 'REST',
      code: `import { Redis } from '@upstash/redis'\n\nconst redis = new Redis({\n  url: '${url}',\n  token: process.env.KV_REST_API_TOKEN,\n})\nawait redis.set('key', { any: 'value' }, { ex: 60 })`,
    },
    {
      name: '@vercel/kv',
      note: 'REST',
      code: `# .env.local\nKV_REST_API_URL=${url}\nKV_REST_API_TOKEN=…\n\nimport { kv } from '@vercel/kv'\nawait kv.incr('visits')`,
    },
    {
      name: 'curl',
      note: 'REST',
      code: `curl ${url}/set/key/value \\\n  -H "Authorization: Bearer $KV_REST_API_TOKEN"`,
    },
    {
      name: 'zerodis',
      note: 'in this process',
      code: `import { createRedis, execute } from 'zerodis'\n\nconst redis = createRedis()\nawait redis.get('key')\nexecute('GET', 'key')`,
    },
  ]
  if (respPort === 0) return rest
  return [
    ...rest,
    { name: 'ioredis', note: RESP, code: `import Redis from 'ioredis'\n\nconst redis = new Redis('${redisUrl}')` },
    {
      name: 'node-redis',
      note: RESP,
      code: `import { createClient } from 'redis'\n\nconst redis = createClient({\n  url: '${redisUrl}',\n})\nawait redis.connect()`,
    },
    { name: 'redis-cli', note: RESP, code: `redis-cli -u ${redisUrl}` },
  ]
}
