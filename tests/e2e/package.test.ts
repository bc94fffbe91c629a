/** What npm would publish: built, packed, installed into an empty folder without a network, imported and type-checked. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { installPackage, readManifest, run } from '../runtimes/application.ts'
import { Child, root } from './child.ts'

const folder = mkdtempSync(join(tmpdir(), 'package-'))
afterAll(() => rmSync(folder, { recursive: true }))

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
})
