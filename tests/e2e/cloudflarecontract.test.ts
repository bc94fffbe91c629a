/**
 * The contract's cases on Durable Objects in Cloudflare's own runtime: RESP over WebSockets, an object for each case. All of them take
 * minutes: without ZERODIS_TEST_ALL one of so many is run.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createWebSocketStream, WebSocket } from 'ws'
import { RespClient } from '../clients/resp.ts'
import type { Suite } from '../contract/dsl.ts'
import { reasonToSkip, runCase } from '../contract/harness/run.ts'
import type { Subject } from '../contract/harness/subjects.ts'
import { buildApplication } from './cloudflare/application.ts'
import { OTHERWISE } from './cloudflare/otherwise.ts'
import { Host } from './cloudflare/runtime.ts'

const modules = import.meta.glob<{ cases: Suite }>('../contract/*.cases.ts', { eager: true })

const TOKEN = 'token-of-cases'
const VARIABLES = { KV_REST_API_TOKEN: TOKEN, ZERODIS_ENABLE_DEBUG_COMMAND: 'yes' }
const SHARE = process.env['ZERODIS_TEST_ALL'] === undefined ? 20 : 1

const folder = mkdtempSync(join(tmpdir(), 'cloudflare-cases-'))
let host: Host
beforeAll(async () => {
  await buildApplication(folder)
  host = await Host.start(folder, join(folder, 'storage'), VARIABLES)
}, 120_000)
afterAll(async () => {
  await host?.kill()
  rmSync(folder, { recursive: true, force: true })
})

function connect(name: string): Promise<RespClient> {
  const socket = new WebSocket(`${host.url.replace('http', 'ws')}/db/${name}/ws?token=${TOKEN}`)
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    // It has all of a socket that the client asks for.
    socket.once('open', () => resolve(new RespClient(createWebSocketStream(socket) as unknown as Socket)))
  })
}

let number = 0

const subject: Subject = {
  name: 'resp2',
  label: 'RESP2',
  mode: { proto: 2, rest: false, exactDoubles: true },
  movesClock: false,
  async open() {
    const name = `case${++number}`
    const clients: RespClient[] = []
    const open = async (): Promise<RespClient> => {
      const client = await connect(name)
      clients.push(client)
      return client
    }
    const control = await open()
    return {
      connect: open,
      async blocked() {
        const info = String(await control.send(['INFO', 'clients']))
        return Number(/blocked_clients:(\d+)/.exec(info)![1])
      },
      async close() {
        for (const client of clients) client.close()
      },
    }
  },
}

for (const [path, { cases }] of Object.entries(modules)) {
  describe(path, () => {
    for (const [index, each] of cases.cases.entries()) {
      if (index % SHARE !== 0) continue
      const reason = OTHERWISE[each.title] ?? reasonToSkip(subject, each)
      test(each.title, async (context) => {
        if (reason !== undefined) return context.skip(reason)
        await runCase(subject, each)
      })
    }
  })
}

test('there are cases', () => {
  expect(number).toBeGreaterThan(20)
})
