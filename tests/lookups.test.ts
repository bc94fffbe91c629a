/**
 * What a client says is never looked up in a plain object, where `__proto__` and `constructor` are found: tables of words are Maps.
 * TypeScript lets an object be asked for any string only where its type says so; each such type is listed here with what it is
 * asked for.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createServer } from '../lib/server.ts'

/** By file: the types that may be asked for any string, in order, and why no client's word gets there. */
const OPEN_TYPES: Readonly<Record<string, { readonly types: number; readonly why: string }>> = {
  'base/words.ts': { types: 1, why: 'single characters' },
  'bottleneck/connection.ts': { types: 1, why: 'has no prototype' },
  'bottleneck/rest.ts': { types: 1, why: 'headers to send' },
  'commands/doc.ts': { types: 1, why: 'full names of commands of the table' },
  'commands/server/tips.ts': { types: 1, why: 'its entries are walked' },
  'config/config.ts': { types: 2, why: 'names of directives, found in a Map before' },
  'config/directive.ts': { types: 1, why: 'single characters' },
  'config/directives.ts': { types: 1, why: 'the table itself, which `satisfies` it' },
  'config/environment.ts': { types: 1, why: 'variables of the environment, by names of ours' },
  'config/suggest.ts': { types: 1, why: 'its entries are walked' },
  'durable/platform.ts': { types: 1, why: 'bindings of a Worker, by names of ours' },
  'host/redis8.ts': { types: 2, why: 'its entries are walked' },
  'ioredis.ts': { types: 3, why: 'headers to send' },
  'next.ts': { types: 1, why: 'parameters of a route, by its own name' },
  'scripting/libraries/cjson-settings.ts': { types: 1, why: 'functions to register' },
  'scripting/libraries/cjson.ts': { types: 1, why: 'functions to register' },
  'scripting/libraries/string-format.ts': { types: 1, why: 'single characters' },
  'scripting/libraries/struct-format.ts': { types: 1, why: 'single characters' },
  'scripting/luaapi.ts': { types: 1, why: 'functions to register' },
  'scripting/readonly.ts': { types: 1, why: 'functions to register' },
  'scripting/redisapi.ts': { types: 1, why: 'numbers to register' },
  'scripting/wasm.ts': { types: 2, why: 'exports of the WebAssembly module, by names of ours' },
}

/** Ways to ask an object for any string. */
const OPEN_TYPE = /\bRecord<(?:string|Bytes)\b|\[\w+: (?:string|Bytes)\]:|\bas keyof\b|\bas any\b/g

test('objects that may be asked for any string are those that no client asks', () => {
  const root = join(import.meta.dirname, '..', 'lib')
  const found: Record<string, number> = {}
  for (const path of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.ts')) continue
    const code = readFileSync(join(root, path), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '')
    const types = code.match(OPEN_TYPE)?.length ?? 0
    if (types > 0) found[path.replaceAll('\\', '/')] = types
  }
  expect(found, 'a type that is new here: is it asked for a word of a client? Then it should be a Map').toEqual(
    Object.fromEntries(Object.entries(OPEN_TYPES).map(([path, { types }]) => [path, types])),
  )
})

const INHERITED = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__']

/** Each kind of word that is looked up, with the word of an object's prototype in its place. */
const LOOKUPS: readonly ((word: string) => string[])[] = [
  (word) => [word],
  (word) => ['CLIENT', word],
  (word) => ['DEBUG', word],
  (word) => ['COMMAND', 'INFO', word],
  (word) => ['COMMAND', 'DOCS', word],
  (word) => ['COMMAND', 'GETKEYS', word, 'k'],
  (word) => ['COMMAND', 'LIST', 'FILTERBY', 'ACLCAT', word],
  (word) => ['CONFIG', 'GET', word],
  (word) => ['CONFIG', 'SET', word, '1'],
  (word) => ['CONFIG', 'SET', 'maxmemory', `1${word}`],
  (word) => ['CONFIG', 'SET', 'maxmemory-policy', word],
  (word) => ['CONFIG', 'SET', 'client-output-buffer-limit', `${word} 1 1 1`],
  (word) => ['CONFIG', 'SET', 'save', word],
  (word) => ['CONFIG', 'SET', 'notify-keyspace-events', word],
  (word) => ['INFO', word],
  (word) => ['ACL', 'GETUSER', word],
  (word) => ['ACL', 'CAT', word],
  (word) => ['ACL', 'SETUSER', 'u', `+@${word}`],
  (word) => ['ACL', 'SETUSER', 'u', `+${word}`],
  (word) => ['ACL', 'SETUSER', 'u', word],
  (word) => ['ACL', 'SETUSER', 'u', `+config|${word}`],
  (word) => ['ACL', 'DRYRUN', 'default', word, 'k'],
  (word) => ['LATENCY', 'HISTORY', word],
  (word) => ['LATENCY', 'HISTOGRAM', word],
  (word) => ['LATENCY', 'RESET', word],
  (word) => ['CLIENT', 'LIST', 'TYPE', word],
  (word) => ['CLIENT', 'KILL', 'TYPE', word],
  (word) => ['OBJECT', word, 'k'],
  (word) => ['SCAN', '0', 'TYPE', word],
  (word) => ['SET', 'k', 'v', word],
  () => ['JSON.SET', 'doc', '$', '{"a":[{}]}'],
  (word) => ['JSON.SET', 'j', '$', '1', word],
  (word) => ['JSON.SET', 'j', '$', '1', 'FPHA', word],
  (word) => ['JSON.GET', 'doc', `$.${word}`],
  (word) => ['JSON.GET', 'doc', `$[?@.${word}]`],
  (word) => ['JSON.DEBUG', word, 'doc'],
  (word) => ['GEODIST', 'g', 'a', 'b', word],
  (word) => ['ZUNION', '1', 'z', 'AGGREGATE', word],
  (word) => ['BITOP', word, 'd', 'k'],
  (word) => ['BITFIELD', 'k', 'OVERFLOW', word],
  (word) => ['BITFIELD', 'k', 'GET', word, '0'],
  (word) => ['XINFO', word, 's'],
  (word) => ['FUNCTION', 'RESTORE', 'x', word],
  (word) => ['FUNCTION', 'LOAD', `#!${word} name=x\n`],
  (word) => ['FCALL', word, '0'],
  (word) => ['EVALSHA', word, '0'],
  (word) => ['EVAL', `return redis.call('${word}')`, '0'],
  (word) => ['EVAL', `return redis.${word}`, '0'],
  (word) => ['EVAL', `return cjson.encode(cjson.decode('{"${word}":1}'))`, '0'],
]

test.each(INHERITED)('%s is no word that anything knows', async (word) => {
  const server = createServer({ 'enable-debug-command': 'yes', log: () => {} })
  const answers = async (name: string): Promise<string[]> => {
    const texts: string[] = []
    for (const argvOf of LOOKUPS) {
      let text: string
      try {
        text = JSON.stringify(await server.execute(...argvOf(name)))
      } catch (error) {
        text = `-${(error as Error).message}`
      }
      // Its sha1 is the only thing that a script's text changes.
      texts.push(text.replaceAll(new RegExp(name, 'gi'), 'WORD').replace(/[0-9a-f]{40}/g, 'SHA'))
    }
    return texts
  }
  // Of the same length and in the same mixture of letters, as no command knows it either.
  expect(await answers(word)).toEqual(await answers(word.replace(/[a-zA-Z]{3}/, 'zzz')))
  await server.close()
})
