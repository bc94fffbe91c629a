/**
 * A client that knows its password, while somebody at the same address guesses at full speed. Its rates alone and under
 * attack are measured in turn, in one run; the attack begins with a minute's worth of guesses in the first second.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { connectClient } from './client.ts'
import { root, startZerodis, token } from './process.ts'
import { atLeast, median, type Section } from './report.ts'

export interface Target {
  readonly port: number
  readonly httpPort: number
  readonly password: string
  readonly token: string
}

export interface AttackOptions {
  /** Guesses at each door, at the least. */
  readonly guesses: number
  readonly rounds: number
  /** Of each measurement: there are two doors, alone and under attack, in each round. */
  readonly seconds: number
}

export interface AttackFigures {
  /** Commands or requests per second, by round. */
  readonly resp: { readonly alone: number[]; readonly attacked: number[] }
  readonly rest: { readonly alone: number[]; readonly attacked: number[] }
  readonly sent: number
  readonly answered: number
}

export async function measureAttack(target: Target, options: AttackOptions): Promise<AttackFigures> {
  const figures: Pick<AttackFigures, 'resp' | 'rest'> = {
    resp: { alone: [], attacked: [] },
    rest: { alone: [], attacked: [] },
  }
  const good = await goodClients(target)
  const counts = { sent: 0, answered: 0 }
  try {
    for (let round = -1; round < options.rounds; round++) {
      for (const when of ['alone', 'attacked'] as const) {
        const attacker = when === 'attacked' ? await startAttacker(target, options.guesses) : undefined
        for (const door of ['resp', 'rest'] as const) {
          const rate = await good[door](options.seconds * 1000)
          // The first round warms everything up.
          if (round >= 0) figures[door][when].push(rate)
        }
        if (attacker !== undefined) {
          const { sent, answered } = await endAttacker(attacker)
          counts.sent += sent
          counts.answered += answered
        }
      }
    }
  } finally {
    good.close()
  }
  return { ...figures, ...counts }
}

/** Two clients that were let in before it all began; each returns how many a second it got done. */
async function goodClients({ port, httpPort, password, token }: Target) {
  const client = await connectClient(port)
  await client.all([['AUTH', password]])
  const agent = new Agent({ keepAlive: true, maxSockets: 4 })
  const headers = { authorization: `Bearer ${token}` }
  const get = () =>
    new Promise<void>((resolve, reject) => {
      const asked = request({ port: httpPort, host: '127.0.0.1', path: '/get/key', agent, headers }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`answered ${response.statusCode}`))
        response.resume().once('end', resolve)
      })
      asked.once('error', reject).end()
    })
  const batch = Array.from({ length: 16 }, () => ['GET', 'key'])
  return {
    resp: (ms: number) => rate(ms, 1, batch.length, () => client.all(batch)),
    rest: (ms: number) => rate(ms, 4, 1, get),
    close() {
      client.close()
      agent.destroy()
    },
  }
}

async function rate(ms: number, lanes: number, each: number, run: () => Promise<void>): Promise<number> {
  const startedAt = performance.now()
  let done = 0
  const lane = async (): Promise<void> => {
    for (; performance.now() - startedAt < ms; done += each) await run()
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return done / ((performance.now() - startedAt) / 1000)
}

/** Settles when the guesses have left. */
async function startAttacker({ port, httpPort }: Target, guesses: number): Promise<ChildProcess> {
  const attacker = fork(join(root, 'bench/attacker.ts'), [`${port}`, `${httpPort}`, `${guesses}`], {
    execArgv: ['--import', 'tsx'],
  })
  while ((await ask(attacker)).sent === 0) await new Promise((resolve) => setTimeout(resolve, 20))
  return attacker
}

async function ask(attacker: ChildProcess): Promise<{ sent: number; answered: number }> {
  attacker.send('how many?')
  const [counts] = await once(attacker, 'message')
  return counts as { sent: number; answered: number }
}

async function endAttacker(attacker: ChildProcess): Promise<{ sent: number; answered: number }> {
  const counts = await ask(attacker)
  const gone = once(attacker, 'exit')
  attacker.kill('SIGKILL')
  await gone
  return counts
}

export async function attackSection(rounds: number): Promise<Section> {
  const ours = await startZerodis('--requirepass', 'secret')
  try {
    const { port, httpPort } = ours
    const target = { port, httpPort, password: 'secret', token }
    const { resp, rest, sent, answered } = await measureAttack(target, { guesses: 100_000, rounds, seconds: 2 })
    const row = (name: string, { alone, attacked }: AttackFigures['resp']) =>
      ({ name, unit: 'requests/s', ours: median(attacked), reference: median(alone), aim: atLeast(0.5) }) as const
    return {
      title: `Under attack (${sent} guesses, ${answered} answered)`,
      reference: 'alone',
      rows: [row('GET over RESP, pipeline 16', resp), row('GET over REST, 4 connections', rest)],
    }
  } finally {
    await ours.stop()
  }
}
