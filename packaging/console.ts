/**
 * The console as a page of files: `npm run build:console` leaves it in dist/console/, where `zerodis` serves it, and the package
 * holds the same. What a page needs at once is in one file, the rest comes when it is looked at.
 */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { dist, root } from './entries.ts'

export const CONSOLE_FOLDER = join(dist, 'console')

/** Browsers with light-dark(), the youngest word that the page's looks need. */
const BROWSERS = ['chrome123', 'firefox120', 'safari17.5']

export async function buildConsole(): Promise<void> {
  mkdirSync(CONSOLE_FOLDER, { recursive: true })
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['console/main.tsx', 'console/console.css'],
    outdir: CONSOLE_FOLDER,
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    target: BROWSERS,
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    legalComments: 'none',
    write: false,
    metafile: true,
  })
  for (const { path, contents } of outputFiles) writeFileSync(path, contents)
  const built = (source: string): string => {
    const output = Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint === source)
    return basename(output![0])
  }
  const page = readFileSync(join(root, 'console/index.html'), 'utf8')
    .replace('SCRIPT', built('console/main.tsx'))
    .replace('STYLE', built('console/console.css'))
  writeFileSync(join(CONSOLE_FOLDER, 'index.html'), page)
  copyFileSync(join(root, 'app/icon.svg'), join(CONSOLE_FOLDER, 'icon.svg'))
  // Files of before go last: who serves the folder meanwhile finds what its page names.
  const names = new Set(['index.html', 'icon.svg', ...outputFiles.map(({ path }) => basename(path))])
  for (const name of readdirSync(CONSOLE_FOLDER)) if (!names.has(name)) rmSync(join(CONSOLE_FOLDER, name))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildConsole()
