/** Runs one case on one subject. */
import type { Bytes } from '../../../lib/base/bytes.ts'
import type { Case, Expected, Step } from '../dsl.ts'
import { argvOf } from './line.ts'
import { matches, showExpected } from './match.ts'
import { type Mode, printable, type Seen, show } from './seen.ts'
import { atLeast, type Client, type Store, type Subject } from './subjects.ts'

/** A reply was not what the case says. `expected` and `actual` are what test reporters print as a diff. */
export class Mismatch extends Error {
  override readonly name = 'Mismatch'
  readonly expected: string
  readonly actual: string
  constructor(message: string, expected: string, actual: string) {
    super(message)
    this.expected = expected
    this.actual = actual
  }
}

/** Ends a step that a broken server would leave hanging; real time, since it guards against what no clock moves. */
const PATIENCE_MS = 5000

/** Commands whose effect is on the connection: a REST request is a connection of its own. */
const NEEDS_CONNECTION =
  /^(asking|auth|client|discard|exec|hello|monitor|multi|p?subscribe|p?unsubscribe|s(un)?subscribe|quit|readonly|readwrite|replconf|reset|select|shutdown|unwatch|watch)$/

/** Why a case is not run on a subject; undefined if it is. */
export function reasonToSkip(subject: Subject, { since, skip, steps }: Case): string | undefined {
  if (subject.missing !== undefined) return subject.missing
  const reason = skip?.[subject.name]
  if (reason !== undefined) return reason
  if (subject.version !== undefined && since !== undefined && !atLeast(subject.version, since)) return `new in ${since}`
  if (subject.name === 'rest') {
    const command = steps.map(commandOf).find((name) => NEEDS_CONNECTION.test(name))
    if (command !== undefined) return `${command} needs a connection; a REST request is one of its own`
  }
  if (subject.name === 'inprocess' && steps.some((step) => 'does' in step && step.does === 'push')) {
    return 'this door sends nothing unasked'
  }
  if (!subject.movesClock && steps.some((step) => 'does' in step && step.does === 'advance')) return 'moves the clock'
  return undefined
}

/** The command of a step, in lower case; '' without one. */
function commandOf(step: Step): string {
  if (!('does' in step)) return argvOf(step[0])[0].toLowerCase()
  return 'command' in step ? argvOf(step.command)[0].toLowerCase() : ''
}

export async function runCase(subject: Subject, { steps }: Case): Promise<void> {
  const store = await subject.open()
  try {
    const play = new Play(subject, store)
    for (const [index, step] of steps.entries()) await play.step(step, `step ${index + 1} of ${steps.length}`)
  } finally {
    await store.close()
  }
}

class Play {
  readonly #subject: Subject
  readonly #store: Store
  readonly #clients = new Map<string, Client>()
  /** Connections that said HELLO. */
  readonly #modes = new Map<string, Mode>()
  /** Replies still to come, of commands that block. */
  readonly #late = new Map<string, { argv: readonly Bytes[]; reply: Promise<Seen> }>()

  constructor(subject: Subject, store: Store) {
    this.#subject = subject
    this.#store = store
  }

  async step(step: Step, place: string): Promise<void> {
    if (!('does' in step)) return this.#call('main', argvOf(step[0]), step[1], place)
    switch (step.does) {
      case 'advance':
        this.#store.advance!(step.ms)
        return
      case 'call':
        return this.#call(step.client, argvOf(step.command), step.expected, place)
      case 'block':
        return this.#block(step.client, argvOf(step.command), place)
      case 'send':
        ;(await this.#client(step.client)).tell(argvOf(step.command))
        return
      case 'answer': {
        const late = this.#late.get(step.client)
        if (late === undefined) throw new Error(`${place}: '${step.client}' waits for nothing`)
        this.#late.delete(step.client)
        const what = `${place}: reply to ${line(late.argv)}`
        return this.#hold(step.client, step.expected, await soon(late.reply, what), what)
      }
      case 'push': {
        const what = `${place}: message to '${step.client}'`
        return this.#hold(step.client, step.expected, await soon((await this.#client(step.client)).push(), what), what)
      }
      case 'hangUp':
        ;(await this.#client(step.client)).close()
        this.#clients.delete(step.client)
        return
    }
  }

  async #client(name: string): Promise<Client> {
    let client = this.#clients.get(name)
    if (client === undefined) this.#clients.set(name, (client = await this.#store.connect()))
    return client
  }

  async #call(name: string, argv: readonly Bytes[], expected: Expected, place: string): Promise<void> {
    const client = await this.#client(name)
    const what = `${place}: ${line(argv)}`
    const seen = await soon(client.send(argv), what)
    this.#followProtocol(name, argv, seen)
    this.#hold(name, expected, seen, what)
  }

  async #block(name: string, argv: readonly Bytes[], place: string): Promise<void> {
    const client = await this.#client(name)
    const before = await this.#store.blocked()
    let early: Seen | undefined
    const reply = client.send(argv).then((seen) => (early = seen))
    reply.catch(() => {})
    this.#late.set(name, { argv, reply })
    const givenUpAt = Date.now() + PATIENCE_MS
    while ((await this.#store.blocked()) <= before) {
      const what = `${place}: ${line(argv)} must block`
      if (early !== undefined) throw this.#mismatch(what, 'no reply', show(early))
      if (Date.now() > givenUpAt) throw new Error(what)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  /** HELLO and RESET change what the replies of a connection look like from then on. */
  #followProtocol(name: string, argv: readonly Bytes[], seen: Seen): void {
    const command = argv[0].toLowerCase()
    const proto = command === 'reset' ? '2' : command === 'hello' ? argv[1] : undefined
    if ((proto !== '2' && proto !== '3') || show(seen).startsWith('-')) return
    this.#modes.set(name, { ...this.#subject.mode, proto: proto === '2' ? 2 : 3 })
  }

  #hold(name: string, expected: Expected, seen: Seen, what: string): void {
    const mode = this.#modes.get(name) ?? this.#subject.mode
    if (!matches(expected, seen, mode)) throw this.#mismatch(what, showExpected(expected, mode), show(seen))
  }

  #mismatch(what: string, expected: string, actual: string): Mismatch {
    const message = `${this.#subject.label}, ${what}\n  expected  ${expected}\n  received  ${actual}`
    return new Mismatch(message, expected, actual)
  }
}

const line = (argv: readonly Bytes[]): string => {
  const text = argv.map((word) => (/^[!#-&(-~]+$/.test(word) ? word : printable(word))).join(' ')
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}

async function soon<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing came within ${PATIENCE_MS} ms`)), PATIENCE_MS)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
