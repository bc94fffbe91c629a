/**
 * One client's state, whichever door it came through: who it is, which database it looks at, which protocol it speaks,
 * and what the guards must watch for. A session belongs to exactly one connection (or, for REST and in-process calls, to
 * one caller); it does not know how bytes travel. What it needs from its door it asks of its `Link`.
 */
import type { Bytes } from '../base/bytes.ts'
import type { Push, Reply } from '../base/reply.ts'
import type { Db } from '../keyspace/db.ts'
import type { User } from './acl-user.ts'
import type { Fieldsets } from './fieldsets.ts'
import type { HoldsTexts } from './longtexts.ts'
import type { Pass } from './pass.ts'
import type { Tracked } from './tracking.ts'

export type DoorName = 'tcp' | 'websocket' | 'rest' | 'inprocess'

/** What CLIENT LIST says of a connection's buffers. */
export interface Buffers {
  /** The connection's descriptor; -1 where it has none. */
  readonly fd: number
  /** What came and is not run, with what the read brought that is being served: Redis lets that go afterwards, too. */
  readonly queryBytes: number
  /** Replies that may be gathered before they are passed on, the most that were of late, and those that are. */
  readonly replyMax: number
  readonly replyPeak: number
  readonly replyBytes: number
  /** Parts that were passed on and wait to be sent. */
  readonly waitingParts: number
}

/** What a session can ask of the connection behind it. */
export interface Link extends HoldsTexts {
  /** Sends something the client did not ask for just now: a push, a message, a monitor line. */
  push(reply: Reply): void
  /** Sends what was pushed since the last reply before the next one, not after it. */
  advancePushes?(): void
  /** Sends bytes now, as they are, which are no reply. False while no more should come. Only doors that speak RESP have it. */
  write?(bytes: Bytes): boolean
  /** Calls back, never at once, when little of what was written so far still waits here; not if the connection ends. */
  onceSent?(then: () => void): void
  /** Ends the connection if more waits for it than may (`client-output-buffer-limit`). */
  limitOutput?(): void
  /** What a replica has still to be sent of the stream of changes; `outputBytes` has it, too. */
  behind?: { readonly bytes: number } | undefined
  /** Ends the connection once what was answered so far has been sent. */
  closeAfterReply(): void
  /** Ends the connection now. */
  close(): void
  /** The price of a failed authentication: its answer waits for so long, and is the last that the connection has. */
  hold?(ms: number): void
  /** True meanwhile. */
  readonly isHeld?: boolean
  /** Bytes received and not yet executed. */
  readonly inputBytes: number
  /** Bytes answered and not yet taken by the client. */
  readonly outputBytes: number
  /** A door that keeps no connection has none. */
  buffers?(): Buffers
  /** Bytes of a long text that are sent, and held until the rest of it is. */
  readonly retainedBytes?: number
}

/** Reasons for the engine to look closer before it runs a command of this session. */
export const Gate = {
  /** Not authenticated. */
  Unauthenticated: 1,
  /** Between MULTI and EXEC. */
  Multi: 2,
  /** In RESP2's subscriber mode. */
  Subscriber: 4,
  /** Its user may not do everything. */
  Restricted: 8,
  /** Watches all commands, and may not touch keys itself. */
  Monitor: 16,
  /** Is sent every change, and may not touch keys itself. */
  Replica: 32,
} as const

export interface Transaction {
  readonly queue: (readonly Bytes[])[]
  /** Of all arguments in the queue. */
  bytes: number
  /** A command was refused while queueing: EXEC will answer EXECABORT. */
  aborted: boolean
}

/** What CLIENT REPLY asks for. */
export const ReplyMode = { On: 0, Off: 1, SkipNext: 2, Skip: 3 } as const

export class Session {
  readonly id: number
  readonly door: DoorName
  /** Where Upstash answers otherwise than Redis, it answers as Upstash: what comes in as REST, or through the SDK. */
  asUpstash = false
  readonly link: Link
  /** Unix ms. */
  readonly createdAt: number
  /** `address:port` of the client and of our end, as CLIENT LIST prints them; '' where the door has none. */
  readonly addr: Bytes
  readonly laddr: Bytes
  db: Db
  proto: 2 | 3 = 2
  /** OR of Gate bits. */
  gate = 0
  /** Who it is; `Acl` alone changes it. */
  user: User
  /** What it came in by, for a session that showed a token. */
  pass: Pass | undefined
  /** It has said a password, or need not. */
  isAuthenticated = true
  name: Bytes = ''
  libName: Bytes = ''
  libVersion: Bytes = ''
  replyMode: number = ReplyMode.On
  noEvict = false
  noTouch = false
  /** Position in the log of a shared store up to which it has seen what is there; Infinity: nobody knows. */
  seen = 0
  /** In a cluster: what a replica has is good enough for it (READONLY). */
  readsReplicas = false
  /** What it asks next is for a slot on its way here (ASKING): 2 from the word on, 1 while that runs. */
  asking: 0 | 1 | 2 = 0
  /** The slot of the keys of the command that runs, in a cluster; -1 without any. */
  slot = -1
  /** It was synchronised and is sent every change. */
  replica = false
  /** It is the link to the master: what it says is what has happened there, and holds here. */
  isMaster = false
  /** False where a command that would block must answer as timed out. */
  mayBlock = true
  /** The protocol that the script wants which runs for this session; 0 outside of scripts. */
  script: 0 | 2 | 3 = 0
  /** What the next script shows of itself, since SCRIPT DEBUG. */
  trace: Bytes[] | undefined
  /** Unix ms of the last command. */
  lastActiveAt: number
  /** Full name of the last command, as in `client|list`; undefined before the first. */
  lastCommand: Bytes | undefined
  /** Set while the session waits in a blocking command or for CLIENT UNPAUSE. */
  parked: { readonly kind: 'blocked' | 'paused'; readonly argv: readonly Bytes[] } | undefined
  /** The command in which it waited runs again: what it is told meanwhile comes after the reply. */
  isResuming = false
  /** Commands queued since MULTI; undefined outside a transaction. */
  transaction: Transaction | undefined
  /** What HIMPORT has prepared; a script has its own. */
  fieldsets: Fieldsets | undefined
  /** Client-side caching, while it is on. */
  tracking: Tracked | undefined
  /** A watched key was changed since WATCH. */
  watchBroken = false
  /** What is counted of what this client holds: see ClientMemory. */
  countedBytes = 0
  /** It was cut for what it held; nothing of it counts any more. */
  cut = false
  commands = 0
  netInputBytes = 0
  netOutputBytes = 0

  constructor(
    id: number,
    door: DoorName,
    link: Link,
    db: Db,
    user: User,
    createdAt: number,
    addr: Bytes,
    laddr: Bytes,
  ) {
    this.id = id
    this.door = door
    this.link = link
    this.db = db
    this.user = user
    this.createdAt = createdAt
    this.lastActiveAt = createdAt
    this.addr = addr
    this.laddr = laddr
  }

  /** The protocol for which a command shapes its reply: the client's, or that of its script. */
  get replyProto(): 2 | 3 {
    return this.script === 0 ? this.proto : this.script
  }

  /** Takes a message to which the client subscribed. */
  deliver(push: Push): void {
    this.link.push(push)
  }

  /** True at the doors where a client says who it is; at the others the door itself has decided whom to let in. */
  get authenticates(): boolean {
    return this.door === 'tcp' || this.door === 'websocket'
  }
}

/** True for a client on this machine: what `local` means in directives that protect something. */
export function isLocalClient(session: Session): boolean {
  return /^(?:127\.|\[?::1\]?:|\[?::ffff:127\.|\/|$)/.test(session.addr)
}

/** True for a client that came in at a port of TLS. */
export function isSecureClient(session: Session, tlsPort: number): boolean {
  return tlsPort !== 0 && session.laddr.endsWith(`:${tlsPort}`)
}
