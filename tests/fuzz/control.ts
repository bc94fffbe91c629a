/** One well-behaved client on each door. However the others behave, each of its questions must be answered in time. */
import { setTimeout as delay } from 'node:timers/promises'
import { RespClient } from '../clients/resp.ts'
import { EventReader } from '../clients/sse.ts'
import { RespSocket, TextSocket } from '../clients/websocket.ts'
import type { Target } from './attackers.ts'

/** Asks once; opens its connection where there is none. @throws where the connection is lost */
type Ask = () => Promise<unknown>

export interface Served {
  asked: number
  longestMs: number
}

const CHANNEL = 'control'
const EVERY_MS = 40

function asks({ port, httpPort, token }: Target): Record<string, () => Ask> {
  const resp = () => RespClient.connect({ port, host: '127.0.0.1' })
  const path = `ws://127.0.0.1:${httpPort}/ws?_token=${token}`
  const headers = { authorization: `Bearer ${token}` }
  return {
    resp: () => {
      const client = resp()
      return async () => (await client).send(['PING'])
    },
    rest: () => async () => (await fetch(`http://127.0.0.1:${httpPort}/ping`, { headers })).text(),
    sse: () => {
      const publisher = resp()
      let reader: Promise<EventReader> | undefined
      let sent = 0
      return async () => {
        reader ??= fetch(`http://127.0.0.1:${httpPort}/subscribe/${CHANNEL}`, { headers }).then(async ({ body }) => {
          const events = new EventReader(body!)
          await events.next()
          return events
        })
        const events = await reader
        const message = `m${++sent}`
        await (await publisher).send(['PUBLISH', CHANNEL, message])
        const gone = events.ended.then(() => {
          throw new Error('the stream has ended')
        })
        while (!(await Promise.race([events.next(), gone])).endsWith(message));
      }
    },
    websocket: () => {
      const socket = new RespSocket(path)
      return () => Promise.race([socket.ask('PING'), lost(socket.ended)])
    },
    'websocket-json': () => {
      const socket = new TextSocket(`${path}&format=json`)
      return () => Promise.race([socket.ask('PING'), lost(socket.ended)])
    },
  }
}

const lost = (ended: Promise<number>): Promise<never> =>
  ended.then((code) => {
    throw new Error(`closed with ${code}`)
  })

/**
 * Asks on every door until the time is over. `onLate` is told of a door whose client was not served within `boundMs`, over however
 * many connections.
 */
export function control(
  target: Target,
  boundMs: number,
  isOver: () => boolean,
  onLate: (door: string, ms: number) => void,
): { readonly served: Readonly<Record<string, Served>>; readonly done: Promise<unknown> } {
  const served: Record<string, Served> = {}
  const all = Object.entries(asks(target)).map(async ([door, open]) => {
    const mine: Served = { asked: 0, longestMs: 0 }
    served[door] = mine
    let ask: Ask | undefined
    while (!isOver()) {
      const startedAt = performance.now()
      const late = setTimeout(() => !isOver() && onLate(door, boundMs), boundMs)
      for (;;) {
        try {
          ask ??= open()
          await ask()
          break
        } catch {
          ask = undefined
          if (isOver()) break
          await delay(10)
        }
      }
      clearTimeout(late)
      mine.asked++
      mine.longestMs = Math.max(mine.longestMs, performance.now() - startedAt)
      await delay(EVERY_MS)
    }
  })
  return { served, done: Promise.all(all) }
}
