/// <reference types="vite/client" />
import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../lib/base/clock.ts'
import { createServer } from '../../lib/server.ts'
import { engineClient } from '../contract/harness/subjects.ts'
import type { Generator } from '../differential/generator.ts'
import { Random, seedOfRun } from '../differential/random.ts'
import { lengthOf } from '../length.ts'
import { checkAccount } from './account.ts'

const COMMANDS = lengthOf(1200, 3000)
const CHECKED_EVERY = 7
const seed = seedOfRun()
const modules = import.meta.glob<{ generator: Generator }>(
  ['../differential/generators/*.ts', '!../differential/generators/acl.ts'], // whose commands are about no keys
  { eager: true },
)

describe(`the account of the keyspace follows ${COMMANDS} random commands, seed ${seed}`, () => {
  for (const { generator } of Object.values(modules)) {
    test(generator.name, async () => {
      const server = createServer({ clock: new ManualClock(), 'enable-debug-command': 'yes' })
      const { keyspace, config } = server.engine
      keyspace.count()
      const client = engineClient(server)
      const random = new Random(seed)
      for (const command of generator.setup ?? []) await client.send(command)
      for (let i = 0; i < COMMANDS; i++) {
        const command = generator.next(random)
        await client.send(command)
        if (i % CHECKED_EVERY !== 0) continue
        try {
          checkAccount(keyspace, config)
        } catch (error) {
          throw new Error(`after command ${i}, ${JSON.stringify(command)}: ${(error as Error).message}`)
        }
      }
      expect(keyspace.bytes > 0).toBe(keyspace.size > 0) // rules of access make no keys
      await engineClient(server).send(['FLUSHALL'])
      expect(keyspace.bytes).toBe(0)
      await server.close()
    })
  }
})
