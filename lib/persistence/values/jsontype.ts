/**
 * How JSON documents are kept: as RedisJSON keeps them since its version 2, one string of JSON under its own name and version of the
 * form. No genuine one was asked. The form before that, which had parts for a search index behind the string, is read too.
 */
import { ReplyError } from '../../base/reply.ts'
import { JsonValue } from '../../keyspace/values/json.ts'
import { LEVEL_MAX } from '../../keyspace/values/json-node.ts'
import { parseWeighed } from '../../keyspace/values/json-parse.ts'
import { printJson } from '../../keyspace/values/json-print.ts'
import { Malformed } from '../format/input.ts'
import { TooLong } from '../format/output.ts'
import type { ModuleInput, ModuleOutput, ModuleType } from './moduletype.ts'

export const JSON_TYPE: ModuleType<JsonValue> = { type: 'ReJSON-RL', name: 'ReJSON-RL', version: 3, write, read }

const WITH_SEARCH = 2

function write(output: ModuleOutput, { root }: JsonValue): void {
  const text = printJson(root)
  if (text === undefined) throw new TooLong('a document that is longer than a string can be')
  output.string(text)
}

function read(input: ModuleInput, version: number): JsonValue {
  if (version < WITH_SEARCH) throw new Malformed(`a document of the form ${version}`)
  const root = parseWeighed(input.string(), LEVEL_MAX, input.documentBytesMax)
  if (root instanceof ReplyError) throw new Malformed(`a document that is no JSON: ${root.text}`)
  if (version === WITH_SEARCH && input.unsigned() !== 0) {
    input.string()
    input.string()
  }
  return new JsonValue(root.node, root.bytes)
}
