/**
 * Attacks on replication: a master that says anything to a replica of ours, or replicas that say anything to a master of ours, which
 * is a process of its own. It must not end, must not stop for long, must not keep what they have sent, and must do its work with
 * an honest one afterwards. By itself: `npx tsx tests/replication/fuzz.ts master|replica [--seconds 60] [--seed N] [--case N]`; with
 * `--case` it is that one alone.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Bytes } from '../../lib/base/bytes.ts'
import { freePort } from '../clients/ports.ts'
import { cli } from '../clients/program.ts'
import { RespClient } from '../clients/resp.ts'
import { show } from '../contract/harness/seen.ts'
import { generator as generic } from '../differential/generators/generic.ts'
import { generator as hash } from '../differential/generators/hash.ts'
import { generator as list } from '../differential/generators/list.ts'
import { generator as set } from '../differential/generators/set.ts'
import { generator as sortedSet } from '../differential/generators/sorted-set.ts'
import { Random } from '../differential/random.ts'
import { HostileMaster, type MasterCase } from './hostilemaster.ts'
import { HostileReplica, ID_HERE, type ReplicaCase } from './hostilereplica.ts'
import { caughtUp, fieldOf, linked, type Peer, startOurs, until } from './peers.ts'

const HANG_MS = 10_000
const QUIET_MS = 40
/** After so many cases an honest peer comes. */
const HONEST_EVERY = 25
const AT_ONCE = 5
/** More than the store and its heap come to after all that was sent. */
const RSS_MAX = 900 * 2 ** 20

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** The process that is attacked. */
class Target {
  readonly port: number
  readonly #child: ChildProcess
  #log = ''
  #client!: RespClient
  hasEnded = false
  longestMs = 0
  longestIn = -1
  rss = 0

  private constructor(port: number, flags: readonly string[]) {
    this.port = port
    const argv = ['--max-old-space-size=600', cli(), '--port', `${port}`]
    this.#child = spawn(process.execPath, [...argv, '--http-port', '0', ...flags], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      stream.setEncoding('latin1').on('data', (text: string) => {
        this.#log = (this.#log + text).slice(-20_000)
      })
    }
    this.#child.once('exit', () => {
      this.hasEnded = true
    })
  }

  static async start(...flags: string[]): Promise<Target> {
    const target = new Target(await freePort(), flags)
    process.once('exit', () => target.#child.kill('SIGKILL'))
    for (;;) {
      try {
        target.#client = await RespClient.connect({ port: target.port, host: '127.0.0.1' })
        return target
      } catch {
        if (target.hasEnded) throw new Error(target.#log)
        await later(50)
      }
    }
  }

  get log(): string {
    return this.#log
  }

  asPeer(): Peer {
    return { port: this.port, client: this.#client, tell: (line) => this.tell(line), stop: () => this.stop() }
  }

  async tell(line: string): Promise<string> {
    return show(await this.send(line.split(' '))).replaceAll('\\x0d\\x0a', '\n')
  }

  /** A client that was cut comes again. @throws Error if there is no answer */
  async send(argv: readonly Bytes[]): ReturnType<RespClient['send']> {
    for (let attempt = 0; ; attempt++) {
      try {
        if (attempt > 0) this.#client = await RespClient.connect({ port: this.port, host: '127.0.0.1' })
        return await Promise.race([
          this.#client.send(argv),
          later(HANG_MS).then(() => Promise.reject(new Error('hangs'))),
        ])
      } catch (error) {
        if (attempt === 3 || this.hasEnded || (error as Error).message === 'hangs') throw error
        await later(20)
      }
    }
  }

  /** It answers, and how long that takes. */
  async probe(number: number): Promise<void> {
    const startedAt = performance.now()
    await this.send(['PING'])
    const ms = performance.now() - startedAt
    if (ms > this.longestMs) [this.longestMs, this.longestIn] = [ms, number]
  }

  look(): void {
    const pages = Number(readFileSync(`/proc/${this.#child.pid}/statm`, 'latin1').split(' ')[1])
    this.rss = Math.max(this.rss, pages * 4096)
    if (pages * 4096 > RSS_MAX) throw new Error(`it takes ${Math.round((pages * 4096) / 2 ** 20)} MB`)
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGKILL')
  }
}

/** A peer that does what it should, with something in it. */
async function honest(random: Random, folder: string): Promise<Peer> {
  const peer = await startOurs({ dir: folder, 'repl-diskless-sync-delay': 0 })
  for (let i = 0; i < 400; i++) {
    await peer.client.send(random.pick([generic, hash, list, set, sortedSet]).next(random))
  }
  await peer.client.send(['DISCARD'])
  return peer
}

/** What a replica of it is sent at first. */
async function snapshotOf(port: number): Promise<Bytes> {
  const socket = connect({ port, host: '127.0.0.1' })
  socket.write('SYNC\r\n')
  let text = ''
  for await (const chunk of socket) {
    text += (chunk as Buffer).toString('latin1')
    const head = /^\n*\$(\d+)\r\n/.exec(text)
    if (head === null || text.length < head[0].length + Number(head[1])) continue
    return text.slice(head[0].length, head[0].length + Number(head[1]))
  }
  throw new Error('no snapshot')
}

type Attack = (number: number, target: Target) => Promise<void>

/** A port on which a hostile master answers whoever comes as the case has it. */
async function masterAttack(snapshots: readonly Bytes[], seed: number): Promise<Attack> {
  let now: MasterCase
  let ended: () => void = () => {}
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('close', () => ended())
    let heard = 0
    socket.on('data', (chunk: Buffer) => {
      const text = chunk.toString('latin1')
      for (const _ of text.matchAll(/\$\d+\r\n(?:PING|AUTH|REPLCONF\r\n\$\d+\r\n(?!ACK|GETACK))/gi)) {
        socket.write(now.greetings[heard++] ?? '+OK\r\n', 'latin1')
      }
      if (/\$5\r\nPSYNC/.test(text)) void say(socket, now, ended)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return async (number, target) => {
    const random = new Random(seed + number)
    now = new HostileMaster(random, snapshots).case()
    const over = new Promise<void>((resolve) => {
      ended = resolve
    })
    const modes = ['disabled', 'swapdb', 'on-empty-db', 'on-empty-db']
    await target.tell('REPLICAOF NO ONE')
    await target.tell(`CONFIG SET repl-diskless-load ${random.pick(modes)} replica-read-only yes maxmemory 0`)
    await target.tell(`REPLICAOF ${random.pick(['127.0.0.1', 'localhost'])} ${port}`)
    await Promise.race([over, later(500)])
    await target.probe(number)
    ended = () => {}
  }
}

async function say(socket: Socket, { pieces, end }: MasterCase, ended: () => void): Promise<void> {
  for (const piece of pieces) {
    if (socket.destroyed) return
    if (!socket.write(piece, 'latin1')) await later(1)
    else if (pieces.length < 100) await new Promise(setImmediate)
  }
  await later(QUIET_MS)
  if (end === 'destroy') socket.destroy()
  else if (end === 'end') socket.end()
  ended()
}

async function replicaAttack(seed: number): Promise<Attack> {
  return async (number, target) => {
    const random = new Random(seed + number)
    const maker = new HostileReplica(random)
    const id = await fieldOf(target.asPeer(), 'master_replid')
    await target.tell(`CONFIG SET repl-diskless-sync ${random.pick(['yes', 'no'])}`)
    const attackers = Array.from({ length: random.integer(1, AT_ONCE) }, () => play(target.port, maker.case(), id))
    for (let i = 0; i < 100; i++) await target.send(random.pick([generic, hash, list]).next(random))
    await target.probe(number)
    await Promise.all(attackers)
    await target.tell('DISCARD')
  }
}

async function play(port: number, { pieces, takes, pauseMs, end }: ReplicaCase, id: Bytes): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1' })
  socket.on('error', () => {})
  let taken = 0
  socket.on('data', (chunk: Buffer) => {
    taken += chunk.length
    if (taken >= takes) socket.pause()
  })
  for (const piece of pieces) {
    if (socket.destroyed) return
    socket.write(piece.replaceAll(ID_HERE, id), 'latin1')
    await later(pauseMs)
  }
  await later(QUIET_MS)
  if (end === 'destroy') socket.destroy()
  else if (end === 'reset') socket.resetAndDestroy()
  else socket.end()
  if (!socket.destroyed) await Promise.race([new Promise((resolve) => socket.once('close', resolve)), later(200)])
  socket.destroy()
}

/** After the attack: a replica of an honest master has what that has. */
async function followsHonest(target: Target, master: Peer): Promise<void> {
  const peer = target.asPeer()
  await target.tell('REPLICAOF NO ONE')
  await target.tell('CONFIG SET maxmemory 0 replica-read-only yes')
  await target.tell(`REPLICAOF 127.0.0.1 ${master.port}`)
  await linked(peer)
  await caughtUp(peer, master)
  await expectEqual(peer, master)
}

/** After the attack: an honest replica gets what is there, and nothing is left of the others. */
async function servesHonest(target: Target, folder: string): Promise<void> {
  const peer = target.asPeer()
  await until(peer, 'INFO replication', /connected_slaves:0/)
  await until(peer, 'INFO memory', /mem_clients_slaves:0/)
  const replica = await startOurs({ dir: folder, replicaof: `127.0.0.1 ${target.port}` })
  try {
    await linked(replica)
    await caughtUp(replica, peer)
    await expectEqual(replica, peer)
  } finally {
    await replica.stop()
  }
}

async function expectEqual(one: Peer, other: Peer): Promise<void> {
  const [mine, theirs] = [await one.tell('DEBUG DIGEST'), await other.tell('DEBUG DIGEST')]
  if (mine !== theirs) throw new Error(`digests differ: ${mine}, ${theirs}`)
}

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: `${Date.now() % 2 ** 31}` },
    case: { type: 'string' },
  },
})

async function main(side: string | undefined): Promise<void> {
  const seed = Number(options.seed)
  const folder = mkdtempSync(join(tmpdir(), 'fuzz-'))
  const flags = [
    '--dir',
    folder,
    '--enable-debug-command',
    'yes',
    '--repl-diskless-sync-delay',
    '0',
    '--repl-timeout',
    '2',
  ]
  const peer = await honest(new Random(seed), mkdtempSync(join(folder, 'honest-')))
  const target = await Target.start(...flags, '--save', '')
  const replicaFolder = mkdtempSync(join(folder, 'replica-'))
  const attack =
    side === 'replica' ? await replicaAttack(seed) : await masterAttack([await snapshotOf(peer.port)], seed)
  const check = side === 'replica' ? () => servesHonest(target, replicaFolder) : () => followsHonest(target, peer)
  const endsAt = Date.now() + Number(options.seconds) * 1000
  let number = options.case === undefined ? 0 : Number(options.case)
  const first = number
  try {
    for (; Date.now() < endsAt; number++) {
      await attack(number, target)
      target.look()
      if (options.case !== undefined) break
      if (number % HONEST_EVERY === HONEST_EVERY - 1) await check()
    }
    await check()
  } catch (error) {
    console.log(`FAULT with seed ${seed} in case ${number}: ${(error as Error).stack}\n${target.log}`)
    process.exitCode = 1
  }
  const rss = Math.round(target.rss / 2 ** 20)
  const longest = `${Math.round(target.longestMs)} ms (case ${target.longestIn})`
  console.log(`${side}, seed ${seed}: ${number - first} cases, longest answer ${longest}, at most ${rss} MB`)
  await target.stop()
  await peer.stop()
  rmSync(folder, { recursive: true, force: true })
  process.exit()
}

void main(positionals[0])
