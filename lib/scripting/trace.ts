/**
 * redis.debug: what a script shows of its values while it is debugged. The debugger does not stop (nothing else would run
 * meanwhile, not even the client that is to say how to go on): a script runs to its end, and what it has shown comes
 * before its reply, in the form that `redis-cli --ldb` prints.
 */
import type { Bytes } from '../base/bytes.ts'
import { quote } from '../config/directive.ts'
import { formatG } from './libraries/decimal.ts'
import type { LuaApi } from './luaapi.ts'
import { type Address, type LuaState, LuaType, NODE_BYTES, VALUE_BYTES } from './luamemory.ts'
import type { Run } from './run.ts'

const MAX_DEPTH = 10
/** Units of work of each value. */
const VALUE_WORK = 32
const NAMES: Readonly<Record<number, string>> = {
  [LuaType.Function]: 'function',
  [LuaType.Userdata]: 'userdata',
  [LuaType.Thread]: 'thread',
  [LuaType.LightUserdata]: 'light-userdata',
}

/** The line for a call of redis.debug, with its arguments. */
export function traceLine(api: LuaApi, L: LuaState, run: Run): Bytes {
  const values: Bytes[] = []
  for (let arg = 1; arg <= api.argCount(L); arg++) values.push(show(api, L, run, api.argSlot(L, arg), 0))
  api.c.luaL_where(L, 1)
  const line = /:(\d+): $/.exec(api.toBytes(L, -1) ?? '')?.[1] ?? '0'
  return `<debug> line ${line}: ${values.join(', ')}`
}

function show(api: LuaApi, L: LuaState, run: Run, slot: Address, depth: number): Bytes {
  if (depth === MAX_DEPTH) return '<max recursion level reached! Nested table?>'
  const type = api.typeIn(slot)
  api.work(VALUE_WORK)
  run.traced += VALUE_BYTES + (type === LuaType.String ? api.stringLengthIn(slot) : 0)
  if (run.traced > api.maxBytes) api.memoryError(L)
  switch (type) {
    case LuaType.Nil:
      return 'nil'
    case LuaType.Boolean:
      return `${api.booleanIn(slot)}`
    case LuaType.Number:
      return formatG(api.numberIn(slot), 6)
    case LuaType.String:
      return quote(api.bytesIn(slot))
    case LuaType.Table:
      return showTable(api, L, run, api.objectIn(slot), depth + 1)
    default:
      return `"${NAMES[type] ?? 'unknown'}@0x${api.objectIn(slot).toString(16)}"`
  }
}

/** `{1; 2}` for an array, `{["a"]=1; [2]=3}` for what is none. */
function showTable(api: LuaApi, L: LuaState, run: Run, table: Address, depth: number): Bytes {
  const pairs: (readonly [key: Bytes, value: Bytes])[] = []
  const size = api.arraySizeOf(table)
  for (let i = 0; i < size; i++) {
    const slot = api.arrayOf(table) + i * VALUE_BYTES
    if (api.typeIn(slot) !== LuaType.Nil) pairs.push([`${i + 1}`, show(api, L, run, slot, depth)])
  }
  for (let i = 0, count = api.nodeCountOf(table); i < count; i++) {
    const slot = api.nodesOf(table) + i * NODE_BYTES
    if (api.typeIn(slot) !== LuaType.Nil) {
      pairs.push([show(api, L, run, slot + VALUE_BYTES, depth), show(api, L, run, slot, depth)])
    }
  }
  const isArray = pairs.every(([key], i) => key === `${i + 1}`)
  return `{${pairs.map(([key, value]) => (isArray ? value : `[${key}]=${value}`)).join('; ')}}`
}
