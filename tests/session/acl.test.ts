/** What follows for sessions when users change, and what the log makes of refusals. What rules mean is in tests/contract/acl. */
import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../lib/base/clock.ts'
import { type MapReply, type Reply, ReplyError } from '../../lib/base/reply.ts'
import { createServer } from '../../lib/server.ts'
import { Gate, type Session } from '../../lib/session/session.ts'

function setUp() {
  const clock = new ManualClock()
  const server = createServer({ clock, 'rest-token': 'token' })
  const { acl } = server.engine.ports.access
  const ends: [Session, 'after reply' | 'now'][] = []
  const open = (user?: string): Session => {
    const session: Session = server.openSession(
      'tcp',
      {
        push() {},
        closeAfterReply: () => ends.push([session, 'after reply']),
        close: () => ends.push([session, 'now']),
        inputBytes: 0,
        outputBytes: 0,
      },
      '127.0.0.1:1',
      '127.0.0.1:2',
    )
    if (user !== undefined) run(session, `auth ${user} pw`)
    return session
  }
  const run = (session: Session, line: string) => server.engine.execute(session, line.split(' '))
  /** The text of an error; '' for what is none. */
  const errorOf = (session: Session, line: string): string => {
    const reply = run(session, line)
    return reply instanceof ReplyError ? reply.text : ''
  }
  const admin = open()
  return { clock, server, acl, ends, open, run, errorOf, admin }
}

const NO_GET = "NOPERM User alice has no permissions to run the 'get' command"

describe('sessions of a user who is changed', () => {
  test('pay nothing while he may do everything, and are checked from the rule on that takes something away', () => {
    const { open, run, admin } = setUp()
    run(admin, 'acl setuser alice on >pw allcommands allkeys allchannels')
    const session = open('alice')
    expect(session.gate).toBe(0)
    run(admin, 'acl setuser alice -get')
    expect(session.gate).toBe(Gate.Restricted)
    run(admin, 'acl setuser alice +@all')
    expect(session.gate).toBe(0)
    run(admin, 'acl setuser alice resetkeys resetchannels -@all (+@all ~* &*)')
    expect(session.gate).toBe(0)
  })

  test('are ended when he is deleted, the one that asks for it after its reply, and may do nothing more', () => {
    const { ends, open, run, errorOf, admin } = setUp()
    run(admin, 'acl setuser alice on >pw +@all allkeys')
    const [one, other, stranger] = [open('alice'), open('alice'), open()]
    expect(run(one, 'acl deluser alice')).toBe(1)
    expect(ends).toEqual([
      [one, 'after reply'],
      [other, 'now'],
    ])
    // What they had sent already must not run as somebody else, least of all as the default user.
    for (const session of [one, other]) {
      expect(errorOf(session, 'get k')).toBe(NO_GET)
      expect(run(session, 'reset')).toMatchObject({ text: 'RESET' })
      expect(errorOf(session, 'get k')).toBe(NO_GET)
    }
    expect(errorOf(stranger, 'get k')).toBe('')
  })

  test.each([
    ['subscribe c1', '&d*', true],
    ['subscribe c1', '&c1 &x', false],
    ['subscribe c1', '&c?', false],
    ['psubscribe c*', '&c*', false],
    ['psubscribe c*', '&c1 &c?', true],
    ['ssubscribe c1', '&d*', true],
    ['ssubscribe c1', '&c1', false],
    ['subscribe c1', '&*', false],
  ])('after %s they are ended by what takes the channel away: resetchannels %s', (line, channels, isEnded) => {
    const { ends, open, run, admin } = setUp()
    run(admin, 'acl setuser alice on >pw +@all &c* &c1 &c?')
    const [subscriber, idle] = [open('alice'), open('alice')]
    run(subscriber, line)
    run(admin, `acl setuser alice resetchannels ${channels}`)
    expect(ends).toEqual(isEnded ? [[subscriber, 'now']] : [])
    expect(idle.user.name).toBe('alice')
  })

  test('a subscriber who takes a channel from itself is ended after its reply', () => {
    const { ends, open, run, admin } = setUp()
    run(admin, 'acl setuser alice on >pw +@all allchannels')
    const session = open('alice')
    run(session, 'hello 3')
    run(session, 'subscribe c')
    run(session, 'acl setuser alice resetchannels')
    expect(ends).toEqual([[session, 'after reply']])
  })

  test('a client that waits is refused when it is woken, if its user may no longer', async () => {
    const { open, run, admin } = setUp()
    run(admin, 'acl setuser alice on >pw +@all allkeys')
    const waiting = [open('alice'), open('alice')].map((session) => run(session, 'blpop l 0') as Promise<Reply>)
    run(admin, 'acl setuser alice resetkeys ~m')
    run(admin, 'rpush l x')
    for (const reply of waiting) {
      expect(await reply).toMatchObject({
        text: 'NOPERM No permissions to access a key',
      })
    }
    expect(run(admin, 'llen l')).toBe(1)
  })

  test('a command held back by CLIENT PAUSE is checked when it runs', async () => {
    const { clock, open, run, admin } = setUp()
    run(admin, 'acl setuser alice on >pw +@all allkeys')
    const session = open('alice')
    run(admin, 'client pause 100 write')
    const held = run(session, 'set k v') as Promise<Reply>
    run(admin, 'acl setuser alice -set')
    clock.advance(200)
    expect(await held).toMatchObject({ text: "NOPERM User alice has no permissions to run the 'set' command" })
  })
})

describe('who came by a token', () => {
  const setUpBearer = () => {
    const all = setUp()
    const { server, run, admin } = all
    run(admin, 'acl setuser alice on >pw +get +ping allkeys')
    run(admin, 'acl setuser bob on >pw +@all allkeys')
    run(admin, 'acl setuser open on nopass +@all allkeys')
    const link = { push() {}, closeAfterReply() {}, close() {}, inputBytes: 0, outputBytes: 0 }
    const token = server.engine.ports.access.tokens.issue('alice', 'pw')
    const bearer = server.openSession('websocket', link, '', '', server.tokens.admit(token))
    return { ...all, bearer }
  }

  test('is that user from the start, and after RESET', () => {
    const { errorOf, run, bearer } = setUpBearer()
    expect(bearer.user.name).toBe('alice')
    expect(errorOf(bearer, 'set k v')).not.toBe('')
    run(bearer, 'reset')
    expect(bearer.user.name).toBe('alice')
    expect(errorOf(bearer, 'set k v')).not.toBe('')
  })

  test('becomes another by a password, not by the lack of one', () => {
    const { errorOf, run, bearer } = setUpBearer()
    expect(errorOf(bearer, 'auth default x')).toMatch(/^WRONGPASS/)
    expect(errorOf(bearer, 'auth open x')).toMatch(/^WRONGPASS/)
    expect(errorOf(bearer, 'hello 2 auth default x')).toMatch(/^WRONGPASS/)
    expect(bearer.user.name).toBe('alice')
    expect(run(bearer, 'auth bob pw')).toMatchObject({ text: 'OK' })
    expect(errorOf(bearer, 'set k v')).toBe('')
    run(bearer, 'reset')
    expect(errorOf(bearer, 'set k v')).not.toBe('')
  })

  test('goes with the user of the token, whoever it has become since', () => {
    const { errorOf, run, admin, bearer } = setUpBearer()
    run(bearer, 'auth bob pw')
    run(admin, 'acl deluser alice')
    expect(errorOf(bearer, 'set k v')).not.toBe('')
    run(bearer, 'reset')
    expect(errorOf(bearer, 'get k')).not.toBe('')
  })

  test('does not come in by the default user being open, nor stay out by his having a password', () => {
    const { errorOf, run, admin, bearer } = setUpBearer()
    run(admin, 'config set requirepass secret')
    expect(errorOf(bearer, 'get k')).toBe('')
    run(admin, 'config set requirepass ""')
    expect(errorOf(bearer, 'set k v')).not.toBe('')
  })
})

describe('passwords', () => {
  test('all passwords of a user let him in', () => {
    const { run, errorOf, admin, open } = setUp()
    run(admin, 'acl setuser alice on >one >two')
    for (const password of ['one', 'two']) expect(errorOf(open(), `auth alice ${password}`)).toBe('')
    for (const password of ['three', 'on', 'one ', '']) expect(errorOf(open(), `auth alice ${password}`)).not.toBe('')
  })
})

describe('many rules in one command', () => {
  const COUNT = 20_000
  test.each<[string, (i: number) => string]>([
    ['passwords', (i) => '#' + i.toString(16).padStart(64, '0')],
    ['patterns of keys', (i) => `~k${i}`],
    ['patterns of channels', (i) => `&c${i}`],
    ['first arguments', (i) => `+get|a${i}`],
    ['selectors', (i) => `(+get ~k${i})`],
  ])('cost what they are, not their square: %s', (_, ruleOf) => {
    const { server, admin, acl } = setUp()
    const rules = Array.from({ length: COUNT }, (_, i) => ruleOf(i))
    const before = process.cpuUsage()
    expect(server.engine.execute(admin, ['ACL', 'SETUSER', 'alice', 'resetchannels', ...rules])).toMatchObject({
      text: 'OK',
    })
    const line = acl.get('alice')!.line
    const { user } = process.cpuUsage(before)
    expect(line).toContain((COUNT - 1).toString(ruleOf(0)[0] === '#' ? 16 : 10))
    // It takes some 50 to 200 ms; the square took 2.8 to 11 s.
    expect(user / 1000).toBeLessThan(1500)

    // As a line of a file it makes the same user.
    const again = acl.parse(line, 'users.acl')
    expect((again as Map<string, { readonly line: string }>).get('alice')!.line).toBe(line)
  })

  test('what one refuses changes nothing, though others came before it', () => {
    const { run, acl, admin } = setUp()
    run(admin, 'acl setuser alice >pw ~k &c +get|a (+get ~s)')
    const { line } = acl.get('alice')!
    run(admin, 'acl setuser alice >other <pw ~more &more +get|b +set (+get ~t) nonsense')
    expect(acl.get('alice')!.line).toBe(line)
  })

  test('a rule of a command takes the place of those of its parts', () => {
    const { run, acl, admin } = setUp()
    run(admin, 'acl setuser alice +config|get -config|set +get|a +get +config -get')
    expect(acl.get('alice')!.root.commandRules).toBe('-@all +config -get')
  })
})

describe('the log', () => {
  const entries = (reply: unknown) =>
    (reply as MapReply[]).map(({ flat }) =>
      Object.fromEntries(flat.map((v, i) => [v, flat[i + 1]]).filter((_, i) => i % 2 === 0)),
    )

  test('counts what is alike within a minute of the last time as one, under its first id and time', () => {
    const { clock, run, admin, open } = setUp()
    const session = open()
    const begin = clock.now()
    run(session, 'auth one x')
    run(session, 'auth two x')
    clock.advance(60_000)
    run(session, 'auth one x')
    clock.advance(60_000)
    run(session, 'auth one x')
    expect(entries(run(admin, 'acl log'))).toMatchObject([
      {
        username: 'one',
        count: 3,
        'entry-id': 0,
        'timestamp-created': begin,
        'timestamp-last-updated': begin + 120_000,
      },
      { username: 'two', count: 1, 'entry-id': 1, 'age-seconds': { value: 120 } },
    ])
    clock.advance(60_001)
    run(session, 'auth one x')
    expect(entries(run(admin, 'acl log 1'))).toMatchObject([{ username: 'one', count: 1, 'entry-id': 2 }])
  })

  test('looks for what is alike among the latest ten', () => {
    const { run, admin, open } = setUp()
    const session = open()
    run(session, 'auth first x')
    for (let i = 0; i < 9; i++) run(session, `auth user${i} x`)
    run(session, 'auth first x')
    expect(entries(run(admin, 'acl log 1'))).toMatchObject([{ username: 'first', count: 2 }])
    for (let i = 0; i < 10; i++) run(session, `auth more${i} x`)
    run(session, 'auth first x')
    expect(entries(run(admin, 'acl log 1'))).toMatchObject([{ username: 'first', count: 1 }])
  })

  test('INFO counts the refusals by reason', async () => {
    const { run, admin, open } = setUp()
    run(admin, 'acl setuser alice on >pw +set +publish ~a')
    const session = open('alice')
    for (const line of ['get a', 'get a', 'set b v', 'publish c m', 'auth alice x']) run(session, line)
    const info = (await run(admin, 'info stats')) as { text: string }
    expect(info.text).toMatch(
      /acl_access_denied_auth:1\r\nacl_access_denied_cmd:2\r\nacl_access_denied_key:1\r\nacl_access_denied_channel:1/,
    )
    expect(((await run(admin, 'info errorstats')) as { text: string }).text).toContain('errorstat_NOPERM:count=4')
    expect(((await run(admin, 'info commandstats')) as { text: string }).text).toMatch(
      /cmdstat_get:calls=0,.*rejected_calls=2/,
    )
  })
})
