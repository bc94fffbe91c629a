/**
 * The documentation as a site: `npm run docs` builds it, and fails where a link leads nowhere. Pages link to files of the repository
 * by their path (`../lib/base/bytes.ts`), as one reads them on GitHub; on the site these links lead there.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { MarkdownRenderer } from 'vitepress'
import { defineConfig } from 'vitepress'

const docs = join(import.meta.dirname, '..')
const root = join(docs, '..')
const REPOSITORY = 'https://github.com/zerodis/zerodis'

/** Links out of docs/ become links to the repository. @throws where there is no such file */
function linkToRepository(markdown: MarkdownRenderer): void {
  markdown.core.ruler.push('repository links', ({ tokens, env }) => {
    const folder = dirname(join(docs, env.relativePath))
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const href = token.type === 'link_open' ? token.attrGet('href') : null
      if (href === null || !/^\.\.?\//.test(href)) continue
      const [path, anchor] = href.split('#')
      const target = join(folder, decodeURI(path))
      if (!relative(docs, target).startsWith('..')) continue
      if (!existsSync(target)) throw new Error(`${env.relativePath}: there is no ${href}`)
      token.attrSet(
        'href',
        `${REPOSITORY}/blob/main/${relative(root, target)}${anchor === undefined ? '' : `#${anchor}`}`,
      )
    }
  })
}

/** Pages of a folder that are here, by the titles that they have. */
function pages(folder: string, names?: readonly string[]): { text: string; link: string }[] {
  const there = readdirSync(join(docs, folder)).filter((name) => name.endsWith('.md') && name !== 'index.md')
  const wanted = names?.map((name) => `${name}.md`).filter((name) => there.includes(name)) ?? there.sort()
  return wanted.map((name) => {
    const title = /^# (.+)$/m.exec(readFileSync(join(docs, folder, name), 'utf8'))?.[1] ?? name
    return { text: title, link: `/${folder}/${name.slice(0, -'.md'.length)}` }
  })
}

const HOSTS = [
  'clients',
  'next',
  'vercel',
  'cloudflare',
  'hosts',
  'server',
  'persistence',
  'replication',
  'shared-store',
  'postgres',
  'turso',
  'upstream',
  'docker',
]
const USES = [
  'testing',
  'cluster',
  'json',
  'queues',
  'rate-limits',
  'bottleneck',
  'sessions',
  'caching',
  'realtime',
  'console',
  'terminal',
  'metrics',
  'figures',
]
const migrations = existsSync(join(docs, 'guides/migrate')) ? pages('guides/migrate') : []

export default defineConfig({
  title: 'zerodis',
  description: 'A Redis that lives inside your JavaScript process.',
  cleanUrls: true,
  lastUpdated: false,
  markdown: { config: linkToRepository, languageAlias: { env: 'ini' } },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    socialLinks: [{ icon: 'github', link: REPOSITORY }],
    nav: [
      { text: 'Start', link: '/' },
      { text: 'Configuration', link: '/configuration' },
      { text: 'Commands', link: '/reference/commands' },
    ],
    sidebar: [
      { text: 'Start', link: '/' },
      { text: 'Guides', items: [...pages('guides', HOSTS), ...pages('guides', USES)] },
      ...(migrations.length > 0 ? [{ text: 'Coming from', collapsed: true, items: migrations }] : []),
      {
        text: 'Reference',
        items: [
          { text: 'Configuration', link: '/configuration' },
          ...pages('reference', ['commands', 'rest', 'errors', 'events']),
          { text: 'TypeScript API', link: '/reference/api/' },
        ],
      },
      {
        text: 'Internals',
        items: [
          { text: 'Architecture', link: '/architecture' },
          { text: 'Decisions', collapsed: true, items: pages('adr') },
          ...pages('internals'),
        ],
      },
    ],
  },
})
