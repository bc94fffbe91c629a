/** Folders with append-only logs, for tests: ours and genuine servers on them. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Settings } from '../../lib/config/config.ts'
import { createServer, type Server } from '../../lib/server.ts'
import { Genuine } from '../contract/harness/genuine.ts'
import { show } from '../contract/harness/seen.ts'
import { type Client, engineClient } from '../contract/harness/subjects.ts'

/** A store of ours on a folder. */
export interface Ours {
  readonly server: Server
  readonly client: Client
  readonly log: string[]
  digest(): Promise<string>
  /** Ends it in good order. */
  close(): Promise<void>
}

/** @throws what a start that cannot be throws */
export function openOurs(dir: string, settings: Settings = {}, log: string[] = []): Ours {
  const server = createServer({
    dir,
    appendonly: true,
    save: '',
    'enable-debug-command': 'yes',
    ...settings,
    log: (_, message) => log.push(message),
  })
  server.persist()
  const client = engineClient(server)
  return {
    server,
    client,
    log,
    digest: async () => show(await client.send(['DEBUG', 'DIGEST'])),
    close: () => server.close(),
  }
}

/** What a genuine server says of a folder: its digest, or why it does not start. */
export async function genuineDigest(dir: string, ...flags: string[]): Promise<string> {
  let genuine: Genuine
  try {
    genuine = await Genuine.start('--dir', dir, '--appendonly', 'yes', ...flags)
  } catch (error) {
    return `refused: ${(error as Error).message}`
  }
  const client = await genuine.connect()
  try {
    // It tells that it accepts connections when all is loaded.
    return show(await client.send(['DEBUG', 'DIGEST']))
  } finally {
    client.close()
    await genuine.stop()
  }
}

export class Folders {
  readonly #made: string[] = []

  make(): string {
    const dir = mkdtempSync(join(tmpdir(), 'zerodis-'))
    this.#made.push(dir)
    return dir
  }

  copyOf(dir: string): string {
    const copy = this.make()
    cpSync(dir, copy, { recursive: true })
    return copy
  }

  removeAll(): void {
    for (const dir of this.#made.splice(0)) rmSync(dir, { recursive: true, force: true, maxRetries: 10 })
  }
}

/** The files of a log with their bytes, but for the manifest: its text. */
export function filesOf(dir: string): Map<string, string> {
  const folder = join(dir, 'appendonlydir')
  return new Map(
    readdirSync(folder)
      .sort()
      .map((name) => [name, readFileSync(join(folder, name), 'latin1')]),
  )
}
