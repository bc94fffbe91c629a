/** A registry on 127.0.0.1 that has the package as built, and gets everything else from the one that npm is set up with. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../clients/ports.ts'
import { answers, Program } from '../clients/process.ts'
import { run } from '../runtimes/application.ts'
import { installed } from '../runtimes/binary.ts'

/** The last that runs on Node 20. It asks for a tag of node-fetch that not every mirror of npm's registry has. */
const VERSION = '6.1.6'
const OVERRIDES = { 'node-fetch': '2.7.0' }

export class Registry {
  readonly url: string
  readonly #program: Program

  private constructor(url: string, program: Program) {
    this.url = url
    this.#program = program
  }

  /** Starts it with its files in `folder`. @throws where it cannot be had */
  static async start(folder: string): Promise<Registry> {
    const verdaccio = installed('tools/verdaccio', 'verdaccio', VERSION, 'bin/verdaccio', OVERRIDES)
    mkdirSync(folder, { recursive: true })
    const uplink = run('npm', ['config', 'get', 'registry'], folder).trim()
    const config = join(folder, 'config.yaml')
    writeFileSync(
      config,
      `storage: ${JSON.stringify(join(folder, 'storage'))}
auth: { htpasswd: { file: ${JSON.stringify(join(folder, 'htpasswd'))} } }
uplinks: { npm: { url: ${JSON.stringify(uplink)}, timeout: 60s } }
packages:
  zerodis: { access: $all, publish: $all }
  '**': { access: $all, proxy: npm }
log: { type: stdout, format: pretty, level: warn }
`,
    )
    const port = await freePort()
    const program = new Program([verdaccio, '--config', config, '--listen', `127.0.0.1:${port}`])
    const url = `http://127.0.0.1:${port}/`
    await program.until(() => answers(url))
    return new Registry(url, program)
  }

  /** Anybody may; npm insists on a token all the same. */
  publish(tarball: string, cwd: string): void {
    const token = `--${this.url.slice('http:'.length)}:_authToken=any`
    run('npm', ['publish', tarball, '--registry', this.url, token], cwd)
  }

  stop(): Promise<unknown> {
    return this.#program.stop()
  }
}
