/** Somebody guesses at full speed, over RESP and over REST; one who knows his password goes on working (bench/attack.ts). */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { measureAttack, type Target } from '../../bench/attack.ts'
import { freePort } from '../clients/ports.ts'
import { Program } from '../clients/process.ts'
import { cli } from '../clients/program.ts'

let target: Target
let server: Program

beforeAll(async () => {
  target = { port: await freePort(), httpPort: await freePort(), password: 'secret', token: 'token' }
  const flags = ['--port', `${target.port}`, '--http-port', `${target.httpPort}`, '--requirepass', target.password]
  server = new Program([cli(), ...flags, '--rest-token', target.token])
  await server.until(() => server.output.includes('Ready to accept connections http'))
})
afterAll(() => server.stop())

test('tens of thousands of guesses leave a good client half of its rate, and most are never looked at', async () => {
  const { resp, rest, sent, answered } = await measureAttack(target, { guesses: 20_000, rounds: 3, seconds: 0.5 })
  expect(sent).toBeGreaterThan(20_000)
  expect(answered).toBeGreaterThan(0)
  expect(answered).toBeLessThan(sent / 20)
  // Whoever else uses the machine slows one side or the other: the best round counts.
  for (const { alone, attacked } of [resp, rest]) {
    const ratios = attacked.map((rate, round) => rate / alone[round])
    expect(Math.max(...ratios), `${ratios}`).toBeGreaterThanOrEqual(0.5)
  }
  expect(server.output.match(/Failed authentications from 127\.0\.0\.1/g)?.length).toBeLessThan(5)
}, 60_000)
