/**
 * The code: one ES module per entry, with what they share in chunks, so that every entry of a program looks at the same
 * store; and the same once more as CommonJS, for Jest and for whoever else cannot import. Two copies in one process share the
 * store, too: see docs/adr/0001-one-store-per-process.md.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { build, type Metafile, type OutputFile, type Plugin, type TransformOptions, transform } from 'esbuild'
import { COMMAND, COMMONJS, COMMONJS_ENTRIES, dist, ENTRIES, root } from './entries.ts'

const TARGET = 'node20.19'

/** The texts of COMMAND DOCS, which are loaded when somebody asks: one file is enough for both. */
const DOCS = 'commands/docs'
const DOCS_OF_COMMONJS: Plugin = {
  name: 'docs',
  setup({ onResolve }) {
    onResolve({ filter: /\/docs\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: `./${COMMONJS}/docs.js`, external: true } : undefined,
    )
  },
}

/** Writes it; returns the names of the packages that it imports. */
export async function buildJavaScript(): Promise<ReadonlySet<string>> {
  const [modules, commonjs] = await Promise.all([
    bundle([...ENTRIES, COMMAND], [DOCS_OF_COMMONJS]),
    bundle([...COMMONJS_ENTRIES, DOCS]),
  ])
  for (const { path, text } of modules.files) write(join(dist, basename(path)), text)
  await Promise.all(
    commonjs.files.map(async ({ path, text }) => write(join(dist, COMMONJS, basename(path)), await toCommonJs(text))),
  )
  return packagesOf(modules.metafile)
}

async function bundle(
  entries: readonly string[],
  plugins: Plugin[] = [],
): Promise<{ files: OutputFile[]; metafile: Metafile }> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: entries.map((name) => `lib/${name}.ts`),
    outdir: 'dist',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    target: TARGET,
    // A cold function waits for V8 to read all of it, and half the text is half the wait.
    minify: true,
    entryNames: '[name]',
    plugins,
    write: false,
    metafile: true,
  })
  return { files: outputFiles, metafile }
}

/** Jest knows no `import()` without a flag of Node's. */
const AS_COMMONJS: TransformOptions = {
  format: 'cjs',
  platform: 'node',
  target: TARGET,
  supported: { 'dynamic-import': false },
  minify: true,
}

/** esbuild splits ES modules only, so the chunks are translated one by one. */
async function toCommonJs(text: string): Promise<string> {
  return (await transform(text, AS_COMMONJS)).code
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text, { mode: text.startsWith('#!') ? 0o755 : 0o644 })
}

function packagesOf({ outputs }: Metafile): Set<string> {
  const used = new Set<string>()
  for (const { imports } of Object.values(outputs)) {
    for (const { path, external } of imports) {
      if (external && !path.startsWith('.'))
        used.add(path.startsWith('@') ? path.split('/', 2).join('/') : path.split('/', 1)[0])
    }
  }
  return used
}
