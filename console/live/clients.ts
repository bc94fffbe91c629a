/** The clients of a store, as CLIENT LIST tells them, and what each is about. */
import { durationText } from '../model/figures.ts'
import { pairsOf } from '../model/info.ts'
import { percentDecoded, shown } from '../wire/bytes.ts'
import { type Rest, RestError } from '../wire/rest.ts'

export type Client = ReadonlyMap<string, string>

/** Clients, with the keys that they wait for where the store tells them: zerodis does, Redis does not. @throws RestError */
export async function clientsOf(rest: Rest): Promise<Client[]> {
  const list = await rest.run('CLIENT', 'LIST', 'WITHKEYS').catch((error: unknown) => {
    if (error instanceof RestError && /syntax error/i.test(error.message)) return rest.run('CLIENT', 'LIST')
    throw error
  })
  return String(list)
    .split('\n')
    .filter((line) => line !== '')
    .map(pairsOf)
}

/** What a letter of the field `flags` says. */
const FLAGS: ReadonlyMap<string, string> = new Map([
  ['O', 'monitor'],
  ['M', 'master'],
  ['S', 'replica'],
  ['d', 'a watched key has changed'],
  ['e', 'never evicted'],
  ['r', 'reads from a replica'],
])

/** What a client does besides its commands: waits, subscribes, watches, tracks. */
export function stateOf(client: Client): string[] {
  const field = (name: string): string => client.get(name) ?? ''
  const counted = (name: string, one: string, many: string): string[] => {
    const count = Number(field(name))
    return count > 0 ? [`${count.toLocaleString('en')} ${count === 1 ? one : many}`] : []
  }
  const flags = field('flags')
  const said: string[] = []
  if (flags.includes('b')) said.push(waitOf(field('keys'), Number(field('idle'))))
  const subscriptions = [
    ...counted('sub', 'channel', 'channels'),
    ...counted('psub', 'pattern', 'patterns'),
    ...counted('ssub', 'shard channel', 'shard channels'),
  ]
  if (subscriptions.length > 0) said.push(`subscribes to ${subscriptions.join(', ')}`)
  if (flags.includes('x')) said.push(['transaction', ...counted('multi', 'command', 'commands')].join(' of '))
  const watched = counted('watch', 'key', 'keys')
  if (watched.length > 0) said.push(`watches ${watched[0]}`)
  if (flags.includes('t')) said.push(trackingOf(flags, Number(field('redir') || -1)))
  for (const flag of flags) if (FLAGS.has(flag)) said.push(FLAGS.get(flag)!)
  return said
}

function waitOf(keys: string, seconds: number): string {
  const names = keys.replace(/%\+$/, '').split(',')
  const list = names.map((name) => shown(percentDecoded(name))).join(', ')
  const what = keys === '' ? '' : ` for ${list}${keys.endsWith('%+') ? ' …' : ''}`
  return `waits${what}, since ${durationText(seconds)}`
}

function trackingOf(flags: string, redirect: number): string {
  const how = flags.includes('B') ? 'tracking by prefix' : 'tracking'
  if (flags.includes('R')) return `${how}, for a client that is gone`
  return redirect > 0 ? `${how}, for client ${redirect}` : how
}
