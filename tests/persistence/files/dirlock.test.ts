/** One process at a time keeps its data in a folder; who died without a word is in nobody's way. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DirectoryInUse, DirectoryLock } from '../../../lib/persistence/files/dirlock.ts'
import { programOf } from '../../clients/program.ts'

const FILE = '.zerodis.lock'
const MODULE = programOf('lib/persistence/files/dirlock.ts')

let dir: string
const children: ChildProcess[] = []

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'zerodis-'))
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(dir, { recursive: true, force: true })
})

/** A process that takes the folder and lives on; what it says of that. */
async function other(runner: readonly string[] = []): Promise<{ child: ChildProcess; said: string }> {
  const code = `import(${JSON.stringify(MODULE)}).then(({ DirectoryLock }) => {
    try { DirectoryLock.take(${JSON.stringify(dir)}); console.log('taken') } catch (error) { console.log(error.message) }
    setInterval(() => {}, 1000)
  })`
  const [command, ...args] = [...runner, process.execPath, '--input-type=module', '-e', code]
  const child = spawn(command, args)
  children.push(child)
  const [said] = (await once(child.stdout!, 'data')) as [Buffer]
  return { child, said: said.toString().trim() }
}

function lockText(change: object): void {
  writeFileSync(join(dir, FILE), JSON.stringify({ ...JSON.parse(readFileSync(join(dir, FILE), 'utf8')), ...change }))
}

describe('the lock of a folder', () => {
  test('keeps another process out, and within this one it is shared', async () => {
    const lock = DirectoryLock.take(dir)
    const shared = DirectoryLock.take(join(dir, '.'))
    expect((await other()).said).toMatch(
      new RegExp(`^another process \\(pid ${process.pid}\\) keeps its data in ${dir}: two would overwrite`),
    )
    lock.release()
    lock.release()
    expect(existsSync(join(dir, FILE))).toBe(true)
    shared.release()
    expect(readdirSync(dir)).toEqual([])
    expect((await other()).said).toBe('taken')
    expect(() => DirectoryLock.take(dir)).toThrow(DirectoryInUse)
  })

  test('of a process that was killed is taken over', async () => {
    const { child, said } = await other()
    expect(said).toBe('taken')
    child.kill('SIGKILL')
    await once(child, 'exit')
    DirectoryLock.take(dir).release()
    expect(readdirSync(dir)).toEqual([])
  })

  test.skipIf(process.platform !== 'linux')(
    'of a process of the same number that started at another time is, too',
    () => {
      DirectoryLock.take(dir).release()
      const lock = DirectoryLock.take(dir)
      const text = readFileSync(join(dir, FILE), 'utf8')
      lock.release()
      for (const change of [{ startedAt: '1' }, { pid: 1, startedAt: '1' }, { pid: 2 ** 30 }]) {
        writeFileSync(join(dir, FILE), text)
        lockText(change)
        DirectoryLock.take(dir).release()
      }
      for (const nonsense of ['', '{}', 'null', '{"pid":"x"}', text.slice(0, 20)]) {
        writeFileSync(join(dir, FILE), nonsense)
        DirectoryLock.take(dir).release()
      }
      expect(readdirSync(dir)).toEqual([])
    },
  )

  test.skipIf(process.platform !== 'linux')('of a process that cannot be asked holds while it is touched', async () => {
    const { said } = await other()
    expect(said).toBe('taken')
    lockText({ space: 'pid:[1]' })
    expect(() => DirectoryLock.take(dir)).toThrow(DirectoryInUse)
    const text = readFileSync(join(dir, FILE), 'utf8')
    for (const child of children.splice(0)) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    writeFileSync(join(dir, FILE), text)
    DirectoryLock.take(dir).release()
    writeFileSync(join(dir, FILE), text)
    utimesSync(join(dir, FILE), 1, 1)
    const startedAt = performance.now()
    DirectoryLock.take(dir).release()
    expect(performance.now() - startedAt).toBeLessThan(2000)
  })

  test.runIf(process.platform === 'linux')('of one that was killed, of which its parent takes no notice', async () => {
    // What the shell becomes never asks after its children.
    const { said } = await other(['sh', '-c', '"$0" "$@" & exec sleep 60'])
    expect(said).toBe('taken')
    const { pid } = JSON.parse(readFileSync(join(dir, FILE), 'utf8'))
    process.kill(pid, 'SIGKILL')
    // Its threads end one after the other.
    await expect.poll(() => readFileSync(`/proc/${pid}/stat`, 'latin1')).toMatch(/\) Z (\S+ ){16}1 /)
    DirectoryLock.take(dir).release()
  })

  test('comes with the removal of what dead processes were writing, and of nothing else', () => {
    const names = [
      'temp-zerodis-1.rdb',
      'temp-zerodis-99999-background.rdb',
      'temp-1.rdb',
      'dump.rdb',
      'temp-zerodis.rdb',
    ]
    for (const name of names) writeFileSync(join(dir, name), 'x')
    DirectoryLock.take(dir).release()
    expect(readdirSync(dir).sort()).toEqual(['dump.rdb', 'temp-1.rdb', 'temp-zerodis.rdb'])
  })
})
