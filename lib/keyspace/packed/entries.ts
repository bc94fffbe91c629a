/**
 * The entries of a small sorted set where they lie: a listpack of member, score, member, score, … from the lowest score up, members of
 * one score in the order of their bytes. How a score is written is in score.ts. O(n) all of it.
 */
import type { Bytes } from '../../base/bytes.ts'
import type { Cut } from '../values/cut.ts'
import type { Visit } from '../values/score-tree.ts'
import { back, HEADER_BYTES, readElement, skip, writeElement } from './element.ts'
import { ELEMENT_MAX, endListpack, PACK_MAX, type Pack } from './pack.ts'
import { compareScore, scoreAt, writeScore } from './score.ts'

/** The longest score takes no more. Unit: bytes. */
const SCORE_ROOM = 32

/** Writes entries, given in order, as a listpack into the scratch array. Returns its length; 0 if it is too large. */
export function writeEntries(members: readonly Bytes[], scores: readonly number[]): number {
  let at = HEADER_BYTES
  for (let i = 0; i < members.length; i++) {
    if (at + members[i].length > PACK_MAX) return 0
    at = writeScore(scores[i], writeElement(members[i], at))
  }
  return endListpack(at, 2 * members.length)
}

export function scoreOf(pack: Pack, member: Bytes): number | undefined {
  const found = pack.find(member, 2)
  return found === -1 ? undefined : scoreAt(pack, pack.skip(found))
}

/** Adds a member that is known to be absent. False, and nothing is changed, if that is too much for a pack. */
export function addEntry(pack: Pack, member: Bytes, score: number): boolean {
  if (member.length > ELEMENT_MAX) return false
  const at = placeFor(pack, member, score)
  return pack.change(at, 0, writeScore(score, writeElement(member, 0)), 2)
}

/** Gives a member that is there a new score. As `addEntry`. */
export function updateEntry(pack: Pack, member: Bytes, score: number): boolean {
  const found = pack.find(member, 2)
  const scorePlace = pack.skip(found)
  const next = pack.skip(scorePlace)
  if (staysBetween(pack, found, next, member, score)) {
    return pack.change(scorePlace, next - scorePlace, writeScore(score, 0), 0)
  }
  // A score takes little: room for it is made before anything goes.
  if (pack.length + SCORE_ROOM > PACK_MAX) return false
  pack.change(found, next - found, 0, -2)
  return addEntry(pack, member, score)
}

/** True if the member was there. */
export function removeEntry(pack: Pack, member: Bytes): boolean {
  const found = pack.find(member, 2)
  if (found === -1) return false
  pack.change(found, pack.skip(pack.skip(found)) - found, 0, -2)
  return true
}

/** Removes `count` entries from a rank on. */
export function removeEntries(pack: Pack, rank: number, count: number): void {
  const from = pack.seek(2 * rank)
  let to = from
  for (let i = 0; i < 2 * count; i++) to = pack.skip(to)
  pack.change(from, to - from, 0, -2 * count)
}

/** How many entries lie before that of a member which is there. */
export function rankOf(pack: Pack, member: Bytes): number {
  const found = pack.find(member, 2)
  let rank = 0
  for (let at = pack.first(); at !== found; at = pack.skip(pack.skip(at))) rank++
  return rank
}

/** How many entries lie before a cut. */
export function rankOfCut(pack: Pack, cut: Cut): number {
  let rank = 0
  let at = pack.first()
  while (!pack.isEnd(at)) {
    const next = pack.skip(at)
    if (!cut.isAfter(scoreAt(pack, next), cut.asksMember ? pack.elementAt(at) : '')) break
    rank++
    at = pack.skip(next)
  }
  return rank
}

/** Visits up to `count` entries from a rank on, upwards or downwards. `visit` must not change the set. */
export function walkEntries(pack: Pack, rank: number, count: number, down: boolean, visit: Visit): void {
  const size = pack.count / 2
  if (rank < 0 || rank >= size) return
  const { bytes, view } = pack
  const left = Math.min(count, down ? rank + 1 : size - rank)
  // From the end that is nearer.
  let at = rank < size / 2 ? pack.seek(2 * rank) : pack.end()
  if (rank >= size / 2) for (let i = size; i > rank; i--) at = back(bytes, back(bytes, at))
  for (let i = 0; i < left; i++) {
    const next = skip(bytes, at)
    if (visit(readElement(bytes, view, at), scoreAt(pack, next)) === false) return
    if (!down) at = skip(bytes, next)
    else if (i + 1 < left) at = back(bytes, back(bytes, at))
  }
}

/** The offset of the first entry that lies behind one. */
function placeFor(pack: Pack, member: Bytes, score: number): number {
  let at = pack.first()
  while (!pack.isEnd(at)) {
    const next = pack.skip(at)
    const order = compareScore(pack, next, score)
    if (order > 0 || (order === 0 && pack.elementAt(at) > member)) break
    at = pack.skip(next)
  }
  return at
}

/** Whether an entry keeps its place with a new score. */
function staysBetween(pack: Pack, found: number, next: number, member: Bytes, score: number): boolean {
  if (found !== pack.first()) {
    const scorePlace = back(pack.bytes, found)
    const order = compareScore(pack, scorePlace, score)
    if (order > 0) return false
    if (order === 0 && pack.elementAt(back(pack.bytes, scorePlace)) > member) return false
  }
  if (pack.isEnd(next)) return true
  const order = compareScore(pack, pack.skip(next), score)
  return order > 0 || (order === 0 && pack.elementAt(next) > member)
}
