/** Steps that run a script, for cases of scripting. */
import { createHash } from 'node:crypto'
import { type Expected, error, type Step } from '../dsl.ts'

/** In hexadecimal: the name of a script. */
export function sha1(text: string): string {
  return createHash('sha1').update(text, 'latin1').digest('hex')
}

/** A script without keys and arguments, and what it answers. */
export function runs(body: string, expected: Expected): Step {
  return [['EVAL', body, '0'], expected]
}

interface Failure {
  readonly command?: string
  readonly keys?: readonly string[]
  readonly line?: number
}

/** A script that ends with an error, of which the client also learns where it happened. */
export function fails(body: string, text: string, { command = 'EVAL', keys = [], line = 1 }: Failure = {}): Step {
  const where = `script: ${sha1(body)}, on @user_script:${line}.`
  return [[command, body, `${keys.length}`, ...keys], error(`${text} ${where}`)]
}
