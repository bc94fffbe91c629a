/**
 * What the image and the service must be, read out of their files. That their steps work is shown by running them:
 * tests/examples/docker.ts.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DockerfileParser, ModifiableInstruction } from 'dockerfile-ast'
import { describe, expect, test } from 'vitest'
import { parseDocument } from 'yaml'
import { Config } from '../../lib/config/config.ts'

const root = join(import.meta.dirname, '../..')
const read = (name: string): string => readFileSync(join(root, name), 'utf8')

interface Step {
  readonly keyword: string
  readonly text: string
}

/** The stages of a Dockerfile, each from its FROM on. */
function stagesOf(dockerfile: string): Step[][] {
  const stages: Step[][] = []
  for (const instruction of DockerfileParser.parse(dockerfile).getInstructions()) {
    const keyword = instruction.getKeyword()
    if (keyword === 'FROM') stages.push([])
    const flags = instruction instanceof ModifiableInstruction ? instruction.getFlags().map((flag) => `${flag} `) : []
    stages.at(-1)?.push({ keyword, text: flags.join('') + (instruction.getRawArgumentsContent() ?? '') })
  }
  return stages
}

/** What is wrong with a Dockerfile by the rules that linters of them have, as far as they apply here. */
function faultsOf(dockerfile: string): string[] {
  const faults: string[] = []
  const stages = stagesOf(dockerfile)
  const names = stages.map(([from]) => / AS (\S+)$/i.exec(from.text)?.[1])
  for (const [from, ...steps] of stages) {
    if (!/^[\w./-]+:(?!latest)[\w.-]+|^scratch/.test(from.text)) faults.push(`no fixed version: FROM ${from.text}`)
    for (const { keyword, text } of steps) {
      if (!KEYWORDS.has(keyword)) faults.push(`unknown: ${keyword}`)
      if (keyword === 'ADD') faults.push('COPY does all that ADD is needed for')
      if (keyword === 'WORKDIR' && !text.startsWith('/')) faults.push(`relative: WORKDIR ${text}`)
      if (keyword === 'RUN' && /\bsudo\b|\bcd \//.test(text)) faults.push(`RUN ${text}`)
      if (keyword === 'RUN' && /npm install/.test(text) && !/npm cache clean/.test(text)) faults.push('a cache is kept')
      const stage = /--from=(\S+)/.exec(text)?.[1]
      if (keyword === 'COPY' && stage !== undefined && !names.includes(stage)) faults.push(`no stage ${stage}`)
      if (['ENTRYPOINT', 'CMD'].includes(keyword) && !text.startsWith('[')) faults.push(`a shell is in front: ${text}`)
      if (['ENV', 'ARG'].includes(keyword) && /token|password|secret/i.test(text)) faults.push(`a secret: ${text}`)
    }
  }
  const last = stages.at(-1) ?? []
  for (const keyword of ['ENTRYPOINT', 'HEALTHCHECK', 'CMD']) {
    if (last.filter((step) => step.keyword === keyword).length > 1) faults.push(`${keyword} twice`)
  }
  const user = last.findLast(({ keyword }) => keyword === 'USER')?.text
  if (user === undefined || /^(root|0)\b/.test(user)) faults.push('it runs as root')
  return faults
}

const KEYWORDS = new Set(
  'ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE HEALTHCHECK LABEL RUN SHELL STOPSIGNAL USER VOLUME WORKDIR'.split(' '),
)

describe('Dockerfile', () => {
  const [build, image] = stagesOf(read('Dockerfile'))
  const texts = (keyword: string, steps = image): string[] =>
    steps.filter((step) => step.keyword === keyword).map(({ text }) => text)

  test('breaks no rule', () => {
    expect(faultsOf(read('Dockerfile'))).toEqual([])
  })

  test('the rules find what breaks them', () => {
    const faulty =
      'FROM node AS a\nADD x /\nWORKDIR here\nRUN cd /x\nENV TOKEN=x\nFROM a:latest\nCOPY --from=b x y\nCMD node x'
    expect(faultsOf(faulty)).toHaveLength(9)
  })

  test('copies what is there, and what the steps before it have made', () => {
    const sources = texts(
      'COPY',
      [...build, ...image].filter(({ text }) => !text.includes('--from=')),
    )
      .map((text) => text.split(' ').filter((word) => !word.startsWith('--')))
      .flatMap((words) => words.slice(0, -1))
    expect(sources).toContain('examples/docker/entrypoint.sh')
    for (const source of sources) expect([source, existsSync(join(root, source))]).toEqual([source, true])
  })

  test('keeps files in a volume, listens on the ports by default, ends on SIGTERM, and tells its health', () => {
    expect(texts('VOLUME')).toEqual(['/data'])
    expect(texts('WORKDIR').at(-1)).toBe('/data')
    const { values } = new Config({})
    expect(texts('EXPOSE')).toEqual([`${values.port} ${values['http-port']}`])
    expect(texts('STOPSIGNAL')).toEqual(['SIGTERM'])
    expect(texts('HEALTHCHECK')[0]).toContain('/healthz')
  })

  test('what is not to be in the image is left out of its context', () => {
    const ignored = read('.dockerignore').split('\n')
    for (const name of ['.git', 'node_modules', '.next', '.zerodis', '.env*']) expect(ignored).toContain(name)
  })
})

describe('compose.yaml', () => {
  const document = parseDocument(read('compose.yaml'), { strict: true, uniqueKeys: true })
  const compose = document.toJS() as Compose

  interface Compose {
    readonly services: Record<string, Record<string, unknown>>
    readonly volumes: Record<string, unknown>
  }

  test('is YAML, of the keys and kinds that the specification has', () => {
    expect([document.errors, document.warnings]).toEqual([[], []])
    expect(Object.keys(compose).sort()).toEqual(['services', 'volumes'])
    const kinds: Record<string, (value: unknown) => boolean> = {
      build: (value) => value === '.',
      environment: (value) =>
        typeof value === 'object' && Object.values(value!).every((one) => typeof one === 'string'),
      ports: (value) => Array.isArray(value) && value.every((one) => /^127\.0\.0\.1:\d+:\d+$/.test(one)),
      volumes: (value) => Array.isArray(value) && value.every((one) => one.split(':')[0] in compose.volumes),
      restart: (value) => ['no', 'always', 'on-failure', 'unless-stopped'].includes(value as string),
      stop_grace_period: (value) => /^\d+s$/.test(value as string),
    }
    for (const service of Object.values(compose.services)) {
      for (const [name, value] of Object.entries(service)) {
        expect([name, kinds[name]?.(value) ?? 'unknown']).toEqual([name, true])
      }
    }
  })

  test('is one service, with the volume where the image keeps its files, which asks for its token', () => {
    expect(Object.keys(compose.services)).toEqual(['redis'])
    const { redis } = compose.services
    expect(redis).toMatchObject({
      volumes: ['redis-data:/data'],
      ports: ['127.0.0.1:6379:6379', '127.0.0.1:8079:8079'],
    })
    expect(redis.environment).toEqual({ SRH_TOKEN: expect.stringMatching(/^\$\{SRH_TOKEN:\?.+\}$/) })
  })
})
