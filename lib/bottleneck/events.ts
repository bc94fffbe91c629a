/**
 * Server-sent events as they come out of a fetch, and the messages of subscriptions in them.
 *
 *     data: subscribe,b_id,1
 *     data: message,b_id,capacity:3
 */
import type { Message } from './wire.ts'

/** A stream that has had heartbeats (zerodis sends one every 10 s) and falls silent has lost its server. Unit: ms. */
const SILENCE_MS = 35_000

/** The data of each event, until the stream ends or breaks. Ends the stream when it is left. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<string, void> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let silence: ReturnType<typeof setTimeout> | undefined
  let beats = false
  let text = ''
  let data: string[] = []
  try {
    for (;;) {
      if (beats) silence = setTimeout(() => reader.cancel().catch(() => {}), SILENCE_MS)
      const { value, done } = await reader.read()
      clearTimeout(silence)
      if (done) return
      const lines = (text + decoder.decode(value, { stream: true })).split('\n')
      text = lines.pop()!
      for (const ended of lines) {
        const line = ended.endsWith('\r') ? ended.slice(0, -1) : ended
        if (line.startsWith('data:')) data.push(line.slice(line[5] === ' ' ? 6 : 5))
        else if (line.startsWith(':')) beats = true
        else if (line === '' && data.length > 0) {
          yield data.join('\n')
          data = []
        }
      }
    }
  } finally {
    clearTimeout(silence)
    await reader.cancel().catch(() => {}) // it may be broken already
  }
}

/** The channel that an event confirms, out of those asked for. */
export function confirmedBy(event: string, channels: ReadonlySet<string>): string | undefined {
  if (!event.startsWith('subscribe,')) return undefined
  const channel = event.slice('subscribe,'.length, event.lastIndexOf(','))
  return channels.has(channel) ? channel : undefined
}

/** Messages among the events. Both channels and messages may hold commas: all of Bottleneck's messages begin as `word:`. */
export async function* messagesIn(
  events: AsyncGenerator<string, void>,
  channels: ReadonlySet<string>,
): AsyncGenerator<Message, void> {
  const start = 'message,'.length
  for await (const event of events) {
    if (!event.startsWith('message,')) continue
    for (let comma = event.indexOf(',', start); comma !== -1; comma = event.indexOf(',', comma + 1)) {
      const channel = event.slice(start, comma)
      const message = event.slice(comma + 1)
      if (!channels.has(channel) || !/^[a-z-]+:/.test(message)) continue
      yield { channel, message }
      break
    }
  }
}
