/** Libraries of functions, and scripts, as far as a store tells of them. */
import type { Bytes } from '../wire/bytes.ts'
import { Failure, type Reply, Status } from '../wire/resp.ts'
import type { Rest } from '../wire/rest.ts'

export interface LibraryFunction {
  readonly name: Bytes
  readonly flags: readonly string[]
  readonly description: Bytes
}

export interface Library {
  readonly name: Bytes
  readonly engine: Bytes
  readonly functions: readonly LibraryFunction[]
  readonly code: Bytes
}

/** @throws RestError */
export async function librariesOf(rest: Rest): Promise<Library[]> {
  const replies = (await rest.run('FUNCTION', 'LIST', 'WITHCODE')) as Reply[][]
  return replies.map((flat) => ({
    name: text(flat, 'library_name'),
    engine: text(flat, 'engine'),
    functions: (field(flat, 'functions') as Reply[][]).map((each) => ({
      name: text(each, 'name'),
      flags: (field(each, 'flags') as Reply[]).map((flag) => (flag instanceof Status ? flag.text : String(flag))),
      description: text(each, 'description'),
    })),
    code: text(flat, 'library_code'),
  }))
}

export interface Script {
  readonly digest: Bytes
  readonly text: Bytes
}

/** All scripts, where the store tells them: zerodis does. Undefined where it does not. */
export async function scriptsOf(rest: Rest): Promise<Script[] | undefined> {
  const [reply] = await rest.pipeline([['SCRIPT', 'SHOW', '*']])
  if (!Array.isArray(reply)) return undefined
  return (reply as [Bytes, Bytes][]).map(([digest, text]) => ({ digest, text }))
}

/** A script by its SHA-1: its text where the store tells it (Valkey does), else whether it is known. @throws RestError */
export async function scriptState(rest: Rest, digest: Bytes): Promise<Script | string> {
  const [shown, known] = await rest.pipeline([
    ['SCRIPT', 'SHOW', digest],
    ['SCRIPT', 'EXISTS', digest],
  ])
  if (known instanceof Failure) throw new Error(known.text)
  if (!Array.isArray(known) || known[0] !== 1) return 'The store does not know this script.'
  return typeof shown === 'string'
    ? { digest, text: shown }
    : 'The store knows this script, and does not tell its text.'
}

function field(flat: readonly Reply[], name: string): Reply {
  return flat[flat.indexOf(name) + 1]
}

function text(flat: readonly Reply[], name: string): Bytes {
  const value = field(flat, name)
  return value === null ? '' : String(value)
}
