/** Draws with repetition, from collections larger and smaller than their number, in both protocols. */
import { expect, test } from 'vitest'
import { createServer } from '../../lib/server.ts'

const server = createServer({})
const link = { push() {}, closeAfterReply() {}, close() {}, inputBytes: 0, outputBytes: 0 }
const session = server.openSession('tcp', link, '127.0.0.1:1', '')
const run = (...argv: string[]) => server.engine.execute(session, argv) as unknown[]
const NAMES = ['a', 'b', 'c', 'd', 'e']
for (const [i, name] of NAMES.entries()) {
  run('SADD', 's', name)
  run('HSET', 'h', name, `${i}`)
  run('ZADD', 'z', `${i}.5`, name)
}

test.each([2, 5, 500])('%i draws', (count) => {
  for (const reply of [
    run('SRANDMEMBER', 's', `-${count}`),
    run('HRANDFIELD', 'h', `-${count}`),
    run('ZRANDMEMBER', 'z', `-${count}`),
  ]) {
    expect(reply).toHaveLength(count)
    for (const name of reply) expect(NAMES).toContain(name)
    if (count === 500) expect(new Set(reply).size).toBe(NAMES.length)
  }
})

test.each([2, 5, 500])('%i draws with values and scores stay in pairs', (count) => {
  for (const proto of [2, 3] as const) {
    session.proto = proto
    const fields = run('HRANDFIELD', 'h', `-${count}`, 'WITHVALUES')
    const members = run('ZRANDMEMBER', 'z', `-${count}`, 'WITHSCORES')
    for (const flat of [fields, members].map((reply) => (proto === 3 ? reply.flat() : reply))) {
      expect(flat).toHaveLength(2 * count)
      for (let i = 0; i < flat.length; i += 2) {
        const place = NAMES.indexOf(flat[i] as string)
        const beside = flat[i + 1]
        if (typeof beside === 'string') expect(beside).toBe(`${place}`)
        else expect((beside as { text: string }).text).toBe(`${place}.5`)
      }
    }
  }
  session.proto = 2
})
