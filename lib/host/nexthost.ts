/**
 * `npm run dev` and `npm start`: Next, REST ahead of it, and RESP in one process on one store. The doors open first, so a
 * taken port is told before Next spends time, and REST answers while pages are still being compiled. Takes the options of
 * `zerodis`. The development server makes a token where there is none and shows what to paste into `.env.local`; the
 * production server shows no secrets.
 */
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import nextEnv from '@next/env'
import { toText } from '../base/bytes.ts'
import { createServer, shareServer } from '../server/server.ts'
import { banner, clientHost } from './banner.ts'
import { developmentToken } from './developmenttoken.ts'
import { Host } from './host.ts'
import { parseArguments, StartupError, startFailure, startUp, warnOfSettings } from './startup.ts'

type PageHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>

async function main(dev: boolean, argv: readonly string[]): Promise<void> {
  const root = process.cwd()
  Object.assign(process.env, { NODE_ENV: dev ? 'development' : 'production' })
  nextEnv.loadEnvConfig(root, dev, { info() {}, error: console.error })
  const argument = parseArguments(argv)
  if (argument.wants !== 'run') throw new StartupError(`npx zerodis ${argv[0]} answers that.`)
  const { config, configFile, renamedCommands, users } = startUp(argument, process.env)
  const { values } = config
  const host = new Host(config, false)
  const { log } = host
  values['console-signed-in'] ||= dev
  if (dev && values['rest-token'] === '') {
    values['rest-token'] = developmentToken(toText(values.dir) || root, (reason) => log('warning', reason))
  }
  warnOfSettings(config, log)
  const server = shareServer(
    createServer({
      config,
      configFile,
      renamedCommands,
      users,
      log,
      onShutdown: () => host.exit(),
      onLost: () => process.exit(1),
    }),
  )
  const loaded = host.load(server)
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
  await loaded
  host.write(banner(open, values, { http: 'page and REST', showsToken: dev, showsLines: dev, hasPage: true }))

  const { default: next } = await import('next')
  const app = next({ dev, dir: root, hostname: clientHost(values), port: open.httpPort, httpServer: upgrades })
  await app.prepare()
  ready(app.getRequestHandler())
  closePages = () => app.close()
  host.write('  Pages are ready.\n')
}

const [mode, ...argv] = process.argv.slice(2)
try {
  await main(mode === 'dev', argv)
} catch (error) {
  console.error(startFailure(error) ?? error)
  process.exit(1)
}
