/** A replica that a test plays, so that it says what the test wants it to say. */
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { commandBytes } from '../../lib/journal/commandbytes.ts'
import { type Peer, startGenuine, startOurs, until } from './peers.ts'

/** What a test is to end, the last of it first. */
export type Ends = (() => unknown)[]

/** A master in a folder of its own that sends a replica its snapshot at once. */
export async function startMaster(kind: string, ends: Ends): Promise<Peer> {
  const dir = mkdtempSync(join(tmpdir(), 'master-'))
  ends.push(() => rmSync(dir, { recursive: true, force: true }))
  const master = kind === 'ours' ? await startOurs({ dir, 'repl-diskless-sync-delay': 0 }) : await startGenuine()
  ends.push(() => master.stop())
  return master
}

export class PlayedReplica {
  readonly #socket: Socket
  #heard = ''

  private constructor(port: number) {
    this.#socket = connect({ port, host: '127.0.0.1' })
    this.#socket.on('error', () => {})
    this.#socket.on('data', (chunk: Buffer) => {
      this.#heard += chunk.toString('latin1')
    })
  }

  /** It has the snapshot when this settles, and the master knows one key. `says`: of itself, at the beginning. */
  static async attach(master: Peer, ends: Ends, ...says: string[]): Promise<PlayedReplica> {
    const replica = new PlayedReplica(master.port)
    ends.push(() => replica.leave())
    replica.say('REPLCONF', ...says, 'capa', 'eof', 'capa', 'psync2')
    await replica.#hears(/./)
    replica.say('PSYNC', '?', '-1')
    await replica.#hears(/\$EOF:(\w{40})[\s\S]*\1/)
    replica.say('REPLCONF', 'ACK', '0')
    await until(master, 'INFO replication', /state=online/)
    await master.tell('SET a 1')
    return replica
  }

  say(...argv: string[]): void {
    this.#socket.write(commandBytes(argv), 'latin1')
  }

  leave(): void {
    this.#socket.destroy()
  }

  async #hears(wanted: RegExp): Promise<void> {
    while (!wanted.test(this.#heard)) await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
