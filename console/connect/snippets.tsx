/** How each client is connected, with the addresses under which this store is reached. */
import { CopyButton } from '../parts/buttons.tsx'
import type { Place } from '../parts/store.tsx'

interface SnippetsProps {
  readonly place: Place
  /** 0 where RESP is not served, or nobody has told. */
  readonly respPort: number
  /** Put into the snippets where it is to be seen. */
  readonly token?: string | undefined
}

/** Where requirepass is set, its clients say it, too. */
const RESP = 'RESP; with a password: redis://:PASSWORD@…'

export function Snippets(props: SnippetsProps) {
  return (
    <div className="snippets">
      {snippets(props).map(({ name, note, code }) => (
        <section key={name}>
          <header>
            <h3>{name}</h3>
            <span>{note}</span>
            <CopyButton text={code} label={`Copy the lines for ${name}`} />
          </header>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is to be reached by the keyboard */}
          <pre tabIndex={0}>{code}</pre>
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

function snippets({ place: { url, hostname }, respPort, token }: SnippetsProps): Snippet[] {
  const redisUrl = `redis://${hostname}:${respPort}`
  const rest: Snippet[] = [
    {
      name: '.env.local',
      note: 'for the two below',
      code: `KV_REST_API_URL=${url}\nKV_REST_API_TOKEN=${token ?? '…'}\nUPSTASH_REDIS_REST_URL=${url}\nUPSTASH_REDIS_REST_TOKEN=${token ?? '…'}`,
    },
    {
      name: '@upstash/redis',
      note: 'REST',
      code: `import { Redis } from '@upstash/redis'\n\nconst redis = Redis.fromEnv()\nawait redis.set('key', { any: 'value' }, { ex: 60 })`,
    },
    { name: '@vercel/kv', note: 'REST', code: `import { kv } from '@vercel/kv'\n\nawait kv.incr('visits')` },
    {
      name: 'curl',
      note: 'REST',
      code: `curl ${url}/set/key/value \\\n  -H "Authorization: Bearer ${token ?? '$KV_REST_API_TOKEN'}"`,
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
