/**
 * The layers of the house (docs/architecture.md), read off the imports of every file. A file imports from its own folder
 * or from a lower layer; folders of one layer do not know each other. The core below layer 5 runs where Node's modules do
 * not exist. What a breach needs is another place for the code, not another line here.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, test } from 'vitest'
import { LAZY } from '../packaging/entries.ts'

/** Folders of lib/, and for files that stand in lib/ itself, their names. */
const LAYERS: Record<string, number> = {
  base: 0,
  config: 0,
  cluster: 1,
  keyspace: 1,
  memory: 1,
  protocol: 1,
  pubsub: 2,
  session: 2,
  commands: 3,
  engine: 4,
  console: 6,
  journal: 5,
  observability: 5,
  peers: 5,
  persistence: 5,
  replication: 5,
  scripting: 5,
  stores: 5,
  upstream: 5,
  transports: 6,
  bottleneck: 7,
  durable: 7,
  host: 7,
  server: 7,
  testing: 7,
  // What users import or run.
  'bottleneck.ts': 8,
  'cli.ts': 8,
  'cloudflare.ts': 8,
  'global-setup.ts': 8,
  'index.ts': 8,
  'ioredis.ts': 8,
  'jest.ts': 8,
  'next.ts': 8,
  'node.ts': 8,
  'server.ts': 8,
  'testing.ts': 8,
  'vitest.ts': 8,
}

/** Folders that may be used by one of their own layer. */
const SIBLINGS: readonly string[] = [
  'config -> base',
  // Values are worked on there.
  'keyspace -> memory',
  // A file of effects begins with a snapshot.
  'journal -> persistence',
  // A snapshot is what a replica is sent, and the stream of effects.
  'replication -> persistence',
  'replication -> journal',
  // What prints metrics, and what reaches another server, is somebody else's package.
  'observability -> peers',
  'upstream -> peers',
  'stores -> peers',
  // A log of effects, and snapshots of what it came to.
  'stores -> journal',
  'stores -> persistence',
  'durable -> server',
  'host -> server',
  'testing -> server',
]

/** Rooms of a folder, from the lowest up; '' is the folder itself. */
const ROOMS_OF: Record<string, readonly string[]> = {
  persistence: ['format', 'values', 'snapshot', 'files', ''],
  stores: ['log', 'copy', 'sqlite', 'object', 'remote', 'postgres', 'libsql', ''],
}

/** Circles that a type closes: two nouns that are nothing without each other. */
const TYPE_CIRCLES: readonly (readonly string[])[] = [
  ['commands/command.ts', 'commands/table.ts'],
  ['engine/engine.ts', 'engine/frame.ts', 'engine/guards.ts'],
  ['keyspace/db.ts', 'keyspace/keyspace.ts'],
  ['keyspace/value.ts', 'keyspace/values/string.ts', 'keyspace/weight.ts'],
  ['session/acl.ts', 'session/clientmemory.ts', 'session/ports.ts'],
  ['session/clients.ts', 'session/session.ts', 'session/tracking.ts'],
]

/** Folders of lib/commands/: the groups of COMMAND DOCS. */
const GROUPS: readonly string[] = [
  ...[
    'array',
    'bitmap',
    'cluster',
    'connection',
    'generic',
    'geo',
    'hash',
    'hyperloglog',
    'json',
    'list',
    'pubsub',
    'scripting',
  ],
  ...['server', 'set', 'sorted-set', 'stream', 'string', 'transactions'],
]
/** Groups whose type Redis builds on another's. */
const BUILT_ON: readonly string[] = ['geo -> sorted-set']
/** What puts the groups together. */
const ASSEMBLIES: readonly string[] = ['commands/index.ts', 'commands/docs.ts']

/** Lowest layer that may use Node's modules. */
const NODE_FROM = 5
/** Below it, Buffer is for those who stand at the edge of bytes. */
const MAY_USE_BUFFER = /^(base\/bytes\.ts|protocol\/)/

/** The words of time themselves; clients; who owns the process; and a test's own clock. */
const MAY_USE_TIMERS =
  /^(base\/(clock|runtime)\.ts|bottleneck\/|transports\/connector\.ts|ioredis\.ts|host\/|testing\/)/

const LINES_MAX = 500
/** Tables of data: long because there is much to say, not because they do much. */
const TABLES = /^(commands\/.*\/docs\.ts|config\/directives\.ts)/

const root = join(import.meta.dirname, '..')

interface SourceFile {
  /** From lib/ for its files, else from the root. */
  readonly path: string
  readonly text: string
  readonly imports: readonly string[]
}

function filesIn(folder: string, name: RegExp): string[] {
  let entries: string[]
  try {
    entries = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
  } catch {
    return []
  }
  return entries.filter((path) => name.test(path)).map((path) => path.replaceAll('\\', '/'))
}

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\b[^'"`;]*?\bfrom\s*'([^']+)'|\bimport\s*\(\s*'([^']+)'|(?:^|\n)import\s+'([^']+)'/g

function read(folder: string, path: string): SourceFile {
  const text = readFileSync(join(root, folder, path), 'utf8')
  const imports = [...text.matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? match[3])
  return { path, text, imports }
}

const lib = filesIn('lib', /\.tsx?$/).map((path) => read('lib', path))
const app = filesIn('app', /\.tsx?$/).map((path) => read('app', path))
const byPath = new Map(lib.map((file) => [file.path, file]))

/** The console's parts, which run in a browser: rooms of console/ in the order in which they build on each other. */
const browser = filesIn('console', /\.tsx?$/).map((path) => read('console', path))
const ROOMS: readonly string[] = ['wire', 'model', 'parts']
/** Packages that the page is made of; each is paid for at the first load. */
const PAGE_PACKAGES: readonly string[] = ['react', 'react-dom/client']
/** Those that come when something is looked at that needs them: `import()` alone leads to them, or to the file that imports them. */
const LATE_PACKAGES: readonly string[] = ['brotli/decompress', 'zod/mini']

/** Whether a file of the console comes by `import()` alone. */
function isLate(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const asked = browser.filter(({ text }) => text.includes(`import('./${name}')`))
  return asked.length > 0 && !browser.some(({ text }) => new RegExp(`from '[^']*/${name}'`).test(text))
}

const commands = lib.filter(({ path }) => path.startsWith('commands/'))
/** The folder of lib/commands/ in which a file stands; '' for what groups share. */
const group = (path: string): string => (path.split('/').length > 2 ? path.split('/')[1] : '')

/** The folder of lib/ in which a file stands; a file of lib/ itself is a place of its own. */
const place = (path: string): string => path.split('/')[0]
const layer = (path: string): number | undefined => LAYERS[place(path)]

/** How far up the room of a file is in its folder; -1 where it is not listed, undefined where the folder has no order. */
const roomOf = (path: string): number | undefined =>
  ROOMS_OF[place(path)]?.indexOf(path.split('/').slice(1, -1).join('/'))

/** A relative import as a path from lib/; undefined for a package. */
function target(file: SourceFile, specifier: string): string | undefined {
  return specifier.startsWith('.') ? normalize(join(dirname(file.path), specifier)).replaceAll('\\', '/') : undefined
}

function breachOf(from: string, to: string): string | undefined {
  const [a, b] = [layer(from), layer(to)]
  if (a === undefined || b === undefined || place(from) === place(to)) return undefined
  const sameFolder = !from.includes('/') && !to.includes('/')
  if (b < a || (b === a && (sameFolder || SIBLINGS.includes(`${place(from)} -> ${place(to)}`)))) return undefined
  return `${from} (layer ${a}) imports ${to} (layer ${b})`
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '')
}

describe('architecture', () => {
  test('what the package loads lazily is there (packaging/entries.ts)', () => {
    expect(
      Object.values(LAZY)
        .flat()
        .filter((path) => !existsSync(path)),
    ).toEqual([])
  })

  test('every file of lib/ has a place in the layers', () => {
    expect(lib.map((file) => file.path).filter((path) => layer(path) === undefined)).toEqual([])
  })

  test('a file imports only from its own folder or from a lower layer', () => {
    const breaches = lib.flatMap((file) =>
      file.imports.flatMap((specifier) => {
        const to = target(file, specifier)
        return to === undefined ? [] : (breachOf(file.path, to) ?? [])
      }),
    )
    expect(breaches).toEqual([])
  })

  test('a room of a folder knows only those below it', () => {
    const breaches = lib.flatMap((file) =>
      file.imports.flatMap((specifier) => {
        const [from, to] = [roomOf(file.path), target(file, specifier)]
        if (from === undefined || to === undefined || place(to) !== place(file.path)) return []
        return from >= roomOf(to)! ? [] : [`${file.path} imports ${to}`]
      }),
    )
    expect(lib.map(({ path }) => path).filter((path) => roomOf(path) === -1)).toEqual([])
    expect(breaches).toEqual([])
  })

  test('nothing in lib/ imports from outside of lib/', () => {
    const breaches = lib.flatMap((file) =>
      file.imports.filter((specifier) => target(file, specifier)?.startsWith('..')).map((to) => `${file.path}: ${to}`),
    )
    expect(breaches).toEqual([])
  })

  test('the core knows nothing of Node: its modules only from layer 5 up, Buffer only at the edge of bytes', () => {
    const core = lib.filter((file) => (layer(file.path) ?? 0) < NODE_FROM)
    const modules = core.flatMap((file) =>
      file.imports
        .filter((specifier) => specifier.startsWith('node:'))
        .map((specifier) => `${file.path}: ${specifier}`),
    )
    const buffers = core
      .filter(
        (file) => !MAY_USE_BUFFER.test(file.path) && /(?<![.\w])(Buffer|process)\.\w/.test(withoutComments(file.text)),
      )
      .map((file) => `${file.path}: Buffer or process`)
    expect([...modules, ...buffers]).toEqual([])
  })

  test('fake timers move what base/clock.ts says, and nothing else: the rest asks there or base/runtime.ts', () => {
    const ofTheClock = /(?<![.\w#])(setTimeout|setInterval|setImmediate|performance\.now|process\.hrtime)\b/
    const breaches = lib
      .filter(({ path }) => !MAY_USE_TIMERS.test(path))
      .filter(({ text }) => ofTheClock.test(withoutComments(text).replace(/'[^'\n]*'/g, '')))
      .map(({ path }) => path)
    expect(breaches).toEqual([])
  })

  test('the core has no dependency', () => {
    const packages = lib
      .filter((file) => (layer(file.path) ?? 0) < NODE_FROM)
      .flatMap((file) => file.imports.filter((to) => !/^(\.|node:)/.test(to)).map((to) => `${file.path}: ${to}`))
    expect(packages.filter((breach) => !breach.endsWith(': zod'))).toEqual([])
  })

  test('app/ and instrumentation.ts reach the store through lib/server.ts, lib/next.ts and lib/bottleneck.ts only', () => {
    const outside = [...app, ...(existsSync(join(root, 'instrumentation.ts')) ? [read('.', 'instrumentation.ts')] : [])]
    const breaches = outside.flatMap((file) =>
      file.imports
        .filter((specifier) => /(^|\/)lib\/|^zerodis/.test(specifier))
        .filter((specifier) => !/lib\/(server|next|bottleneck)(\.ts)?$|^zerodis\/next$/.test(specifier))
        .map((specifier) => `${file.path}: ${specifier}`),
    )
    expect(breaches).toEqual([])
  })

  test('console/ runs in a browser: it knows REST alone, and stands on React and nothing else', () => {
    const breaches = browser.flatMap((file) =>
      file.imports
        .filter((specifier) =>
          specifier.startsWith('.')
            ? target(file, specifier)!.startsWith('..')
            : !PAGE_PACKAGES.includes(specifier) &&
              !(LATE_PACKAGES.includes(specifier) && (isLate(file.path) || !file.text.includes(`from '${specifier}'`))),
        )
        .map((specifier) => `console/${file.path}: ${specifier}`),
    )
    expect(breaches).toEqual([])
  })

  test('console/: wire below model below parts below the pages, which know each other by their root alone', () => {
    const room = (path: string): number => {
      const index = ROOMS.indexOf(place(path))
      return index === -1 ? (path.includes('/') ? ROOMS.length : ROOMS.length + 1) : index
    }
    const breaches = browser.flatMap((file) =>
      file.imports.flatMap((specifier) => {
        const to = target(file, specifier)
        if (to === undefined || place(to) === place(file.path) || room(to) < room(file.path)) return []
        return !file.path.includes('/') && !to.includes('/') ? [] : [`console/${file.path}: ${to}`]
      }),
    )
    expect(breaches).toEqual([])
  })

  test('no file imports itself by way of others', () => {
    expect(circles(valueImports)).toEqual([])
  })

  test('a type ties a file to itself by way of others in few places, all of them known', () => {
    expect(circles(imports)).toEqual(TYPE_CIRCLES)
  })

  test('a group of commands uses its own folder, what groups share, and groups on which Redis builds its type', () => {
    const breaches = commands.flatMap(({ path, imports }) =>
      imports.flatMap((specifier) => {
        const to = normalize(join(dirname(path), specifier))
        const [from, other] = [group(path), group(to)]
        if (!specifier.startsWith('.') || !to.startsWith('commands/') || other === '' || from === other) return []
        return ASSEMBLIES.includes(path) || BUILT_ON.includes(`${from} -> ${other}`) ? [] : [`${path}: ${to}`]
      }),
    )
    expect(breaches).toEqual([])
  })

  test('every group of commands has a name of Redis and its documentation beside it', () => {
    const groups = [...new Set(commands.map(({ path }) => group(path)).filter((name) => name !== ''))].sort()
    expect(groups).toEqual(GROUPS)
    expect(groups.filter((name) => !byPath.has(`commands/${name}/docs.ts`))).toEqual([])
  })

  test(`no file has more than ${LINES_MAX} lines, tables of data excepted`, () => {
    const long = [...lib, ...browser]
      .filter((file) => !TABLES.test(file.path))
      .map((file) => ({ path: file.path, lines: file.text.split('\n').length - 1 }))
      .filter(({ lines }) => lines > LINES_MAX)
    expect(long).toEqual([])
  })

  test('no promise is left alone: `void` hides one that may reject, so whoever waits for none says who is told', () => {
    const hidden = lib.flatMap(({ path, text }) =>
      withoutComments(text)
        .split('\n')
        .filter(
          (line) =>
            /(^|=>|[;){]|\belse)\s*void\s+(?!this\.used\b|engine\.execute\()[a-zA-Z(]/.test(line) &&
            !/\)\s*(:|=>)\s*void\b/.test(line),
        )
        .map((line) => `${path}: ${line.trim()}`),
    )
    expect(hidden).toEqual([])
  })

  test('every file begins by saying what it owns', () => {
    expect([...lib, ...browser].filter((file) => !/^(#!.*\n)?\/\*\*/.test(file.text)).map((file) => file.path)).toEqual(
      [],
    )
  })
})

/** The files that import each other in a circle, each circle as its sorted paths. Tarjan's strongly connected components. */
function circles(edges: (path: string) => readonly string[]): string[][] {
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const found: string[][] = []
  const visit = (path: string): void => {
    index.set(path, index.size)
    low.set(path, index.get(path)!)
    stack.push(path)
    for (const to of edges(path)) {
      if (!index.has(to)) visit(to)
      if (stack.includes(to)) low.set(path, Math.min(low.get(path)!, low.get(to)!))
    }
    if (low.get(path) !== index.get(path)) return
    const circle = stack.splice(stack.indexOf(path))
    if (circle.length > 1) found.push(circle.sort())
  }
  for (const { path } of lib) if (!index.has(path)) visit(path)
  return found.sort()
}

/** What a file imports of others, types too. */
function imports(path: string): string[] {
  const file = byPath.get(path)!
  return file.imports
    .map((specifier) => target(file, specifier))
    .filter((to) => to !== undefined && byPath.has(to)) as string[]
}

/** What a file imports of others at run time: types vanish, so they close no circle. */
function valueImports(path: string): string[] {
  const file = byPath.get(path)
  if (file === undefined) return []
  const statements = file.text.matchAll(/(?:^|\n)(?:import|export)\b(?!\s+type\b)([^'"`;]*?)\bfrom\s*'([^']+)'/g)
  return [...statements]
    .filter(([, names]) => !/^\s*\{(\s*type\s[^,}]+,?)+\s*\}\s*$/.test(names))
    .map(([, , specifier]) => target(file, specifier))
    .filter((to) => to !== undefined && byPath.has(to)) as string[]
}
