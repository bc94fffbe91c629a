/**
 * Puts fuel into Lua's binary, so that nothing in it runs for long unseen: the rounds of each loop, and the calls of enough
 * functions that none can come to call itself without, take from a global counter. Where that is used up it is filled again
 * and JavaScript is asked (`env.check`), which looks at the clock and may throw. What has no loop and does not recur ends
 * soon. So C functions are covered as the interpreter is, by construction and not one by one, and the interpreter needs no
 * count hook: its look at one is taken out.
 *
 * To be cheap, a loop without others in it counts its rounds in a local variable and takes fuel for several at once; as many
 * rounds less one may go uncounted in a call. What goes through the bytes of one string, or copies memory, takes fuel by
 * the size.
 *
 * This works on the text that wabt prints: an instruction a line, blocks by their indentation, names for functions and labels.
 */

/** Units between two looks at the clock: 0.2 to 1 ms. */
const FUEL = 200_000
/** Rounds that are counted at once: of a loop without calls, and of one with calls, in each of which more may go uncounted. */
const ROUNDS = 32
const ROUNDS_WITH_CALLS = 8
/** Bytes of a string that are a unit, and of memory. Powers of 2. */
const STRING_BYTES_LOG = 3
const COPIED_BYTES_LOG = 5

/** `$fuel_left` and `$rounds` are local variables of each function that has these in it. */
const take = (units: string): string => `
  global.get $fuel  ${units}  i32.sub  local.tee $fuel_left  global.set $fuel
`
const LOOK = `
  local.get $fuel_left  i32.const 0  i32.lt_s  if  call $refuel  end
`
const TICK = take('i32.const 1') + LOOK
const TAKE_BY_SIZE = take(`local.get $p2  i32.const ${STRING_BYTES_LOG}  i32.shr_u`)
const every = (rounds: number, look = ''): string => `
  local.get $rounds  i32.const 1  i32.sub  local.tee $rounds  i32.const ${rounds - 1}  i32.and  i32.eqz
  if  ${take(`i32.const ${rounds}`)} ${look}  end
`

/** `$copy` is in place of emscripten_memcpy_js, which memcpy calls for what is longer than 512 bytes. */
const FUNCTIONS = `
(global $fuel (mut i32) (i32.const ${FUEL}))

(func $refuel
  (global.set $fuel (i32.const ${FUEL}))
  (call $env.check))

(func $copy (param $to i32) (param $from i32) (param $size i32)
  (global.set $fuel (i32.sub (global.get $fuel) (i32.shr_u (local.get $size) (i32.const ${COPIED_BYTES_LOG}))))
  (if (i32.lt_s (global.get $fuel) (i32.const 0)) (then (call $refuel)))
  (memory.copy (local.get $to) (local.get $from) (local.get $size)))

`

/** A function as wabt prints it: a line with its type, one with its local variables, the instructions. */
const FUNCTION = /^ {2}\(func (?<name>\$[\w.]+) .*\n(?: {4}\(local .*\n)?(?<body>(?: {4}.*\n)*)/gm

/** The interpreter is the only function that branches to 38 opcodes. */
const OPCODES = /br_table(?: \$\w+){39}\n/
/** Its look, at each instruction, at whether there is a hook. */
const HOOK_CHECK =
  /( +)local.get \$p0\n *i32.load8_u offset=56\n *local.tee \$l2\n *i32.const 12\n *i32.and\n *i32.eqz\n *br_if (\$B\d+)\n/

type Calls = ReadonlyMap<string, readonly string[]>

/** @param raise the name of luaD_throw */
export function withFuel(text: string, raise: string): string {
  const calls = new Map<string, readonly string[]>()
  let interpreter = ''
  for (const { groups } of text.matchAll(FUNCTION)) {
    const { name, body } = groups!
    calls.set(
      name,
      [...body.matchAll(/\bcall (\$[\w.]+)/g)].map(([, callee]) => callee),
    )
    if (OPCODES.test(body)) interpreter = name
  }
  if (interpreter === '') throw new Error('luaV_execute is not what it was')
  const ticking = tickingOf(calls, interpreter, raise)
  // luaL_addlstring and luaS_newlstr: their loops go through the bytes of the string.
  const sized = new Set(['$luaL_addlstring', calls.get('$lua_pushlstring')!.at(-1)!])
  // luaV_gettable and luaV_settable: their loops end after 100 rounds, and each access to a table goes there.
  const bounded = new Set([calls.get('$lua_gettable')!.at(-1)!, calls.get('$lua_settable')!.at(-1)!])
  const fuelled = text.replace(FUNCTION, (whole: string, name: string, body: string) => {
    const own = name === interpreter ? withoutHook(body) : body
    const begin = sized.has(name) ? TAKE_BY_SIZE : ticking.has(name) ? TICK : ''
    const looped = own.replace(/^( *)loop .*$/gm, (loop: string, indent: string, at: number) => {
      const inside = own.slice(at + loop.length, own.indexOf(`\n${indent}end`, at))
      if (bounded.has(name)) return loop
      if (name === interpreter) return loop + every(ROUNDS, LOOK)
      if (/\bloop /.test(inside)) return loop + TICK
      if (sized.has(name)) return loop
      return loop + (/\bcall/.test(inside) ? every(ROUNDS_WITH_CALLS, LOOK) : every(ROUNDS))
    })
    if (looped === body && begin === '') return whole
    return `${whole.slice(0, whole.length - body.length)}(local $fuel_left i32) (local $rounds i32)\n${begin}${looped}`
  })
  return fuelled
    .replace(/(?=^ {2}\(func )/m, FUNCTIONS)
    .replaceAll('call $env.emscripten_memcpy_js', 'call $copy')
    .replace(/\(import "env" "emscripten_memcpy_js" .*/, '(import "env" "check" (func $env.check))')
}

function withoutHook(body: string): string {
  const without = body.replace(HOOK_CHECK, '$1br $2\n')
  if (without === body) throw new Error('the count hook is not where it was')
  return without
}

/**
 * The functions whose calls take fuel: what C functions call others with and what raises errors, so that most circles are
 * cut where one seldom comes by; and then what may still come to call itself.
 */
function tickingOf(calls: Calls, interpreter: string, raise: string): Set<string> {
  const [luaDCall] = calls.get('$lua_call')!
  const [luaGErrorMsg] = calls.get('$lua_error')!
  const raisers = [...calls].filter(([, callees]) => callees.includes(luaGErrorMsg)).map(([name]) => name)
  const ticking = new Set([luaDCall, raise, luaGErrorMsg, ...raisers])
  const cut = new Set([...ticking, interpreter])
  for (const name of calls.keys()) if (!cut.has(name) && recurs(calls, name, cut)) ticking.add(name)
  return ticking
}

/** Whether a function may come to call itself by direct calls other than of those in `cut`. */
function recurs(calls: Calls, name: string, cut: ReadonlySet<string>): boolean {
  const reached = new Set(cut)
  const open = [...calls.get(name)!]
  for (let callee = open.pop(); callee !== undefined; callee = open.pop()) {
    if (callee === name) return true
    if (reached.has(callee)) continue
    reached.add(callee)
    open.push(...(calls.get(callee) ?? []))
  }
  return false
}
