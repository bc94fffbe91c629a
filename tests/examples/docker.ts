/**
 * The steps of the Dockerfile without an engine: its RUN lines in order, by a shell, in folders that stand for those of the
 * image; then what compose.yaml starts, is asked for its health, stopped, and started again. Two steps are stood in for: the
 * packages of `npm ci` are those that are installed here, and nobody's files change their owner.
 */
import { chmodSync, copyFileSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { DockerfileParser, type Instruction, type JSONInstruction, ModifiableInstruction } from 'dockerfile-ast'
import { freePort } from '../clients/ports.ts'
import { RespClient } from '../clients/resp.ts'
import { root, run } from '../runtimes/application.ts'
import { expect, Service } from './service.ts'

const TOKEN = 'token-of-the-image'
/** What a build's context leaves out (.dockerignore), and what need not be copied to build the package. */
const LEFT_OUT = /^(\.(?!npmrc)|dist$|node_modules$|test-results$|tests$)/

export async function tryDocker(
  home: string,
  environment: NodeJS.ProcessEnv,
  passed: (what: string) => void,
): Promise<void> {
  const image = new Image(join(home, 'docker'), environment)
  image.build()
  passed('its steps')
  image.refusesWithoutToken()
  passed('no start without a token')
  await image.savesAndFinds()
  passed('health, SIGTERM, files')
}

class Image {
  readonly #folder: string
  readonly #environment: NodeJS.ProcessEnv
  readonly #instructions = DockerfileParser.parse(readFileSync(join(root, 'Dockerfile'), 'utf8')).getInstructions()
  #workdir = '/'

  constructor(folder: string, environment: NodeJS.ProcessEnv) {
    this.#folder = folder
    const bin = join(folder, 'stand-ins')
    mkdirSync(bin, { recursive: true })
    writeFileSync(join(bin, 'chown'), '#!/bin/sh\n')
    chmodSync(join(bin, 'chown'), 0o755)
    this.#environment = { ...environment, PATH: `${bin}:${environment['PATH']}`, npm_config_prefer_offline: 'true' }
    for (const path of ['/tmp', '/usr/local/bin', '/opt']) mkdirSync(this.#at(path), { recursive: true })
  }

  /** A path of the image. */
  #at(path: string): string {
    return join(this.#folder, 'image', path.startsWith('/') ? path : join(this.#workdir, path))
  }

  /** Text of a shell with the image's folders in place of ours. */
  #here(text: string): string {
    return text.replace(/(^|[\s=])(\/(?:tmp|data|opt|build)\b)/g, (_, before, path) => before + this.#at(path))
  }

  build(): void {
    for (const instruction of this.#instructions) {
      const text = instruction.getRawArgumentsContent() ?? ''
      switch (instruction.getKeyword()) {
        case 'WORKDIR':
          this.#workdir = text
          mkdirSync(this.#at(text), { recursive: true })
          break
        case 'COPY':
          this.#copy(instruction)
          break
        case 'RUN':
          if (text.startsWith('npm ci')) symlinkSync(join(root, 'node_modules'), this.#at('node_modules'))
          else run('sh', ['-euc', this.#here(text)], this.#at('.'), this.#environment)
      }
    }
  }

  #copy(instruction: Instruction): void {
    const words = instruction.getArguments().map(String)
    const flags = instruction instanceof ModifiableInstruction ? instruction.getFlags().map(String) : []
    const target = this.#at(words.pop()!)
    for (const word of words) {
      if (flags.some((flag) => flag.startsWith('--from='))) {
        run('sh', ['-c', `cp ${this.#here(word)} '${target}'`], this.#folder)
      } else if (word === '.') {
        cpSync(root, target, { recursive: true, filter: (path) => path === root || !LEFT_OUT.test(basename(path)) })
      } else {
        const file = target.endsWith('/') ? join(target, basename(word)) : target
        mkdirSync(dirname(file), { recursive: true })
        copyFileSync(join(root, word), file)
      }
      for (const flag of flags) if (flag.startsWith('--chmod=')) chmodSync(target, Number.parseInt(flag.slice(8), 8))
    }
  }

  get #entrypoint(): string {
    const entrypoint = this.#instructions.find((one) => one.getKeyword() === 'ENTRYPOINT') as JSONInstruction
    return this.#at(join('/usr/local/bin', entrypoint.getJSONStrings()[0].getJSONValue()))
  }

  /** Of a container: only what the image and whoever starts it have set. */
  #containerEnvironment(more: Record<string, string>): NodeJS.ProcessEnv {
    const { PATH } = this.#environment
    const places = { ZERODIS_HOME: this.#at('/opt/zerodis'), ZERODIS_DIR: this.#at('/data') }
    return { PATH, NODE_ENV: 'production', ...places, ...more } as object as NodeJS.ProcessEnv
  }

  refusesWithoutToken(): void {
    let message = ''
    try {
      run('sh', [this.#entrypoint], this.#at('/data'), this.#containerEnvironment({}))
    } catch (error) {
      message = `${error}`
    }
    expect(message.includes('zerodis: no token. Set KV_REST_API_TOKEN'), true)
  }

  async savesAndFinds(): Promise<void> {
    const [port, httpPort] = [await freePort(), await freePort()]
    const env = this.#containerEnvironment({
      SRH_TOKEN: TOKEN,
      ZERODIS_PORT: `${port}`,
      ZERODIS_HTTP_PORT: `${httpPort}`,
    })
    const ask = async (path: string): Promise<unknown> => {
      const headers = { authorization: `Bearer ${TOKEN}` }
      return (await fetch(`http://127.0.0.1:${httpPort}${path}`, { headers })).json()
    }
    for (const isFirst of [true, false]) {
      const service = new Service([this.#entrypoint], this.#at('/data'), env)
      try {
        await service.answers(`http://127.0.0.1:${httpPort}/healthz`)
        this.#healthcheck(env)
        const resp = await RespClient.connect({ port, host: '127.0.0.1' })
        expect(`${JSON.stringify(await resp.send(['PING']))}`.includes('NOAUTH'), true)
        resp.socket.destroy()
        expect(await ask(isFirst ? '/set/kept/1' : '/get/kept'), { result: isFirst ? 'OK' : '1' })
      } finally {
        await service.stop()
      }
      if (!service.output.includes('ready to exit')) throw new Error(`no orderly end:\n${service.output}`)
    }
    expect(
      readFileSync(join(this.#at('/data'), 'dump.rdb'))
        .subarray(0, 5)
        .toString(),
      'REDIS',
    )
    let code = 0
    try {
      this.#healthcheck(env)
    } catch {
      code = 1
    }
    expect(code, 1)
  }

  /** @throws where it says that the container is not well */
  #healthcheck(env: NodeJS.ProcessEnv): void {
    const check = this.#instructions.find((one) => one.getKeyword() === 'HEALTHCHECK')!
    const [command, ...args] = JSON.parse(check.getRawArgumentsContent()!.replace(/^.*?CMD /s, '')) as string[]
    run(command, args, this.#folder, env)
  }
}
