/**
 * The certificates that Redis's suite wants in its mode `--tls`, made once by its own script. What the script would take
 * minutes for, and takes as it finds it, is there before: a short key of the authority, and a group of known parameters.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'

/** Path of the folder that is to stand at tests/tls. */
export function suiteCertificates(source: string, cache: string): string {
  const folder = join(cache, 'tls')
  if (!existsSync(folder)) {
    const making = join(cache, `tls-${process.pid}`)
    const files = join(making, 'tests/tls')
    mkdirSync(files, { recursive: true })
    openssl(files, 'genrsa -out ca.key 2048')
    openssl(files, 'genpkey -genparam -algorithm DH -pkeyopt group:ffdhe2048 -out redis.dh')
    execFileSync('bash', [join(source, 'utils/gen-test-certs.sh')], { cwd: making, stdio: 'ignore' })
    renameSync(files, folder)
  }
  return folder
}

function openssl(cwd: string, words: string): void {
  execFileSync('openssl', words.split(' '), { cwd, stdio: 'ignore' })
}
