/**
 * `npm run dev` and `npm start`: Next, REST ahead of it, and RESP in one process on one store. The doors open first, so a
 * taken port is told before Next spends time, and REST answers while pages are still being compiled. Takes the options of
 * `zerodis`. The development server makes a token where there is none and shows what to paste into `.env.local`; the
 * production server shows no secrets.
 */
import { randomBytes } from 'node:crypto'
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import nextEnv from '@next/env'
import { toText } from '../base/bytes.ts'
import { ZERODIS_VERSION } from '../base/version.ts'
import type { Directives } from '../config/config.ts'
import { unknownVariables } from '../config/environment.ts'
import { UnreadableFile } from '../server/configfile.ts'
import type { OpenDoors } from '../server/doors.ts'
import { DoorError } from '../server/doors.ts'
import { createServer, shareServer } from '../server/server.ts'
import { Host } from './host.ts'
import { parseArguments, StartupError, startUp, withoutEffect } from './startup.ts'

type PageHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>

async function main(dev: boolean, argv: readonly string[]): Promise<void> {
  const root = process.cwd()
  Object.assign(process.env, { NODE_ENV: dev ? 'development' : 'production' })
  nextEnv.loadEnvConfig(root, dev, { info() {}, error: console.error })
  const argument = parseArguments(argv)
  if (argument.wants !== 'run') throw new StartupError(`npx zerodis ${argv[0]} answers that.`)
  const { config, configFile, renamedCommands, users } = startUp(argument, process.env)
  const { values } = config
  if (dev && values['rest-token'] === '') values['rest-token'] = randomBytes(24).toString('base64url')

  const host = new Host(config, false)
  const { log } = host
  for (const variable of unknownVariables(process.env)) log('warning', `Unknown variable ${variable} is ignored.`)
  for (const name of withoutEffect(config))
    log('warning', `Warning: ${name} has no effect in zerodis ${ZERODIS_VERSION}.`)
  const server = shareServer(
    createServer({ config, configFile, renamedCommands, users, log, onShutdown: () => host.exit() }),
  )
  let ready!: (pages: PageHandler) => void
  const pages = new Promise<PageHandler>((resolve) => {
    ready = resolve
  })
  // Next listens for upgrades on the server that it is given. Ours it must not see, so this one hears of the others only.
  const upgrades = createHttpServer()
  const open = await server.listen({
    fallback: (request, response) => {
      pages.then((handle) => handle(request, response)).catch(() => response.destroy())
    },
    fallbackUpgrade: (request, socket, head) => {
      if (!upgrades.emit('upgrade', request, socket, head)) socket.destroy()
    },
  })
  let closePages: (() => Promise<void>) | undefined
  host.run(server, open, async () => closePages?.())
  host.write(dev ? doorsAndLines(open, values) : doorsOnly(open, values))

  const { default: next } = await import('next')
  const app = next({ dev, dir: root, hostname: clientHost(values), port: open.httpPort, httpServer: upgrades })
  await app.prepare()
  ready(app.getRequestHandler())
  closePages = () => app.close()
  host.write('  Pages are ready.\n')
}

function doorsOnly(open: OpenDoors, values: Directives): string {
  const http = `http://${clientHost(values)}:${open.httpPort}`
  const lines = [`\n  zerodis ${ZERODIS_VERSION}\n`]
  if (open.httpPort !== 0) lines.push(`  page and REST  ${http}`)
  if (open.port !== 0) lines.push(`  RESP           redis://${clientHost(values)}:${open.port}`)
  if (open.tlsPort !== 0) lines.push(`  RESP           rediss://${clientHost(values)}:${open.tlsPort}`)
  if (open.unixsocket !== '') lines.push(`  RESP           unix:${open.unixsocket}`)
  if (values['rest-token'] === '') {
    lines.push('\n  REST answers 503 until a token is set: --rest-token, or KV_REST_API_TOKEN in the environment.')
  }
  return `${lines.join('\n')}\n\n`
}

function doorsAndLines(open: OpenDoors, values: Directives): string {
  const http = `http://${clientHost(values)}:${open.httpPort}`
  const token = toText(values['rest-token'])
  const login = values.requirepass === '' ? '' : `:${encodeURIComponent(toText(values.requirepass))}@`
  const lines: string[] = []
  if (open.httpPort !== 0) {
    lines.push(`KV_REST_API_URL=${http}`, `KV_REST_API_TOKEN=${token}`)
    lines.push(`UPSTASH_REDIS_REST_URL=${http}`, `UPSTASH_REDIS_REST_TOKEN=${token}`)
  }
  if (open.port !== 0) lines.push(`REDIS_URL=redis://${login}${clientHost(values)}:${open.port}`)
  return `${doorsOnly(open, values)}  Paste into .env.local:\n\n${lines.join('\n')}\n\n`
}

/** The address under which a client on this machine reaches us. */
function clientHost({ bind }: Directives): string {
  const address = (bind[0] ?? '127.0.0.1').replace(/^-/, '')
  if (['*', '0.0.0.0', '::', '::*'].includes(address)) return '127.0.0.1'
  return address.includes(':') ? `[${address}]` : address
}

const [mode, ...argv] = process.argv.slice(2)
try {
  await main(mode === 'dev', argv)
} catch (error) {
  const expected = error instanceof StartupError || error instanceof UnreadableFile || error instanceof DoorError
  console.error(expected ? error.message : error)
  process.exit(1)
}
