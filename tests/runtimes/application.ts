/** An application in a folder of its own that has installed the package as npm would publish it, without a network. */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '..', '..')

interface Manifest {
  readonly dependencies?: Record<string, string>
}

export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
}

/** Runs a program to its end; returns what it printed. @throws with its output where it failed */
export function run(command: string, args: readonly string[], cwd: string, env = process.env): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8', env })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}:\n${error ?? ''}${stdout}${stderr}`)
  return stdout
}

/** Builds the package and packs it into `folder`; returns the tarball's path. */
export function packPackage(folder: string): string {
  run('npm', ['run', 'build:package'], root)
  const packed = run('npm', ['pack', '--json', '--pack-destination', folder, join(root, 'dist')], folder)
  const [{ filename }] = JSON.parse(packed) as { filename: string }[]
  return join(folder, filename)
}

/** Builds the package and installs it into `folder`, with `others` of what is installed here. */
export function installPackage(folder: string, others: readonly string[] = []): void {
  run('npm', ['run', 'build:package'], root)
  const dist = join(root, 'dist')
  // Without a network the dependencies come as tarballs of what is installed here.
  const sources = [dist, ...dependencies(readManifest(dist)), ...others.map((name) => join(root, 'node_modules', name))]
  const packed = run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder, ...sources], folder)
  const tarballs = (JSON.parse(packed) as { filename: string }[]).map(({ filename }) => join(folder, filename))
  writeFileSync(join(folder, 'package.json'), '{ "name": "app", "private": true, "type": "module" }')
  run('npm', ['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', ...tarballs], folder)
}

/** The folders of a package's dependencies, and of theirs. */
function dependencies(manifest: Manifest, found = new Set<string>()): Set<string> {
  for (const name of Object.keys(manifest.dependencies ?? {})) {
    const path = join(root, 'node_modules', name)
    if (found.has(path)) continue
    found.add(path)
    dependencies(readManifest(path), found)
  }
  return found
}
