/**
 * Where Redis's own test suite comes from: a folder that the user names, or Debian's source package, fetched once into
 * .cache with a sources list of its own, so that the machine's is not touched.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const SOURCES = `Types: deb-src
URIs: http://deb.debian.org/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb-src
URIs: http://deb.debian.org/debian-security
Suites: bookworm-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
`

/** The root of a Redis source tree. @throws Error that says what to do where it cannot be had */
export function suiteSource(given: string | undefined, cache: string): string {
  if (given !== undefined) {
    if (!existsSync(join(given, 'tests/test_helper.tcl'))) throw new Error(`${given} holds no Redis source tree`)
    return given
  }
  const source = join(cache, 'source')
  if (!existsSync(join(source, 'tests/test_helper.tcl'))) fetchSource(cache, source)
  return source
}

function fetchSource(cache: string, source: string): void {
  const apt = join(cache, 'apt')
  for (const folder of ['parts', 'lists/partial', 'cache/archives/partial'])
    mkdirSync(join(apt, folder), { recursive: true })
  writeFileSync(join(apt, 'parts/debian.sources'), SOURCES)
  const options = {
    'Dir::Etc::sourcelist': '/dev/null',
    'Dir::Etc::sourceparts': join(apt, 'parts'),
    'Dir::State::lists': join(apt, 'lists'),
    'Dir::Cache': join(apt, 'cache'),
    'Acquire::Languages': 'none',
  }
  const flags = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`])
  const run = (...args: string[]): void => {
    execFileSync('apt-get', ['-q', ...flags, ...args], { cwd: cache, stdio: ['ignore', 'ignore', 'pipe'] })
  }
  try {
    run('update')
    run('source', '--download-only', 'redis')
  } catch (error) {
    throw new Error(
      `Redis's source package cannot be fetched (${(error as Error).message.split('\n')[0]}). ` +
        'Give the path of a Redis 7.0 source tree instead: npm run test:redis -- --source PATH',
    )
  }
  const archive = readdirSync(cache).find((name) => name.endsWith('.orig.tar.gz'))
  if (archive === undefined) throw new Error('the source package holds no archive')
  mkdirSync(source, { recursive: true })
  execFileSync('tar', ['xzf', archive, '-C', source, '--strip-components=1'], { cwd: cache })
}
