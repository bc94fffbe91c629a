/** The commands over several keys that may be cut up by slot: what each part is, and what becomes of their replies. */
import type { Bytes } from '../base/bytes.ts'
import type { Reply } from '../base/reply.ts'
import { slotOf } from '../base/slots.ts'

export interface Split {
  readonly parts: readonly { readonly slot: number; readonly argv: readonly Bytes[] }[]
  /** None of the replies is an error. */
  join(replies: readonly Reply[]): Reply
}

/** Arguments that belong to one key, its own included. */
const WIDTHS: ReadonlyMap<Bytes, number> = new Map([
  ['mget', 1],
  ['mset', 2],
  ['del', 1],
  ['unlink', 1],
  ['exists', 1],
  ['touch', 1],
])

/** Undefined for a command that is never cut up. */
export function splitOf(name: Bytes, argv: readonly Bytes[]): Split | undefined {
  const width = WIDTHS.get(name)
  if (width === undefined || (argv.length - 1) % width !== 0) return undefined
  const bySlot = new Map<number, { readonly argv: Bytes[]; readonly places: number[] }>()
  for (let i = 1, place = 0; i < argv.length; i += width, place++) {
    const slot = slotOf(argv[i])
    let part = bySlot.get(slot)
    if (part === undefined) bySlot.set(slot, (part = { argv: [argv[0]], places: [] }))
    for (let j = 0; j < width; j++) part.argv.push(argv[i + j])
    part.places.push(place)
  }
  const parts = [...bySlot].map(([slot, part]) => ({ slot, argv: part.argv }))
  const places = [...bySlot.values()].map((part) => part.places)
  return { parts, join: (replies) => joined(name, places, replies) }
}

function joined(name: Bytes, places: readonly (readonly number[])[], replies: readonly Reply[]): Reply {
  if (name === 'mset') return replies[0]
  if (name !== 'mget') return replies.reduce<number>((total, reply) => total + Number(reply), 0)
  const values: Reply[] = []
  replies.forEach((reply, part) => {
    for (const [i, place] of places[part].entries()) values[place] = (reply as readonly Reply[])[i]
  })
  return values
}
