/** Libraries of functions, and scripts, as far as a store tells of them. */
import type { Bytes } from '../wire/bytes.ts'
import { type Reply, Status } from '../wire/resp.ts'
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

/** @throws RestError */
export async function scriptState(rest: Rest, digest: Bytes): Promise<string> {
  const [known] = (await rest.run('SCRIPT', 'EXISTS', digest)) as number[]
  return known === 1 ? 'The store knows this script.' : 'The store does not know this script.'
}

function field(flat: readonly Reply[], name: string): Reply {
  return flat[flat.indexOf(name) + 1]
}

function text(flat: readonly Reply[], name: string): Bytes {
  const value = field(flat, name)
  return value === null ? '' : String(value)
}
