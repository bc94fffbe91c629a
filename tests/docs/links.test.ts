/** What the pages point at is there: files, headings, and the texts of errors that they quote. The site's own build looks again. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { ReplyError } from '../../lib/base/reply.ts'
import { root } from './snippets.ts'

const ours = (path: string) => path.endsWith('.md') && !/^(\.vitepress|reference\/api|node_modules)\//.test(path)
const pages = [
  ...['README.md', 'SECURITY.md', 'CONTRIBUTING.md'],
  ...(readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }) as string[])
    .map((path) => path.replaceAll('\\', '/'))
    .filter(ours)
    .map((path) => `docs/${path}`),
]

const read = (path: string) => readFileSync(join(root, path), 'utf8')
/** Text without its code, in which brackets are no links. */
const prose = (text: string) => text.replace(/^```[\s\S]*?^```$/gm, '').replace(/`[^`\n]*`/g, 'code')

/** Anchors of a page, as GitHub and the site make them of its headings. */
function anchorsOf(path: string): ReadonlySet<string> {
  const text = read(path).replace(/^```[\s\S]*?^```$/gm, '')
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
  return new Set([...headings, ...[...text.matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id)])
}

test.each(pages)('%s: every link leads somewhere', (page) => {
  const broken = [...prose(read(page)).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, href]) => href)
    .filter((href) => !/^https?:/.test(href))
    .filter((href) => {
      const [path, anchor] = href.split('#')
      // The pages of the API are made by the site's build.
      if (path.includes('reference/api')) return false
      const target = path === '' ? page : join(dirname(page), path)
      if (!existsSync(join(root, target))) return true
      return anchor !== undefined && !anchorsOf(target).has(anchor)
    })
  expect(broken).toEqual([])
})

test('docs/reference/errors.md quotes texts that there are', async () => {
  const rooms = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' }).filter((path) =>
    /(^|\/)errors\.ts$/.test(path),
  )
  const errors = await Promise.all(rooms.map((path) => import(join(root, 'lib', path)) as Promise<object>))
  const texts = new Set(
    errors.flatMap((room) => Object.values(room)).flatMap((error) => (error instanceof ReplyError ? [error.text] : [])),
  )
  const quoted = [...read('docs/reference/errors.md').matchAll(/\| `([A-Z]+ [^`]+)` \|/g)].map(([, text]) => text)
  expect(quoted.length).toBeGreaterThan(15)
  expect(quoted.filter((text) => !texts.has(text))).toEqual([])
})
