import { headers } from 'next/headers'
import { reachedUrl } from './reached.ts'
import { readStatus, type Status } from './status.ts'

export const dynamic = 'force-dynamic'

export default async function Page() {
  const status = readStatus()
  const { origin, hostname } = reachedUrl(await headers())
  return (
    <main>
      <header>
        <h1>zerodis</h1>
        <p className="up">
          <span className="dot" aria-hidden="true" />
          The store is up
        </p>
      </header>
      {status.hasToken ? null : (
        <p className="notice">
          REST answers 503 until a token is set: put <code>KV_REST_API_TOKEN</code> into the environment.
        </p>
      )}
      <Figures status={status} />
      <h2>Connect</h2>
      <p className="hint">The token is yours alone: it is in the environment of the server, not on this page.</p>
      <div className="snippets">
        {snippets(origin, hostname, status).map(({ name, note, code }) => (
          <section key={name}>
            <h3>
              {name} <span>{note}</span>
            </h3>
            <pre>{code}</pre>
          </section>
        ))}
      </div>
      <footer>
        Speaks as Redis {status.redisVersion}. What is stored lives in the memory of this process, and is gone with it.
      </footer>
    </main>
  )
}

function Figures({ status }: { status: Status }) {
  const figures: [string, string][] = [
    ['Version', status.version],
    ['Uptime', duration(status.uptimeSeconds)],
    ['Keys', status.keys.toLocaleString('en')],
    ['Memory', status.memory],
    ['Clients', status.clients.toLocaleString('en')],
    ['Commands', status.commands.toLocaleString('en')],
  ]
  return (
    <dl>
      {figures.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

interface Snippet {
  readonly name: string
  readonly note: string
  readonly code: string
}

function snippets(url: string, hostname: string, { respPort, needsPassword }: Status): Snippet[] {
  const login = needsPassword ? ':PASSWORD@' : ''
  const redisUrl = `redis://${login}${hostname}:${respPort}`
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
    { name: 'ioredis', note: 'RESP', code: `import Redis from 'ioredis'\n\nconst redis = new Redis('${redisUrl}')` },
    {
      name: 'node-redis',
      note: 'RESP',
      code: `import { createClient } from 'redis'\n\nconst redis = createClient({\n  url: '${redisUrl}',\n})\nawait redis.connect()`,
    },
    { name: 'redis-cli', note: 'RESP', code: `redis-cli -u ${redisUrl}` },
  ]
}

/** `3d 4h`, `12m 5s`. */
function duration(seconds: number): string {
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ]
  const first = parts.findIndex(([count]) => count > 0)
  const shown = first === -1 ? parts.slice(3) : parts.slice(first, first + 2)
  return shown.map(([count, unit]) => `${count}${unit}`).join(' ')
}
