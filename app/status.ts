/** What the page shows of the store: figures of INFO, and where clients reach it. Nothing of it is secret. */
import { getServer } from '../lib/server.ts'

export interface Status {
  readonly version: string
  readonly redisVersion: string
  readonly uptimeSeconds: number
  readonly keys: number
  readonly memory: string
  readonly clients: number
  readonly commands: number
  /** False where REST answers 503 for want of a token. */
  readonly hasToken: boolean
  /** 0 where RESP is not served. */
  readonly respPort: number
  readonly needsPassword: boolean
}

export function readStatus(): Status {
  const server = getServer()
  const door = server.inProcess()
  const info = fieldsOf(String(door.execute('INFO', 'everything')))
  door.close()
  const { values } = server.config
  let keys = 0
  for (const [name, value] of info) if (/^db\d+$/.test(name)) keys += Number(/keys=(\d+)/.exec(value)?.[1] ?? 0)
  return {
    version: info.get('zerodis_version') ?? '',
    redisVersion: info.get('redis_version') ?? '',
    uptimeSeconds: Number(info.get('uptime_in_seconds') ?? 0),
    keys,
    memory: info.get('used_memory_human') ?? '',
    clients: server.clientCount,
    commands: Number(info.get('total_commands_processed') ?? 0),
    hasToken: values['rest-token'] !== '',
    respPort: server.doors.port,
    needsPassword: values.requirepass !== '',
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
