/**
 * Every snippet of README.md and of these pages runs, from the page's own text: those in TypeScript against the sources, in one process,
 * with a live server in the environment; what frameworks call is called as they do; curl and redis-cli talk to
 * that server; lines that start one are read by the command line's own parser; variables must be known.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { unknownVariables } from '../../lib/config/environment.ts'
import { parseArguments, startUp } from '../../lib/host/startup.ts'
import { createServer, type OpenDoors, type Server } from '../../lib/server.ts'
import { fileNamed, linesOf, programOf, root, type Snippet, snippetsOf } from './snippets.ts'

const PAGES: readonly string[] = [
  'README.md',
  'docs/index.md',
  ...[
    'bottleneck',
    'caching',
    'clients',
    'cluster',
    'docker',
    'json',
    'next',
    'persistence',
    'queues',
    'rate-limits',
    'realtime',
    'replication',
    'server',
    'sessions',
    'testing',
  ].map((name) => `docs/guides/${name}.md`),
  ...['errors', 'events', 'rest'].map((name) => `docs/reference/${name}.md`),
  'docs/internals/benchmarks.md',
]
/** Of the command line, besides starting a store: they have tests of their own. */
const COMMANDS: readonly string[] = ['check', 'cluster', 'commands', 'restore']
const TOKEN = 'secret-of-the-pages'
/** Values that the pages' programs check, at least; fewer mean that comments are no longer read as values. */
const CHECKS_MIN = 30

const snippets = PAGES.flatMap(snippetsOf)
const programs = snippets.filter(({ language }) => language === 'ts')
const folder = mkdtempSync(join(tmpdir(), 'pages-'))
const pathOf = ({ page, line }: Snippet) => join(folder, `${page.replaceAll('/', '-')}-${line}.mts`)

let server: Server
let doors: OpenDoors
beforeAll(async () => {
  server = createServer({ port: 0, 'http-port': 0, 'rest-token': TOKEN })
  doors = await server.listen({ port: 0, httpPort: 0 })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  const compilerOptions = {
    ...JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8')).compilerOptions,
    paths: { zerodis: [join(root, 'lib/index.ts')], 'zerodis/*': [join(root, 'lib/*.ts')] },
    typeRoots: [join(root, 'node_modules/@types')],
    incremental: false,
    noUnusedLocals: false,
    plugins: [],
  }
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, include: ['*.mts', '*.d.ts', join(root, 'lib/bottleneck/scripts.d.ts')] }),
  )
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  writeFileSync(
    join(folder, 'left.d.ts'),
    `declare function check(actual: unknown, expected: unknown, line: string): void
declare function sendMail(): Promise<void>
declare function work(): Promise<void>
declare const userId: string\n`,
  )
  for (const snippet of programs) writeFileSync(pathOf(snippet), programOf(snippet).code)
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

const environment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  NODE_ENV: 'test',
  TSX_TSCONFIG_PATH: join(folder, 'tsconfig.json'),
  KV_REST_API_URL: `http://127.0.0.1:${doors.httpPort}`,
  KV_REST_API_TOKEN: TOKEN,
  REDIS_URL: `redis://127.0.0.1:${doors.port}`,
})

/** A program's output; it may take a minute. */
function outputOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    const timer = setTimeout(() => child.kill('SIGKILL'), 60_000)
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => (output += data))
    child.once('error', reject)
    child.once('close', () => {
      clearTimeout(timer)
      resolve(output)
    })
  })
}

interface Outcome {
  readonly path: string
  readonly checks: number
  readonly failure?: string
}

describe('TypeScript', () => {
  test('has the right types', () => {
    const { stdout } = spawnSync(
      process.execPath,
      [join(root, 'node_modules/typescript/bin/tsc'), '--noEmit', '-p', folder],
      {
        encoding: 'utf8',
      },
    )
    expect(stdout).toBe('')
  }, 60_000)

  const pages = [...new Set(programs.map(({ page }) => page))]
  const filesOf = (page: string) =>
    programs.filter((snippet) => snippet.page === page && fileNamed(snippet) !== 'instrumentation').map(pathOf)
  let output = ''
  let outcomes: Outcome[] = []
  beforeAll(async () => {
    const program = join(root, 'tests/docs/program.ts')
    const files = pages.flatMap((page) => [...filesOf(page), '-'])
    const loader = join(root, 'node_modules/tsx/dist/esm/index.mjs')
    const child = spawn(process.execPath, ['--import', loader, program, ...files], { cwd: folder, env: environment() })
    output = await outputOf(child)
    const lines = output.split('\n').filter((line) => line.startsWith('{"path"'))
    outcomes = lines.map((line) => JSON.parse(line) as Outcome)
  }, 90_000)

  test.each(pages)('%s runs, and gives what it says', (page) => {
    const ours = outcomes.filter(({ path }) => filesOf(page).includes(path))
    expect(ours.filter(({ failure }) => failure !== undefined)).toEqual([])
    expect(
      ours.map(({ path }) => path),
      output,
    ).toEqual(filesOf(page))
  })

  test('checks values', () => {
    expect(outcomes.reduce((sum, { checks }) => sum + checks, 0)).toBeGreaterThanOrEqual(CHECKS_MIN)
  })
})

describe('shell', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  const lines = snippets
    .filter(({ language }) => language === 'sh')
    .flatMap((snippet) => linesOf(snippet).map((line) => [`${snippet.page}: ${line}`, line] as const))

  test.each(lines)('%s', async (_, line) => {
    const [program, ...words] = line.split(' ')
    if (program === 'curl' || program === 'redis-cli') {
      const here = line.replaceAll(':8079', `:${doors.httpPort}`).replace('-p 6379', `-e -p ${doors.port}`)
      const child = spawn('sh', ['-ec', program === 'curl' ? `${here} -sSf --max-time 20` : here], {
        env: environment(),
      })
      const output = await outputOf(child)
      expect([child.exitCode, output]).toEqual([
        0,
        expect.not.stringMatching(/^\(error\)|^(ERR|WRONGPASS|NOAUTH|NOPERM)|"error":/),
      ])
    } else if (program === 'npx') {
      expect(words[0]).toBe('zerodis')
      if (COMMANDS.includes(words[1])) return
      const argv = words.slice(1).filter((word) => !word.endsWith('.conf'))
      expect(startUp(parseArguments(argv), {}).config).toBeDefined()
    } else if (program === 'npm' && words[0] === 'run') {
      expect(Object.keys(scripts)).toContain(words[1])
    } else {
      // What installs is tried out by `npm run test:install`, the image's steps by their own test.
      expect(line).toMatch(
        /^npm (ci|pack \.\/dist)$|^npm (i|install) [\w./-]+( zerodis)?$|^(SRH_TOKEN=secret )?docker (build|run|compose) /,
      )
    }
  })
})

test('variables of the environment are known', () => {
  const named = snippets.filter(({ language }) => language === 'env').flatMap((snippet) => linesOf(snippet))
  expect(named.length).toBeGreaterThan(0)
  const variables = Object.fromEntries(named.map((line) => line.split(/=(.*)/s).slice(0, 2)))
  expect(unknownVariables(variables)).toEqual([])
  expect(
    Object.keys(variables).filter((name) => !/^(ZERODIS_\w+|KV_REST_API_(URL|TOKEN)|REDIS_URL)$/.test(name)),
  ).toEqual([])
})

test('every block says in which language it is, and none is left out', () => {
  const silent = snippets.filter(
    ({ language, text }) => !['ts', 'sh', 'env'].includes(language) && !/^data: /.test(text),
  )
  expect(silent.map(({ page, line }) => `${page}:${line}`)).toEqual([])
})
