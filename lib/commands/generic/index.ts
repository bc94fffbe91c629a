/** The commands on keys of any type. Handlers that many stores never run are loaded with the first call. */
import { type Command, type KeySpec, keyAt, lazyCommand } from '../command.ts'
import { container } from '../container.ts'
import { dump, restore } from './dump.ts'
import { expireCommands } from './expire.ts'
import { genericCommands } from './generic.ts'
import { objectHelp } from './help.ts'
import { migrate, migrateKeyPositions, redactMigrate } from './migrate.ts'
import { encoding, freq, idletime, refcount } from './object.ts'
import { scanCommands } from './scan.ts'
import { readsByPattern, sort, sortKeyPositions, sortRo } from './sort.ts'
import { wait, waitaof } from './wait.ts'

const PATTERN_KEYS: KeySpec = {
  notes:
    "For the optional BY/GET keyword. It is marked 'unknown' because the key names derive from the content of the key we sort",
  flags: 'RO access',
  begin: 'unknown',
  find: 'unknown',
}
const STORE_KEY: KeySpec = {
  notes:
    "For the optional STORE keyword. It is marked 'unknown' because the keyword can appear anywhere in the argument array",
  flags: 'OW update',
  begin: 'unknown',
  find: 'unknown',
}
const CATEGORIES = '@set @sortedset @list @dangerous @-keyspace'

const KEYS_SPEC = {
  flags: 'RW access delete incomplete',
  begin: { keyword: 'KEYS', startFrom: -2 },
  find: { lastKey: -1, step: 1, limit: 0 },
} as const

export const genericGroup: readonly Command[] = [
  ...genericCommands,
  ...expireCommands,
  ...scanCommands,
  lazyCommand(
    'sort',
    'generic',
    -2,
    `write denyoom movablekeys ${CATEGORIES}`,
    [keyAt(1, 'RO access'), PATTERN_KEYS, STORE_KEY],
    () => sort,
    { keyPositions: (argv) => sortKeyPositions(argv), tellsKeys: (argv) => readsByPattern(argv) },
  ),
  lazyCommand(
    'sort_ro',
    'generic',
    -2,
    `readonly movablekeys ${CATEGORIES}`,
    [keyAt(1, 'RO access'), PATTERN_KEYS],
    () => sortRo,
    { keyPositions: () => [1], tellsKeys: (argv) => readsByPattern(argv) },
  ),
  container(
    'object',
    'generic',
    '@-keyspace',
    [
      lazyCommand('encoding', 'generic', 3, 'readonly', [keyAt(2, 'RO')], () => encoding),
      lazyCommand('freq', 'generic', 3, 'readonly', [keyAt(2, 'RO')], () => freq),
      lazyCommand('idletime', 'generic', 3, 'readonly', [keyAt(2, 'RO')], () => idletime),
      lazyCommand('refcount', 'generic', 3, 'readonly', [keyAt(2, 'RO')], () => refcount),
    ],
    () => objectHelp,
  ),
  lazyCommand('dump', 'generic', 2, 'readonly', [keyAt(1, 'RO access')], () => dump),
  lazyCommand('restore', 'generic', -4, 'write denyoom @dangerous', [keyAt(1, 'OW update')], () => restore),
  lazyCommand(
    'restore-asking',
    'server',
    -4,
    'write denyoom asking @keyspace @dangerous',
    [keyAt(1, 'OW update')],
    () => restore,
  ),
  lazyCommand(
    'migrate',
    'generic',
    -6,
    'write movablekeys @dangerous',
    [keyAt(3, 'RW access delete'), KEYS_SPEC],
    () => migrate,
    {
      keyPositions: (argv) => migrateKeyPositions(argv),
      redact: (argv) => redactMigrate(argv),
      onOpenSlots: true,
    },
  ),
  lazyCommand('wait', 'generic', 3, 'blocking @connection @-keyspace', [], () => wait),
  lazyCommand('waitaof', 'generic', 4, 'blocking @connection @-keyspace', [], () => waitaof),
]
