/**
 * What npm would publish: built, packed, installed into an empty folder without a network, imported, required and
 * type-checked. `npm run test:install` does the same with a registry, and with other package managers.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { KERNELS_BINARY } from '../../lib/memory/binary.ts'
import { COMMONJS_ENTRIES, dist, ENTRIES, LAZY } from '../../packaging/entries.ts'
import { installPackage, readManifest, run } from '../runtimes/application.ts'
import { Child, root } from './child.ts'

const folder = mkdtempSync(join(tmpdir(), 'package-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** What a file of LAZY is loaded for, by its name: code that is given a store. */
const FIRST_USES: Readonly<Record<string, string>> = {
  access: "(store) => store.fetch(new Request('http://x/ping'))",
  acl: "(store) => store.execute('ACL', 'WHOAMI')",
  administration: "(store) => store.execute('CONFIG', 'GET', 'save')",
  array: "(store) => store.execute('ARLEN', 'a')",
  'array-ere': "(store) => { store.execute('ARSET', 'a', 0, 'x'); store.execute('ARGREP', 'a', 0, 1, 'RE', 'x+') }",
  backup: "(store) => store.execute('BACKUP', 'STATUS')",
  bitmap: "(store) => store.execute('GETBIT', 'b', 1)",
  calls: "(store) => store.inProcess().request({ body: ['PING'] })",
  client: "(store) => store.execute('CLIENT', 'LIST')",
  connection: "(store) => store.execute('ECHO', 'x')",
  console: "(store) => store.fetchConsole(new Request('http://x/console/'))",
  debug: "(store) => store.execute('DEBUG', 'SLEEP', 0)",
  diagnostics: "(store) => store.execute('CONFIG', 'SET', 'diagnostics-channel', 'yes')",
  disk: "(store) => { try { store.execute('SAVE') } catch {} }",
  dump: "(store) => store.execute('DUMP', 'd')",
  errors: "(store) => { try { store.execute('INCR', 'n', 1) } catch {} }",
  geo: "(store) => store.execute('GEOPOS', 'g', 'm')",
  guards: "(store) => { const door = store.inProcess(); door.execute('MULTI'); door.execute('GET', 'k') }",
  hash: "(store) => store.execute('HGET', 'h', 'f')",
  help: "(store) => store.execute('OBJECT', 'HELP')",
  hotkeys: "(store) => store.execute('HOTKEYS', 'GET')",
  http: "(store) => store.fetch(new Request('http://x/ping'))",
  hyperloglog: "(store) => store.execute('PFCOUNT', 'p')",
  info: "(store) => store.execute('INFO')",
  input: "(store) => { store.execute('SET', 'd', 'v'); store.execute('DUMP', 'd') }",
  introspection: "(store) => store.execute('COMMAND', 'COUNT')",
  json: "(store) => store.execute('JSON.SET', 'j', '$', '1')",
  'json-parse': "(store) => store.execute('JSON.SET', 'j', '$', '1')",
  jsonpath: "(store) => store.execute('JSON.SET', 'j', '$', '1')",
  latency: "(store) => store.execute('LATENCY', 'LATEST')",
  lcs: "(store) => store.execute('LCS', 'a', 'b')",
  list: "(store) => store.execute('LLEN', 'l')",
  lolwut: "(store) => store.execute('LOLWUT')",
  longdouble: "(store) => store.execute('INCRBYFLOAT', 'f', '0.5')",
  permission: "(store) => store.execute('COMMAND', 'GETKEYS', 'GET', 'k')",
  pubsub: "(store) => store.execute('PUBSUB', 'NUMPAT')",
  replication: "(store) => store.execute('ROLE')",
  scripting: "(store) => store.execute('EVAL', 'return 1', 0)",
  scripts: "(store) => store.execute('SCRIPT', 'EXISTS', 'x')",
  set: "(store) => store.execute('SCARD', 's')",
  shutdown: '(store) => store.engine.ports.process.prepareToEnd({ save: false, now: true, force: true })',
  snapshot: "(store) => { store.execute('SET', 'd', 'v'); store.execute('DUMP', 'd') }",
  sort: "(store) => store.execute('SORT', 'l')",
  'sorted-set': "(store) => store.execute('ZCARD', 'z')",
  stream: "(store) => store.execute('XLEN', 'x')",
  strings: "(store) => store.execute('STRLEN', 'k')",
  tracing: "(store) => store.execute('CONFIG', 'SET', 'opentelemetry', 'yes').catch(() => {})",
  transactions: "(store) => store.inProcess().execute('UNWATCH')",
  xxh3: "(store) => { store.execute('SET', 'd', 'v'); store.execute('DIGEST', 'd') }",
}

beforeAll(() => installPackage(folder, ['bottleneck']), 240_000)

describe('the package', () => {
  test('brings neither Next nor anything else that its code does not import', () => {
    const { dependencies: own } = readManifest(join(folder, 'node_modules/zerodis'))
    expect(Object.keys(own ?? {})).toEqual(['@upstash/redis', 'ws'])
  })

  test('every entry can be imported, and all of them share one store', async () => {
    writeFileSync(
      join(folder, 'app.js'),
      `import { createRedis, execute, getServer } from 'zerodis'
       import { getServer as same } from 'zerodis/server'
       import { createRoute } from 'zerodis/next'
       import { connector } from 'zerodis/ioredis'
       import { InProcessConnection } from 'zerodis/bottleneck'
       import Bottleneck from 'bottleneck'
       connector('ws://x')
       const redis = createRedis()
       await redis.set('k', { a: 1 })
       console.log(await redis.get('k'), execute('STRLEN', 'k'), getServer() === same())
       const { GET } = createRoute()
       const url = 'http://x/api/redis/get/k?_token=t'
       const response = await GET(new Request(url), { params: Promise.resolve({ path: ['get', 'k'] }) })
       console.log(response.status, await response.text())
       const connection = new InProcessConnection()
       const limiter = new Bottleneck({ id: 'app', connection, maxConcurrent: 1 })
       console.log(await limiter.schedule(async () => 'limited'), execute('HGET', 'b_app_settings', 'maxConcurrent'))
       await connection.disconnect()`,
    )
    const app = new Child(process.execPath, ['app.js'], { cwd: folder, env: { KV_REST_API_TOKEN: 't' } })
    expect(await app.ended).toBe(0)
    expect(app.output).toBe('{ a: 1 } 7 true\n200 {"result":"{\\"a\\":1}"}\nlimited 1\n')
  })

  test('every entry but those of Vitest and Cloudflare can be required, and shares the store of those that are imported', async () => {
    // What extends Jest is for Jest to load.
    const names = COMMONJS_ENTRIES.filter((name) => name !== 'jest')
    expect(ENTRIES.filter((name) => !COMMONJS_ENTRIES.includes(name))).toEqual(['cloudflare', 'vitest'])
    writeFileSync(
      join(folder, 'app.cjs'),
      `const entries = ${JSON.stringify(names)}.map((name) => [name, require(name === 'index' ? 'zerodis' : 'zerodis/' + name)])
       for (const [name, entry] of entries) console.log(name, Object.keys(entry).length > 0)
       const { execute, createRedis } = require('zerodis')
       import('zerodis').then(async (imported) => {
         imported.execute('SET', 'k', 'v')
         console.log(execute('GET', 'k'), await createRedis().get('k'), execute('EVAL', 'return 7', 0))
         const { CommandError } = await import('zerodis/server')
         console.log(CommandError === require('zerodis').CommandError, imported.CommandError === CommandError)
         const { createTestServer } = require('zerodis/testing')
         await (await createTestServer()).close()
       })`,
    )
    const app = new Child(process.execPath, ['app.cjs'], { cwd: folder })
    expect(await app.ended, app.output).toBe(0)
    expect(app.output).toBe(`${names.map((name) => `${name} true\n`).join('')}v v 7\ntrue true\n`)
  })

  test('what extends a runner of tests names the line that installs it, where it is not there', async () => {
    writeFileSync(
      join(folder, 'peers.cjs'),
      `try { require('zerodis/jest') } catch ({ message }) { console.log(message) }
       import('zerodis/jest').catch(({ message }) => console.log(message))
         .then(() => import('zerodis/vitest')).catch(({ message }) => console.log(message))`,
    )
    const app = new Child(process.execPath, ['peers.cjs'], { cwd: folder })
    expect(await app.ended, app.output).toBe(0)
    const jest = 'zerodis/jest needs jest-environment-node: npm i -D jest-environment-node\n'
    expect(app.output).toBe(`${jest}${jest}zerodis/vitest needs vitest: npm i -D vitest\n`)
  })

  test('says which package an upstream needs, and ends', async () => {
    const cli = join(folder, 'node_modules/zerodis/cli.js')
    const server = new Child(process.execPath, [cli, '--upstream', 'redis://127.0.0.1:1', '--port', '0'], {
      cwd: folder,
    })
    expect(await server.ended, server.output).toBe(1)
    expect(server.output).toContain('Fatal: ERR upstream redis://127.0.0.1:1 needs the package ioredis')
  })

  test('loads no more than it needs', () => {
    writeFileSync(
      join(folder, 'lazy.cjs'),
      `const lines = [] // to print is to load
       const loaded = () => lines.push(Object.keys(require.cache).map((path) => path.split('/zerodis/')[1]).filter(Boolean)
         .concat(process.moduleLoadList.filter((name) => /^NativeModule (crypto|net|http|tls|zlib|os|stream|v8)$/.test(name))).join())
       const store = require('zerodis/server').createServer()
       loaded()
       store.execute('SET', 'k', 'v')
       loaded()
       store.execute('EVAL', 'return 7', 0)
       loaded()
       console.log(lines.join('\\n'))`,
    )
    const [imported, used, scripted] = run(process.execPath, ['lazy.cjs'], folder).split('\n')
    expect(imported).toBe('server.js,lib/core.js')
    expect(used).toBe(imported)
    expect(scripted).toContain('lib/scripting.js')
    expect(scripted).toContain('zlib')
  })

  describe('loads late', () => {
    let loaded: Record<string, unknown>
    beforeAll(() => {
      const uses = Object.entries(FIRST_USES).map(([name, use]) => `${JSON.stringify(name)}: ${use}`)
      writeFileSync(
        join(folder, 'first.cjs'),
        `const uses = {${uses.join(', ')}}
         const lines = ['SET k v', 'GET k', 'INCR n', 'EXPIRE k 100', 'DEL k', 'PING', 'SCAN 0']
         const firstUse = async (name) => {
           for (const path of Object.keys(require.cache)) delete require.cache[path] // what follows is loaded anew
           const isLoaded = () => Object.keys(require.cache).some((path) => path.endsWith('/lib/' + name + '.js'))
           const store = require('zerodis/server').createServer({ 'enable-debug-command': 'yes' })
           for (const line of lines) store.execute(...line.split(' '))
           const before = isLoaded()
           await uses[name](store)
           const after = isLoaded()
           await store.close()
           return [before, after]
         }
         const all = {}
         ;(async () => {
           for (const name in uses) all[name] = await firstUse(name).catch((error) => error.stack)
           console.log(JSON.stringify(all))
         })()`,
      )
      loaded = JSON.parse(run(process.execPath, ['first.cjs'], folder))
    })

    test.each(Object.keys(FIRST_USES))('lib/%s.js, when it is first used', (name) => {
      expect(loaded[name]).toEqual([false, true])
    })
  })

  test('every file that is loaded late is one that the test before it knows', () => {
    // They need more than a line: another server, a connection, a file.
    const others = [
      ...[
        'cluster',
        'configfile',
        'doors',
        'environment',
        'journal',
        'memory',
        'remotestore',
        'replica',
        'store',
        'tcp',
        'upstream',
      ],
      ...['websocket', 'websocketjson'],
    ]
    expect([...Object.keys(FIRST_USES), ...others].sort()).toEqual(Object.keys(LAZY).sort())
  })

  test.each(['esm', 'cjs'] as const)('can be bundled into one file, as %s', async (format) => {
    writeFileSync(
      join(folder, 'bundled.js'),
      `import { createRedis, execute, executeBuffer, getServer } from 'zerodis'
       import { createRoute } from 'zerodis/next'
       const run = async () => {
         await createRedis().set('k', 'v')
         execute('RESTORE', 'copy', 0, executeBuffer('EVAL', "return redis.call('DUMP', 'k')", 0))
         const { port } = await getServer().listen({ port: 0, httpPort: 0 })
         const docs = await execute('COMMAND', 'DOCS', 'get')
         console.log(execute('GET', 'k'), port > 0, docs.length, typeof createRoute().GET)
         await getServer().close()
       }
       run()`,
    )
    const outfile = join(folder, `bundled.${format === 'esm' ? 'mjs' : 'cjs'}`)
    const entryPoints = [join(folder, 'bundled.js')]
    await build({ entryPoints, outfile, bundle: true, minify: true, platform: 'node', format, logLevel: 'silent' })
    expect(run(process.execPath, [outfile], dirname(root))).toBe('v true 2 function\n')
  })

  test('has the command zerodis', () => {
    expect(run(join(folder, 'node_modules/.bin/zerodis'), ['--version'], folder)).toMatch(/^Redis server v=/)
  })

  test.each(['nodenext', 'bundler'])('has types, under moduleResolution %s', (moduleResolution) => {
    writeFileSync(
      join(folder, 'types.ts'),
      `import { createRedis, createServer, type Server } from 'zerodis'
       import { createRoute, handleWebSocket } from 'zerodis/next'
       import { connector } from 'zerodis/ioredis'
       import { InProcessConnection, RestConnection } from 'zerodis/bottleneck'
       import Bottleneck from 'bottleneck'
       new Bottleneck({ connection: new RestConnection({ url: 'http://x', token: 't' }) })
       new Bottleneck.Group({ connection: new InProcessConnection({ server: createServer() }) })
       // @ts-expect-error a token is needed
       new RestConnection({ url: 'http://x' })
       const server: Server = createServer({ maxmemory: '100mb', port: 0 })
       // @ts-expect-error no such directive
       createServer({ maxmemroy: '100mb' })
       // @ts-expect-error no such policy
       createServer({ 'maxmemory-policy': 'lru' })
       // @ts-expect-error neither yes nor no
       createServer({ appendonly: 'maybe' })
       createServer({ appendonly: true, 'maxmemory-policy': 'allkeys-lru', save: [3600, 1], databases: '4' })
       const text: string | null = await createRedis({ server }).get<string>('k')
       const response: Promise<Response> = server.fetch(new Request('http://x'))
       console.log(text, response, createRoute().GET, handleWebSocket, connector('ws://x'))`,
    )
    const compilerOptions = {
      strict: true,
      noEmit: true,
      target: 'es2022',
      lib: ['es2023', 'dom', 'dom.iterable'],
      module: moduleResolution === 'bundler' ? 'esnext' : 'nodenext',
      moduleResolution,
      types: ['node'],
      typeRoots: [join(root, 'node_modules/@types')],
    }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['types.ts'] }))
    run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', '.'], folder)
  })

  test('describes options where an editor shows them: directives in the words of the table', () => {
    const declared = readFileSync(join(dist, 'types/config/directives.d.ts'), 'utf8')
    expect(declared).toContain('/** TCP port of RESP; 0: none. Default 6379. */\n port: Directive<number>')
    const undescribed = declared.match(/(?<!\*\/\n) '?[a-z-]+'?: Directive</g)
    expect(undescribed).toBe(null)
  })

  test('declares types that fit its code, for import and for require', () => {
    // A module that cannot be required is told as such.
    const flags = ['--profile', 'node16', '--ignore-rules', 'cjs-resolves-to-esm', '--format', 'ascii']
    run(process.execPath, [bin('@arethetypeswrong/cli'), '--pack', dist, ...flags], folder)
  }, 60_000)

  test('has types where a TypeScript that knows no exports looks for them', () => {
    const { typesVersions } = JSON.parse(readFileSync(join(dist, 'package.json'), 'utf8'))
    const entries = COMMONJS_ENTRIES.filter((name) => name !== 'index')
    expect(Object.keys(typesVersions['*'])).toEqual(entries)
    for (const name of entries) expect(existsSync(join(dist, typesVersions['*'][name][0]))).toBe(true)
  })

  test('is laid out as Node, bundlers and npm expect', () => {
    run(process.execPath, [bin('publint'), 'run', dist, '--strict'], folder)
  })

  test('is small: packed, and installed with what it depends on; kernels, console and Cloudflare are counted for themselves', () => {
    const [{ size }] = JSON.parse(run('npm', ['pack', '--dry-run', '--json', dist], folder)) as { size: number }[]
    const ofConsole = readdirSync(join(dist, 'console')).map(
      (name) => gzipSync(readFileSync(join(dist, 'console', name))).length,
    )
    const consoleBytes = ofConsole.reduce((sum, length) => sum + length, 0)
    expect(consoleBytes).toBeLessThanOrEqual(250 * 1024)
    const ofWorker = readdirSync(dist, { recursive: true, encoding: 'utf8' })
      .filter((path) => path === 'cloudflare.mjs' || path.endsWith('.wasm'))
      .map((path) => gzipSync(readFileSync(join(dist, path))).length)
    const workerBytes = ofWorker.reduce((sum, length) => sum + length, 0)
    expect(workerBytes).toBeLessThanOrEqual(440 * 1024)
    const kernelsBytes = gzipSync(KERNELS_BINARY).length
    expect(kernelsBytes).toBeLessThanOrEqual(16 * 1024)
    expect(size - consoleBytes - workerBytes - kernelsBytes).toBeLessThanOrEqual(700_000)
    const modules = join(folder, 'node_modules')
    const bytes = readdirSync(modules, { recursive: true, encoding: 'utf8' })
      .filter((path) => !/^(bottleneck|\.)/.test(path)) // the test's own, and what npm notes
      .map((path) => statSync(join(modules, path)))
      .reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0)
    expect(bytes).toBeLessThanOrEqual(6_000_000)
  })

  test('loads little with a store: its first file has room for no part that is used by few', () => {
    expect(statSync(join(dist, 'lib/core.js')).size).toBeLessThanOrEqual(272_000)
  })

  test('holds what a page of it is made from, and nothing else', () => {
    const names = readdirSync(dist).filter((name) => !/^(lib|types)$|\.m?js$/.test(name))
    expect(names.sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'console', 'package.json'])
    const manifest = JSON.parse(readFileSync(join(dist, 'package.json'), 'utf8'))
    expect(manifest).toMatchObject({ name: 'zerodis', engines: { node: '>=20.19' }, repository: { type: 'git' } })
    for (const field of ['private', 'scripts', 'devDependencies']) expect(manifest).not.toHaveProperty(field)
  })
})

describe('the folder that it is made from', () => {
  test.each(['pack', 'publish'])('refuses npm %s, and says how', (command) => {
    const { status, stdout, stderr } = spawnSync('npm', [command, '--silent', '--dry-run'], {
      cwd: root,
      encoding: 'utf8',
    })
    expect(status).not.toBe(0)
    expect(stdout + stderr).toBe('The package is in dist/: npm run build:package && npm publish ./dist\n')
  })
})

/** The path of a package's command. */
function bin(name: string): string {
  const manifest = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'))
  const command = typeof manifest.bin === 'string' ? manifest.bin : Object.values<string>(manifest.bin)[0]
  return join(root, 'node_modules', name, command)
}
