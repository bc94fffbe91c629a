/** The elements of a short list where they lie: a listpack, which is read from both of its ends. */
import type { Bytes } from '../../base/bytes.ts'
import { back, writeElement } from './element.ts'
import { ELEMENT_MAX, type Pack } from './pack.ts'

/** False, and nothing is changed, if that is too much for a pack; so with all that add. */
export function pushElement(pack: Pack, element: Bytes, atHead: boolean): boolean {
  return insertElement(pack, atHead ? pack.first() : pack.end(), element)
}

export function popElement(pack: Pack, atHead: boolean): Bytes {
  const end = atHead ? pack.first() : pack.end()
  const at = atHead ? end : back(pack.bytes, end)
  const element = pack.elementAt(at)
  pack.change(at, pack.skip(at) - at, 0, -1)
  return element
}

export function elementOf(pack: Pack, index: number): Bytes {
  return pack.elementAt(seek(pack, index))
}

export function replaceElement(pack: Pack, index: number, element: Bytes): boolean {
  if (element.length > ELEMENT_MAX) return false
  const at = seek(pack, index)
  return pack.change(at, pack.skip(at) - at, writeElement(element, 0), 0)
}

/** Elements from one index up to another, excluded. */
export function elementsOf(pack: Pack, from: number, to: number): Bytes[] {
  if (from >= to) return []
  const elements = new Array<Bytes>(to - from)
  let at = seek(pack, from)
  for (let i = 0; i < elements.length; i++) {
    elements[i] = pack.elementAt(at)
    at = pack.skip(at)
  }
  return elements
}

/** Removes `count` elements from an index on. */
export function removeElements(pack: Pack, index: number, count: number): void {
  const from = seek(pack, index)
  let to = from
  for (let i = 0; i < count; i++) to = pack.skip(to)
  pack.change(from, to - from, 0, -count)
}

/** Puts an element before or after the first one equal to `pivot`; undefined if there is none. */
export function insertBeside(pack: Pack, pivot: Bytes, element: Bytes, afterPivot: boolean): boolean | undefined {
  const found = pack.find(pivot, 1)
  if (found === -1) return undefined
  return insertElement(pack, afterPivot ? pack.skip(found) : found, element)
}

/** Removes up to `limit` elements equal to one, the last ones if `backward`. Returns how many it removed. */
export function removeEqual(pack: Pack, element: Bytes, limit: number, backward: boolean): number {
  if (element.length > ELEMENT_MAX) return 0
  pack.seeks(element)
  let removed = 0
  let at = backward ? pack.end() : pack.first()
  while (removed < limit && (backward ? at !== pack.first() : !pack.isEnd(at))) {
    const from = backward ? back(pack.bytes, at) : at
    const to = pack.skip(from)
    if (!pack.isSought(from)) {
      at = backward ? from : to
      continue
    }
    const place = from - pack.start
    pack.change(from, to - from, 0, -1)
    at = pack.start + place
    removed++
  }
  return removed
}

/** Calls `visit` with the index of each element equal to one, in order or backward, until it returns true. */
export function searchEqual(pack: Pack, element: Bytes, backward: boolean, visit: (index: number) => boolean): void {
  if (element.length > ELEMENT_MAX) return
  pack.seeks(element)
  const { count } = pack
  let at = backward ? pack.end() : pack.first()
  for (let i = 0; i < count; i++) {
    if (backward) at = back(pack.bytes, at)
    if (pack.isSought(at) && visit(backward ? count - 1 - i : i)) return
    if (!backward) at = pack.skip(at)
  }
}

function insertElement(pack: Pack, at: number, element: Bytes): boolean {
  return element.length <= ELEMENT_MAX && pack.change(at, 0, writeElement(element, 0), 1)
}

/** The offset of an index, found from the nearer end. */
export function seek(pack: Pack, index: number): number {
  const { count } = pack
  if (index < count / 2) return pack.seek(index)
  let at = pack.end()
  for (let i = count; i > index; i--) at = back(pack.bytes, at)
  return at
}
