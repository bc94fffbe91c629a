/** What all builds of the code have in common. Paths are relative to the root, as the bundler tells them. */
import { relative, resolve } from 'node:path'
import { type BuildOptions, type BuildResult, build, type OnResolveResult, type Plugin } from 'esbuild'
import { dist, root } from './entries.ts'

export const TARGET = 'node20.19'

const OPTIONS = {
  absWorkingDir: root,
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  packages: 'external',
  target: TARGET,
  write: false,
  metafile: true,
} as const satisfies BuildOptions

export type Bundle = BuildResult<typeof OPTIONS>

export function bundle(options: BuildOptions): Promise<Bundle> {
  return build({ ...options, ...OPTIONS })
}

/** The path of an output below dist/. */
export function pathInDist(output: string): string {
  return relative(dist, output)
}

/** Imports that are not followed: `nameOf` gives another name to the path of a source in an importer, or undefined. */
export function external(nameOf: (source: string, importer: string) => string | undefined): Plugin {
  return {
    name: 'external',
    setup({ onResolve }) {
      onResolve({ filter: /^\./ }, ({ path, resolveDir, kind, importer, namespace }): OnResolveResult | undefined => {
        if (kind === 'entry-point' || namespace !== 'file') return undefined
        const name = nameOf(relative(root, resolve(resolveDir, path)), relative(root, importer))
        return name === undefined ? undefined : { path: name, external: true, sideEffects: false }
      })
    },
  }
}

/** Adds the names of the packages that a bundle imports. */
export function addPackages(found: Set<string>, { metafile }: Bundle): void {
  for (const { imports } of Object.values(metafile.outputs)) {
    for (const { path, external } of imports) {
      if (external && /^(@[\w-]+\/)?[\w-]+(\/|$)/.test(path))
        found.add(path.startsWith('@') ? path.split('/', 2).join('/') : path.split('/', 1)[0])
    }
  }
}
