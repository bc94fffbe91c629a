/** Users that come from files: `aclfile` with ACL LOAD and SAVE, `user` lines of a redis.conf, and CONFIG REWRITE. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { parseArguments, startUp } from '../../lib/host/startup.ts'
import { createServer, type Server, type ServerOptions } from '../../lib/server.ts'
import { Genuine, genuineVersion } from '../contract/harness/genuine.ts'

const folder = mkdtempSync(join(tmpdir(), 'acl-'))
const file = join(folder, 'users.acl')
const logged: string[] = []
const servers: Server[] = []

function open(options: ServerOptions = {}): Server {
  const server = createServer({ dir: folder, log: (_, message) => logged.push(message), ...options })
  servers.push(server)
  return server
}

const HASH = '30c952fab122c3f9759f02a6d95c3758b246b4fee239957b2d4fee46e26170c4'
const OPEN = 'user default on nopass sanitize-payload ~* &* +@all'

/** A session of its own, in order to see it end. */
function session(server: Server) {
  const ends: string[] = []
  const link = {
    push() {},
    closeAfterReply: () => ends.push('after reply'),
    close: () => ends.push('now'),
    inputBytes: 0,
    outputBytes: 0,
  }
  const opened = server.openSession('tcp', link, '', '')
  return { ends, opened, run: (line: string) => server.engine.execute(opened, line.split(' ')) }
}

afterEach(async () => {
  logged.length = 0
  await Promise.all(servers.splice(0).map((server) => server.close()))
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('a file of users', () => {
  test('is read at the start; without a default user there he is open', () => {
    writeFileSync(file, `user alice on #${HASH} ~a* -@all +get\n\n  user bob off\n`)
    const door = open({ aclfile: 'users.acl', requirepass: 'secret' }).inProcess()
    expect(door.execute('ACL', 'LIST')).toEqual([
      `user alice on sanitize-payload #${HASH} ~a* resetchannels -@all +get`,
      'user bob off sanitize-payload resetchannels -@all',
      OPEN,
    ])
    expect(door.execute('AUTH', 'alice', 'pw')).toBe('OK')
  })

  test('what SAVE writes, LOAD reads back the same', () => {
    writeFileSync(file, '')
    const door = open({ aclfile: file }).inProcess()
    const rules = ['on', '>pw', '>other', '%R~r"*', '&c', '+@all', '-@admin', '+select|0', '(+set %W~w* allchannels)']
    door.execute('ACL', 'SETUSER', 'alice', ...rules)
    door.execute('ACL', 'SETUSER', 'bob', 'skip-sanitize-payload', 'nopass', '()')
    const before = door.execute('ACL', 'LIST') as string[]
    expect(door.execute('ACL', 'SAVE')).toBe('OK')
    expect(readFileSync(file, 'latin1')).toBe(`${before.join('\n')}\n`)
    door.execute('ACL', 'DELUSER', 'alice', 'bob')
    door.execute('ACL', 'SETUSER', 'carol')
    expect(door.execute('ACL', 'LOAD')).toBe('OK')
    expect(door.execute('ACL', 'LIST')).toEqual(before)
  })

  test('LOAD keeps the sessions of users who are still there, under their new rules, and ends the others', () => {
    writeFileSync(file, 'user alice on nopass +@all ~* &c*\nuser bob on nopass +@all ~*\n')
    const server = open({ aclfile: file })
    const [alice, bob, listener, admin] = [session(server), session(server), session(server), session(server)]
    alice.run('auth alice x')
    bob.run('auth bob x')
    listener.run('auth alice x')
    listener.run('subscribe c1')
    writeFileSync(file, 'user alice on nopass +@all -set ~* &d*\n')
    expect(admin.run('acl load')).toMatchObject({ text: 'OK' })
    expect([alice.ends, bob.ends, listener.ends, admin.ends]).toEqual([[], ['now'], ['now'], []])
    expect(alice.run('set k v')).toMatchObject({
      text: "NOPERM User alice has no permissions to run the 'set' command",
    })
    expect(alice.run('get k')).toBe(null)
  })

  test('a file that cannot be written or read is told of, and changes nothing', () => {
    const path = join(folder, 'gone', 'users.acl')
    mkdirSync(join(folder, 'gone'))
    writeFileSync(path, 'user alice\n')
    const door = open({ aclfile: path }).inProcess()
    rmSync(join(folder, 'gone'), { recursive: true })
    expect(() => door.execute('ACL', 'SAVE')).toThrow('There was an error trying to save the ACLs.')
    expect(logged).toEqual(['Writing ACL file for ACL SAVE: No such file or directory'])
    expect(() => door.execute('ACL', 'LOAD')).toThrow(
      `ERR Error loading ACLs, opening file '${path}': No such file or directory`,
    )
    expect(door.execute('ACL', 'USERS')).toEqual(['alice', 'default'])
  })

  test.skipIf(genuineVersion === undefined)('is refused for the faults that genuine Redis finds in it', async () => {
    writeFileSync(file, 'user default on nopass ~* &* +@all\n')
    const genuine = await Genuine.start('--aclfile', file)
    const client = await genuine.connect()
    const door = open({ aclfile: file }).inProcess()
    const texts = [
      'alice on\n',
      'user\n',
      '# comment\n',
      'user alice\nuser alice\n',
      'user alice +nosuch\nuser alice\n',
      'user alice on +nosuch -nosuch +@nosuch\n',
      'user alice on ~* ~a &* &b\nuser bob #abc\n',
      'user alice on foo bar +nosuch baz\n',
      'user alice on >pw <other\n',
      `user alice on #${HASH.toUpperCase()}\n`,
      'USER alice\n',
      '\n\n\nuser alice on ~a %X~b\nuser default\nuser default off\n',
      'user alice (+get) (+nosuch)\n',
      'user alice on (on)\n',
    ]
    try {
      for (const text of texts) {
        writeFileSync(file, text)
        const theirs = await client.send(['ACL', 'LOAD'])
        let ours = 'OK'
        try {
          door.execute('ACL', 'LOAD')
        } catch (error) {
          ours = (error as Error).message
        }
        expect({ text, error: ours }).toEqual({ text, error: (theirs as { text: string }).text })
        expect(ours).toContain('no change to the previously active ACL rules was performed')
      }
      expect(door.execute('ACL', 'LIST')).toEqual([OPEN])
    } finally {
      client.close()
      await genuine.stop()
    }
  })

  test('a server does not start without the users that were written down for it', () => {
    writeFileSync(file, 'user alice +nosuch\n')
    expect(() => open({ aclfile: file })).toThrow(/^Aborting Redis startup because of ACL errors: .*users.acl:1: Error/)
    expect(() => open({ aclfile: join(folder, 'missing') })).toThrow(/opening file '.*missing': No such file/)
    writeFileSync(file, 'user alice\n')
    expect(() => open({ aclfile: file, users: [['bob']] })).toThrow(
      /^Configuring Redis with users defined in redis.conf/,
    )
    expect(() => open({ users: [['a b']] })).toThrow('Spaces not allowed in ACL usernames')
    expect(() => open({ users: [['bob', '>pw', '+nosuch']] })).toThrow(
      "Error loading ACL rule '+nosuch' for the user named 'bob': Unknown command or category name in ACL",
    )
  })
})

describe('users of a redis.conf', () => {
  const conf = join(folder, 'redis.conf')
  const start = (text: string) => {
    writeFileSync(conf, text)
    return startUp(parseArguments([conf]), {})
  }

  test('are there from the start; the default one has only what his line gives him', () => {
    const { users, config } = start(
      `requirepass secret\nuser alice on >pw (+get ~a*)\nuser default on nopass ~* +@all -flushdb\nuser eve ~e`,
    )
    const door = open({ config, users, dir: undefined }).inProcess()
    expect(door.execute('ACL', 'LIST')).toEqual([
      `user alice on sanitize-payload #${HASH} resetchannels -@all (~a* resetchannels -@all +get)`,
      'user default on nopass sanitize-payload ~* resetchannels +@all -flushdb',
      'user eve off sanitize-payload ~e resetchannels -@all',
    ])
    expect(() => door.execute('FLUSHDB')).toThrow('NOPERM')
    expect(logged.join()).toContain("The user 'eve' is disabled")
  })

  test.each([
    [
      'user alice\nuser alice',
      2,
      "Error in user declaration 'alice': Duplicate user found. A user can only be defined once in config files",
    ],
    ['user alice on foo', 1, "Error in user declaration 'foo': Syntax error"],
    ['user alice ~* ~a', 1, /^Error in user declaration '~a': Adding a pattern after the \* pattern/],
    ['user alice (+get', 1, "Error in user declaration '(+get': Unmatched parenthesis"],
    ['user', 1, 'Bad directive or wrong number of arguments'],
  ])('%j does not start', (text, line, reason) => {
    let message = ''
    try {
      start(text)
    } catch (error) {
      message = (error as Error).message
    }
    const [, , place, , told] = message.split('\n')
    expect(place).toBe(`Reading the configuration file, at line ${line}`)
    if (reason instanceof RegExp) expect(told).toMatch(reason)
    else expect(told).toBe(reason)
  })

  test('a fault does not show their passwords, nor those of directives', () => {
    const secret = 'open sesame'.replace(' ', '-')
    for (const text of [
      `user alice >${secret} foo`,
      `user alice #${secret}`,
      `requirepass ${secret} x`,
      `rest-token ${secret} x`,
    ]) {
      expect(() => start(text)).toThrow(/FATAL CONFIG FILE ERROR/)
      expect(() => start(text)).not.toThrow(secret)
    }
  })

  test('CONFIG REWRITE writes them in place of those that were there, and with a file of users none', () => {
    const { users, config, configFile } = start('port 0\nuser alice on\n# end\nuser bob')
    const server = open({ config, users, configFile })
    const door = server.inProcess()
    door.execute('ACL', 'SETUSER', 'alice', '~"quoted', '+get')
    door.execute('ACL', 'DELUSER', 'bob')
    door.execute('ACL', 'SETUSER', 'carol', '(+get ~a)')
    expect(door.execute('CONFIG', 'REWRITE')).toBe('OK')
    const text = readFileSync(conf, 'latin1')
    expect(text.split('\n').filter((line) => line.startsWith('user') || line.startsWith('#'))).toEqual([
      'user alice on sanitize-payload "~\\"quoted" resetchannels -@all +get',
      '# end',
      'user carol off sanitize-payload resetchannels -@all (~a resetchannels -@all +get)',
      '# Generated by CONFIG REWRITE',
      OPEN,
    ])
    const again = start(text.replace(/^dir .*\n/m, ''))
    expect(open({ config: again.config, users: again.users }).inProcess().execute('ACL', 'LIST')).toEqual(
      door.execute('ACL', 'LIST'),
    )

    writeFileSync(file, '')
    const other = start(`port 0\naclfile ${file}\n`)
    const withFile = open({ config: other.config, configFile: other.configFile })
    expect(withFile.inProcess().execute('CONFIG', 'REWRITE')).toBe('OK')
    expect(readFileSync(conf, 'latin1')).not.toMatch(/^user /m)
  })
})
