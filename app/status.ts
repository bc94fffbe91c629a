/**
 * What the page shows of the store. The browser asks the route of REST for it, with the reader's token: on a host that makes a
 * function of each route the page is another process than the route, with another store, which is empty.
 */

const REST = '/api/redis'

export interface Status {
  readonly version: string
  readonly redisVersion: string
  readonly uptimeSeconds: number
  readonly keys: number
  readonly memory: string
  readonly clients: number
  readonly commands: number
  /** 0 where RESP is not served. */
  readonly respPort: number
}

/** Whether the store answers; this needs no token. */
export async function fetchHealth(): Promise<boolean> {
  const response = await fetch('/healthz', { cache: 'no-store' })
  await response.text() // a body that nobody reads keeps the request open
  return response.ok
}

/** @throws Error with what REST says: the token is wrong, none is set, the store is loading */
export async function fetchStatus(token: string): Promise<Status> {
  const response = await fetch(REST, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: '["INFO","everything"]',
    cache: 'no-store',
  })
  const { result, error } = (await response.json()) as { result?: string; error?: string }
  if (result === undefined) throw new Error(error ?? `REST answered ${response.status}`)
  return statusOf(result)
}

export function statusOf(info: string): Status {
  const fields = fieldsOf(info)
  let [keys, respPort] = [0, 0]
  for (const [name, value] of fields) {
    if (/^db\d+$/.test(name)) keys += Number(/keys=(\d+)/.exec(value)?.[1] ?? 0)
    if (/^listener\d+$/.test(name) && value.includes('name=tcp')) respPort = Number(/port=(\d+)/.exec(value)?.[1] ?? 0)
  }
  return {
    version: fields.get('zerodis_version') ?? '',
    redisVersion: fields.get('redis_version') ?? '',
    uptimeSeconds: Number(fields.get('uptime_in_seconds') ?? 0),
    keys,
    memory: fields.get('used_memory_human') ?? '',
    clients: Number(fields.get('connected_clients') ?? 0),
    commands: Number(fields.get('total_commands_processed') ?? 0),
    respPort,
  }
}

function fieldsOf(info: string): Map<string, string> {
  const fields = new Map<string, string>()
  for (const line of info.split('\r\n')) {
    const colon = line.indexOf(':')
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1))
  }
  return fields
}
