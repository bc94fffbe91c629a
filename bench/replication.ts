/**
 * A master and its replica, both ours beside both redis-server: how much a master takes while a replica follows, until the
 * replica has it all; how long a write takes to be confirmed by WAIT; how long a replica takes to be synchronised. Each
 * round begins with new servers, which are measured in turn.
 */
import { connectClient } from './client.ts'
import { ask, benchmarked, until } from './process.ts'
import { median, type Section } from './report.ts'
import { interleaved, medianRow, type Side, startSide } from './rounds.ts'

const REQUESTS = 400_000
const LOAD = ['-t', 'set', '-d', '50', '-r', '200000', '-P', '16', '-c', '50', '-n', `${REQUESTS}`]
const CONFIRMED = 1000
const AT_ONCE = ['--repl-diskless-sync-delay', '0']

interface Figures {
  readonly written: number
  readonly confirmed: number
  readonly slowest: number
  readonly synchronised: number
}

const offsetOf = async (port: number): Promise<string | undefined> =>
  /master_repl_offset:(\d+)/.exec(await ask(port, 'INFO', 'replication'))?.[1]

async function measure(side: Side): Promise<Figures> {
  const master = await startSide(side, ...AT_ONCE)
  const replica = await startSide(side, ...AT_ONCE, '--replicaof', '127.0.0.1', `${master.port}`)
  try {
    const isLinked = async (port: number): Promise<boolean> =>
      (await ask(port, 'INFO', 'replication')).includes('master_link_status:up')
    await until(() => isLinked(replica.port))
    const writtenAt = performance.now()
    await benchmarked(master.port, ...LOAD)
    const target = await offsetOf(master.port)
    await until(async () => Number(await offsetOf(replica.port)) >= Number(target))
    const written = REQUESTS / ((performance.now() - writtenAt) / 1000)

    const client = await connectClient(master.port)
    const times: number[] = []
    for (let i = 0; i < CONFIRMED; i++) {
      const at = performance.now()
      await client.all([
        ['SET', 'confirmed', `${i}`],
        ['WAIT', '1', '0'],
      ])
      times.push(performance.now() - at)
    }
    client.close()
    times.sort((a, b) => a - b)

    const syncedAt = performance.now()
    const second = await startSide(side, ...AT_ONCE, '--replicaof', '127.0.0.1', `${master.port}`)
    try {
      await until(() => isLinked(second.port))
      const synchronised = performance.now() - syncedAt
      return { written, confirmed: median(times), slowest: times[Math.floor(CONFIRMED * 0.99)], synchronised }
    } finally {
      await second.stop()
    }
  } finally {
    await replica.stop()
    await master.stop()
  }
}

export async function replicationSection(rounds: number): Promise<Section> {
  const figures = await interleaved(rounds, measure, 0)
  return {
    title: 'A master and its replica',
    reference: 'redis-server',
    rows: [
      medianRow(
        figures,
        'SET of 50 bytes, pipeline 16, until the replica has all',
        'requests/s',
        (each) => each.written,
      ),
      medianRow(figures, 'SET and WAIT 1, median', 'ms', (each) => each.confirmed),
      medianRow(figures, 'SET and WAIT 1, p99', 'ms', (each) => each.slowest),
      medianRow(figures, 'start and full synchronisation, 170,000 keys', 'ms', (each) => each.synchronised),
    ],
  }
}
