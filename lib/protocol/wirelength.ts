/** How many bytes commands and replies take on the wire, for whoever counts them and does not send them. */
import type { Bytes } from '../base/bytes.ts'
import { formatDouble, Kind, type Reply, type TaggedReply } from '../base/reply.ts'

const LINE_END = 2

/** Bytes of a command as clients send it. */
export function commandLength(argv: readonly Bytes[]): number {
  let bytes = headLength(argv.length)
  for (const argument of argv) bytes += bulkLength(argument.length)
  return bytes
}

/** Bytes of a reply in a version of the protocol. */
export function replyLength(reply: Reply, proto: 2 | 3): number {
  if (typeof reply === 'string') return bulkLength(reply.length)
  if (typeof reply === 'number' || typeof reply === 'bigint') return lineLength(('' + reply).length)
  if (reply === null) return proto === 3 ? lineLength(0) : lineLength(2)
  if (typeof reply === 'boolean') return lineLength(1)
  if (Array.isArray(reply)) return itemsLength(reply, reply.length, proto)
  return taggedLength(reply as TaggedReply, proto)
}

function taggedLength(reply: TaggedReply, proto: 2 | 3): number {
  const three = proto === 3
  switch (reply.kind) {
    case Kind.Status:
      return reply.wire.length
    case Kind.Error:
      return lineLength(reply.text.length)
    case Kind.Double:
      return textLength((reply.text ?? formatDouble(reply.value)).length, three)
    case Kind.BigNumber:
      return textLength(reply.digits.length, three)
    case Kind.Map:
      return itemsLength(reply.flat, three ? reply.flat.length / 2 : reply.flat.length, proto)
    case Kind.Set:
    case Kind.Push:
      return itemsLength(reply.items, reply.items.length, proto)
    case Kind.Verbatim:
      return bulkLength(reply.text.length + (three ? reply.format.length + 1 : 0))
    case Kind.NullArray:
      return lineLength(three ? 0 : 2)
    case Kind.Attributed: {
      const { attributes } = reply
      const before = three ? itemsLength(attributes, attributes.length / 2, proto) : 0
      return before + replyLength(reply.reply, proto)
    }
    case Kind.Sequence: {
      let bytes = 0
      for (const item of reply.items) bytes += replyLength(item, proto)
      return bytes
    }
    case Kind.NoReply:
      return 0
  }
}

function itemsLength(items: readonly Reply[], count: number, proto: 2 | 3): number {
  let bytes = headLength(count)
  for (const item of items) bytes += replyLength(item, proto)
  return bytes
}

/** A line of its own in RESP3, a bulk string in RESP2. */
function textLength(length: number, isLine: boolean): number {
  return isLine ? lineLength(length) : bulkLength(length)
}

function bulkLength(length: number): number {
  return headLength(length) + length + LINE_END
}

/** `*3\r\n`, `$3\r\n`. */
function headLength(count: number): number {
  return lineLength(('' + count).length)
}

/** A line behind its first letter. */
function lineLength(length: number): number {
  return 1 + length + LINE_END
}
