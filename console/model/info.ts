/** INFO, and lines of `name=value`, as maps. */

/** The fields of all sections by their names. */
export function fieldsOf(info: string): Map<string, string> {
  const fields = new Map<string, string>()
  for (const line of info.split('\r\n')) {
    const colon = line.indexOf(':')
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1))
  }
  return fields
}

/** The fields of each section by its title, as `Persistence`. */
export function sectionsOf(info: string): Map<string, Map<string, string>> {
  const sections = new Map<string, Map<string, string>>()
  for (const part of info.split(/^# /m)) {
    const end = part.indexOf('\r\n')
    if (end > 0) sections.set(part.slice(0, end), fieldsOf(part.slice(end)))
  }
  return sections
}

/** `a=1 b=2`, as CLIENT LIST has it; a value may be empty. */
export function pairsOf(line: string): Map<string, string> {
  const pairs = new Map<string, string>()
  for (const part of line.split(' ')) {
    const equals = part.indexOf('=')
    if (equals > 0) pairs.set(part.slice(0, equals), part.slice(equals + 1))
  }
  return pairs
}

/** `a=1,b=2`, as fields of INFO have it. */
export function numbersOf(value: string): Map<string, number> {
  const numbers = new Map<string, number>()
  for (const part of value.split(',')) {
    const equals = part.indexOf('=')
    if (equals > 0) numbers.set(part.slice(0, equals), Number(part.slice(equals + 1)))
  }
  return numbers
}

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
