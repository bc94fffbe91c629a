/**
 * examples/pm2 under a real PM2 with a home of its own: it starts the built package, `pm2 stop` ends it with a save, and
 * nothing is left of it or of PM2.
 */
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../clients/ports.ts'
import { root, run } from '../runtimes/application.ts'
import { installed } from '../runtimes/binary.ts'
import { expect, until } from './service.ts'

const TOKEN = 'token-of-pm2'

/** @throws where PM2 cannot be had */
export function pm2Program(): string {
  return installed('tools/pm2', 'pm2', '7.0.4', 'bin/pm2')
}

export async function tryPm2(
  program: string,
  tarball: string,
  home: string,
  environment: NodeJS.ProcessEnv,
  passed: (what: string) => void,
): Promise<void> {
  const folder = join(home, 'pm2')
  mkdirSync(folder)
  cpSync(join(root, 'examples/pm2'), folder, { recursive: true })
  const flags = ['--prefer-offline', '--no-audit', '--no-fund']
  run('npm', ['install', ...flags, tarball], folder, environment)
  const [port, httpPort] = [await freePort(), await freePort()]
  const env = {
    ...environment,
    PM2_HOME: join(folder, 'pm2-home'),
    KV_REST_API_TOKEN: TOKEN,
    ZERODIS_PORT: `${port}`,
    ZERODIS_HTTP_PORT: `${httpPort}`,
  }
  const pm2 = (...args: string[]): string => run(process.execPath, [program, ...args], folder, env)
  const url = `http://127.0.0.1:${httpPort}`
  const ask = async (path: string): Promise<unknown> =>
    (await fetch(url + path, { headers: { authorization: `Bearer ${TOKEN}` } })).json()
  const isUp = async (): Promise<boolean> => (await fetch(`${url}/healthz`).catch(() => undefined))?.ok ?? false
  try {
    pm2('start', 'ecosystem.config.cjs')
    await until(isUp, 'it serves')
    expect(await ask('/set/kept/1'), { result: 'OK' })
    const pid = pidOf(pm2('jlist'))
    pm2('stop', 'zerodis')
    expect([await isUp(), isAlive(pid), existsSync(join(folder, 'dump.rdb'))], [false, false, true])
    passed('stop saves')
    pm2('start', 'zerodis')
    await until(isUp, 'it serves again')
    expect(await ask('/get/kept'), { result: '1' })
    const again = pidOf(pm2('jlist'))
    process.kill(again, 'SIGKILL')
    await until(async () => (await isUp()) && pidOf(pm2('jlist')) !== again, 'it is started again')
    passed('restart finds the keys')
    const last = pidOf(pm2('jlist'))
    const daemon = Number(readFileSync(join(folder, 'pm2-home/pm2.pid'), 'utf8'))
    pm2('kill')
    await until(async () => !isAlive(last) && !isAlive(daemon), 'nothing is left')
    passed('nothing is left')
  } finally {
    if (existsSync(join(folder, 'pm2-home/pm2.pid'))) pm2('kill')
  }
}

function pidOf(list: string): number {
  const json = list.slice(list.indexOf('[{'))
  const [{ pid }] = JSON.parse(json.slice(0, json.lastIndexOf(']') + 1)) as { pid: number }[]
  return pid
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
