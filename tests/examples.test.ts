/** What the guide of hosts shows is what the projects of examples/ have, which are built and tried out (tests/examples). */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { withoutTypes } from './docs/snippets.ts'

const root = join(import.meta.dirname, '..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

/** The code below a heading of the guide. */
function snippetsOf(heading: string): string[] {
  const section = read('docs/guides/hosts.md')
    .split(/^## /m)
    .find((text) => text.startsWith(`${heading}\n`))!
  return [...section.matchAll(/^```ts\n(.*?)^```/gms)].map((match) => match[1])
}

const linesOf = (code: string): string[] => code.split('\n').filter((line) => line !== '' && !line.startsWith('//'))

describe('the guide of hosts', () => {
  test.each([
    ['Next, App Router', ['next/app/api/redis/[[...path]]/route.ts', 'next/instrumentation.ts']],
    ['Next, Pages Router', ['pages/pages/api/redis/[[...path]].ts']],
    ['Express 5, NestJS', ['express/server.js', undefined]],
    ['Fastify 5', ['fastify/server.js']],
    ['Koa 3', ['koa/server.js']],
    ['Hono', ['hono/server.js']],
  ])('%s: shows the lines of the example', (heading, files) => {
    const snippets = snippetsOf(heading)
    expect(snippets).toHaveLength(files.length)
    for (const [i, file] of files.entries()) {
      if (file === undefined) continue // no example has it; tests/docs/hosts.test.ts runs it
      const lines = read(join('examples', file)).split('\n')
      for (const line of linesOf(withoutTypes(snippets[i])))
        expect(lines.some((own) => own.startsWith(line))).toBe(true)
    }
  })
})

describe('examples', () => {
  const projects = readdirSync(join(root, 'examples')).filter((name) =>
    existsSync(join(root, 'examples', name, 'package.json')),
  )

  test.each(projects)(
    '%s depends on the package, says in a few lines how it is run, and holds nothing installed',
    (name) => {
      const manifest = JSON.parse(read(`examples/${name}/package.json`))
      expect(manifest).toMatchObject({ private: true })
      expect({ ...manifest.dependencies, ...manifest.devDependencies }).toHaveProperty('zerodis')
      const readme = read(`examples/${name}/README.md`).trimEnd().split('\n')
      expect(readme[0]).toMatch(/^# /)
      expect(readme.length).toBeLessThanOrEqual(30)
    },
  )
})
