/**
 * The words of a line of the command table: flags and ACL categories, in Redis's own words, compiled to bits. Categories follow from
 * group and flags, but for what a line says of them.
 */

/** The groups of Redis's documentation; also the ACL category of a command, under the names in GROUP_CATEGORY. */
export type Group =
  | 'string'
  | 'generic'
  | 'connection'
  | 'server'
  | 'list'
  | 'hash'
  | 'set'
  | 'sorted_set'
  | 'stream'
  | 'bitmap'
  | 'hyperloglog'
  | 'geo'
  | 'pubsub'
  | 'transactions'
  | 'scripting'
  | 'cluster'
  | 'array'
  | 'json'

/** Command flags, in the order in which COMMAND INFO lists them. The last ones are internal and not listed. */
export const FLAG_NAMES = [
  'write',
  'readonly',
  'denyoom',
  'module',
  'admin',
  'pubsub',
  'noscript',
  'blocking',
  'loading',
  'stale',
  'skip_monitor',
  'skip_slowlog',
  'asking',
  'fast',
  'no_auth',
  'no_async_loading',
  'no_multi',
  'no_mandatory_keys',
  'allow_busy',
  'script_runner',
  'movablekeys',
  'may_replicate', // may change something, though it is not flagged as a write
  'subscriber', // may run in RESP2's subscriber mode
  'now', // runs at once even inside MULTI
  'exec', // refusing it discards the transaction
  'leaves_multi', // ends a transaction without running it
  'arbitrary_keys', // what it does to keys is not one change: it comes upon them
  'brief', // cannot take long, though Redis does not call it fast
  'shows_disk', // refused while writes are for want of a disk, so that whoever watches the server sees it
  'runs_others', // what it reads and writes, the commands say that it runs
  'own_store', // refused where keys are shared with other processes, which would not learn of what it does
] as const
export type FlagName = (typeof FLAG_NAMES)[number]

const bit = (name: FlagName): number => 1 << FLAG_NAMES.indexOf(name)

export const Flag = {
  Write: bit('write'),
  ReadOnly: bit('readonly'),
  DenyOom: bit('denyoom'),
  Module: bit('module'),
  Admin: bit('admin'),
  PubSub: bit('pubsub'),
  NoScript: bit('noscript'),
  Blocking: bit('blocking'),
  Loading: bit('loading'),
  Stale: bit('stale'),
  SkipMonitor: bit('skip_monitor'),
  SkipSlowlog: bit('skip_slowlog'),
  Asking: bit('asking'),
  Fast: bit('fast'),
  NoAuth: bit('no_auth'),
  MayReplicate: bit('may_replicate'),
  NoAsyncLoading: bit('no_async_loading'),
  NoMulti: bit('no_multi'),
  NoMandatoryKeys: bit('no_mandatory_keys'),
  AllowBusy: bit('allow_busy'),
  MovableKeys: bit('movablekeys'),
  Subscriber: bit('subscriber'),
  Now: bit('now'),
  Exec: bit('exec'),
  LeavesMulti: bit('leaves_multi'),
  ArbitraryKeys: bit('arbitrary_keys'),
  Brief: bit('brief'),
  ShowsDisk: bit('shows_disk'),
  RunsOthers: bit('runs_others'),
  OwnStore: bit('own_store'),
} as const

/** ACL categories, in the order in which ACL CAT lists them. */
export const CATEGORY_NAMES = [
  'keyspace',
  'read',
  'write',
  'set',
  'sortedset',
  'list',
  'hash',
  'string',
  'bitmap',
  'hyperloglog',
  'geo',
  'stream',
  'pubsub',
  'admin',
  'fast',
  'slow',
  'blocking',
  'dangerous',
  'connection',
  'transaction',
  'scripting',
  'array',
  'json',
] as const

const GROUP_CATEGORY: Partial<Record<Group, (typeof CATEGORY_NAMES)[number]>> = {
  string: 'string',
  generic: 'keyspace',
  connection: 'connection',
  list: 'list',
  hash: 'hash',
  set: 'set',
  sorted_set: 'sortedset',
  stream: 'stream',
  bitmap: 'bitmap',
  hyperloglog: 'hyperloglog',
  geo: 'geo',
  pubsub: 'pubsub',
  transactions: 'transaction',
  scripting: 'scripting',
  array: 'array',
  json: 'json',
}

/** What the words of a line say in its group. Most is known when somebody asks for it: the table is made at every start. */
export class Words {
  readonly #group: Group
  readonly #list: readonly string[]
  /** OR of Flag bits. */
  readonly flags: number
  #categories: readonly string[] | undefined

  constructor(group: Group, words: string) {
    this.#group = group
    this.#list = words.split(' ')
    let flags = 0
    for (let i = 0; i < this.#list.length; i++) flags |= flagBit(this.#list[i])
    this.flags = flags
  }

  /** Names of ACL categories, in the order of CATEGORY_NAMES. */
  get categories(): readonly string[] {
    return (this.#categories ??= categoriesOf(this.#group, this.flags, this.#list))
  }
}

/** Many lines have the same. */
const READ_WORDS = new Map<Group, Map<string, Words>>()

export function readWords(group: Group, words: string): Words {
  let ofGroup = READ_WORDS.get(group)
  if (ofGroup === undefined) READ_WORDS.set(group, (ofGroup = new Map()))
  let read = ofGroup.get(words)
  if (read === undefined) ofGroup.set(words, (read = new Words(group, words)))
  return read
}

function flagBit(word: string): number {
  if (word === '' || word[0] === '@') return 0
  const index = FLAG_NAMES.indexOf(word as FlagName)
  if (index === -1) throw new Error(`unknown command flag '${word}'`)
  return 1 << index
}

function categoriesOf(group: Group, flags: number, words: readonly string[]): string[] {
  const has = new Set<string>()
  const own = GROUP_CATEGORY[group]
  if (own !== undefined) has.add(own)
  if (flags & Flag.Write) has.add('write')
  if (flags & Flag.ReadOnly && own !== 'scripting') has.add('read')
  if (flags & Flag.Admin) has.add('admin').add('dangerous')
  if (flags & Flag.PubSub) has.add('pubsub')
  if (flags & Flag.Blocking) has.add('blocking')
  has.add(flags & Flag.Fast ? 'fast' : 'slow')
  for (const word of words) {
    if (word.startsWith('@-')) has.delete(word.slice(2))
    else if (word[0] === '@') has.add(word.slice(1))
  }
  return CATEGORY_NAMES.filter((name) => has.has(name))
}
