/** Commands on documents beside a naive model: the same edits on what JSON.parse makes. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createServer, type Server } from '../../../lib/server.ts'

type Plain = null | boolean | number | string | Plain[] | { [key: string]: Plain }

const NAMES = ['a', 'b', 'c']
const scalar = fc.constantFrom<Plain>(null, true, false, 0, -3, 7, '', 'x', 'é😀', '"\\\n')
const { value } = fc.letrec<{ value: Plain }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    { weight: 3, arbitrary: scalar },
    { weight: 2, arbitrary: fc.array(tie('value'), { maxLength: 4 }) },
    {
      weight: 3,
      arbitrary: fc.dictionary(fc.constantFrom(...NAMES), tie('value'), { maxKeys: 3, noNullPrototype: true }),
    },
  ),
}))
const keys = fc.array(fc.oneof(fc.constantFrom(...NAMES), fc.integer({ min: -3, max: 3 })), { maxLength: 3 })
const DOES = [
  ...(['set', 'nx', 'xx', 'del', 'clear', 'merge', 'toggle', 'incr', 'mult', 'append', 'push', 'insert'] as const),
  ...(['pop', 'trim', 'index', 'get', 'type', 'len'] as const),
]
const step = fc.record({
  does: fc.constantFrom(...DOES),
  keys,
  value,
  m: fc.integer({ min: -4, max: 4 }),
  n: fc.integer({ min: -4, max: 4 }),
})

class Model {
  root: Plain | undefined

  /** The container and the key of a path, or undefined where there is none; `isThere` if something stands there. */
  find(
    path: readonly (string | number)[],
  ): { in: { [key: string]: Plain }; key: string; isThere: boolean } | undefined {
    let holder: Plain = { root: this.root as Plain }
    let key = 'root'
    for (const next of path) {
      const node: Plain | undefined = (holder as { [key: string]: Plain })[key]
      if (typeof next === 'number') {
        if (!Array.isArray(node)) return undefined
        key = `${next < 0 ? next + node.length : next}`
        if (!(key in node)) return undefined
      } else {
        if (typeof node !== 'object' || node === null || Array.isArray(node)) return undefined
        key = next
      }
      holder = node
      if (!Object.hasOwn(holder as object, key) && next !== path.at(-1)) return undefined
    }
    const holds = holder as { [key: string]: Plain }
    return { in: holds, key, isThere: Object.hasOwn(holds, key) && holds[key] !== undefined }
  }
}

function merged(target: Plain | undefined, patch: Plain): Plain {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return structuredClone(patch)
  const made: { [key: string]: Plain } =
    typeof target === 'object' && target !== null && !Array.isArray(target) ? target : {}
  for (const [key, member] of Object.entries(patch)) {
    if (member === null) delete made[key]
    else made[key] = merged(made[key], member)
  }
  return made
}

const clamp = (index: number, length: number): number => (index < 0 ? Math.max(0, index + length) : index)

test('definite paths change what the model changes', async () => {
  const server: Server = createServer({ log() {} })
  const send = async (...argv: string[]): Promise<unknown> => {
    try {
      return await server.execute(...argv)
    } catch (error) {
      return (error as Error).message
    }
  }
  await fc.assert(
    fc.asyncProperty(value, fc.array(step, { maxLength: 40 }), async (start, steps) => {
      await send('JSON.SET', 'doc', '$', JSON.stringify(start))
      const model = new Model()
      model.root = structuredClone(start)
      for (const { does, keys: path, value: operand, m, n } of steps) {
        const text = `$${path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('')}`
        const json = JSON.stringify(operand)
        const place = model.find(path)
        const node = place?.isThere ? place.in[place.key] : undefined
        const array = Array.isArray(node) ? node : undefined
        const put = (made: Plain): void => {
          if (path.length === 0) model.root = made
          else place!.in[place!.key] = made
        }
        switch (does) {
          case 'set':
          case 'nx':
          case 'xx': {
            await send('JSON.SET', 'doc', text, json, ...(does === 'set' ? [] : [does]))
            const canBe = place !== undefined && (node !== undefined ? does !== 'nx' : does !== 'xx')
            if (canBe) put(structuredClone(operand))
            break
          }
          case 'merge':
            await send('JSON.MERGE', 'doc', text, json)
            if (node !== undefined) put(merged(node, operand))
            else if (place !== undefined) put(structuredClone(operand))
            break
          case 'del':
            if (path.length === 0) break
            expect(await send('JSON.DEL', 'doc', text)).toBe(node === undefined ? 0 : 1)
            if (node === undefined) break
            if (Array.isArray(place!.in)) place!.in.splice(Number(place!.key), 1)
            else delete place!.in[place!.key]
            if (Object.keys(model.root as object).length === 0) {
              expect(await send('EXISTS', 'doc')).toBe(0)
              await send('JSON.SET', 'doc', '$', JSON.stringify(model.root))
            }
            break
          case 'clear':
            await send('JSON.CLEAR', 'doc', text)
            if (array !== undefined) put([])
            else if (typeof node === 'object' && node !== null) put({})
            else if (typeof node === 'number') put(0)
            break
          case 'toggle':
            await send('JSON.TOGGLE', 'doc', text)
            if (typeof node === 'boolean') put(!node)
            break
          case 'incr':
          case 'mult': {
            const reply = await send(does === 'incr' ? 'JSON.NUMINCRBY' : 'JSON.NUMMULTBY', 'doc', text, `${m}`)
            const result = typeof node !== 'number' ? null : does === 'incr' ? node + m : node * m + 0
            expect(JSON.parse(reply as string)).toEqual(node === undefined ? [] : [result])
            if (result !== null) put(result)
            break
          }
          case 'append':
            await send('JSON.STRAPPEND', 'doc', text, '"é"')
            if (typeof node === 'string') put(`${node}é`)
            break
          case 'push':
            expect(await send('JSON.ARRAPPEND', 'doc', text, json, json)).toEqual(
              node === undefined ? [] : [array === undefined ? null : array.length + 2],
            )
            array?.push(structuredClone(operand), structuredClone(operand))
            break
          case 'insert':
            await send('JSON.ARRINSERT', 'doc', text, `${m}`, json)
            if (array !== undefined && m <= array.length && m >= -array.length)
              array.splice(m, 0, structuredClone(operand))
            break
          case 'pop': {
            const reply = await send('JSON.ARRPOP', 'doc', text, `${m}`)
            if (array === undefined || array.length === 0) break
            const [popped] = array.splice(Math.min(clamp(m, array.length), array.length - 1), 1)
            expect(JSON.parse((reply as string[])[0])).toEqual(popped)
            break
          }
          case 'trim': {
            await send('JSON.ARRTRIM', 'doc', text, `${m}`, `${n}`)
            if (array !== undefined) put(array.slice(clamp(m, array.length), clamp(n, array.length) + 1))
            break
          }
          case 'index': {
            const reply = await send('JSON.ARRINDEX', 'doc', text, json, `${m}`, `${n}`)
            if (array === undefined) break
            const from = m < 0 ? clamp(m, array.length) : Math.min(m, array.length - 1)
            const to = n === 0 ? array.length : n < 0 ? clamp(n, array.length) : Math.min(n, array.length)
            let index = -1
            for (let i = Math.max(0, from); i < to && index === -1; i++) if (equal(array[i], operand)) index = i
            expect(reply).toEqual([index])
            break
          }
          case 'type':
            expect(await send('JSON.TYPE', 'doc', text)).toEqual(node === undefined ? [] : [expect.any(String)])
            break
          case 'len':
            expect(await send('JSON.ARRLEN', 'doc', text)).toEqual(node === undefined ? [] : [array?.length ?? null])
            break
          default:
            expect(JSON.parse((await send('JSON.GET', 'doc', text)) as string)).toEqual(
              node === undefined ? [] : [node],
            )
        }
        expect(JSON.parse((await send('JSON.GET', 'doc')) as string), `${does} ${text} ${json} ${m} ${n}`).toEqual(
          model.root,
        )
      }
    }),
    { numRuns: 400 },
  )
  await server.close()
}, 60_000)

/** As RedisJSON compares integers; fractions, which it tells from them, are not among the operands. */
function equal(left: Plain, right: Plain): boolean {
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return left === right
  const [keysOfLeft, keysOfRight] = [Object.keys(left), Object.keys(right)]
  if (Array.isArray(left) !== Array.isArray(right) || keysOfLeft.length !== keysOfRight.length) return false
  const [mine, theirs] = [left as { [key: string]: Plain }, right as { [key: string]: Plain }]
  return keysOfLeft.every((key) => Object.hasOwn(theirs, key) && equal(mine[key], theirs[key]))
}
