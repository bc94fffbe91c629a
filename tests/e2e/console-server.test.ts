/**
 * What the console shows of a store that runs, in a real browser: delays, events of keys, what keys weigh, its state, configuration, users
 * and functions, other databases, limiters, files of keys; by keyboard, on small screens, and in front of a real Redis.
 */
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Server } from '../../lib/server.ts'
import { freePort } from '../clients/ports.ts'
import { RespClient } from '../clients/resp.ts'
import { Genuine, genuineVersion } from '../contract/harness/genuine.ts'
import { Axe } from './axe.ts'
import { zerodis } from './child.ts'
import { consoleVisits, foundChromium } from './consolevisit.ts'

const MARKUP = '<img src=x onerror="document.title=\'owned\'">'
const LIBRARY = "#!lua name=mine\nredis.register_function('hello', function() return 'hi' end)"

const PARTS = [
  'live?part=latency',
  'live?part=events',
  'live?part=memory',
  'server',
  'server?part=configuration',
  'server?part=users',
  'server?part=functions',
  'queues?queue=b_api_',
]

describe.skipIf('missing' in foundChromium)('the console of a store that runs', { timeout: 60_000 }, () => {
  const visit = consoleVisits(fill)
  const { execute } = visit

  it('shows latencies over time, keeps delays once one agrees, and tells what the doctors say', async () => {
    await visit.enter('#/live')
    const { page } = visit
    await page.getByText('Latency, p99.9').waitFor()
    await expect
      .poll(() => page.locator('.chart', { hasText: 'Event loop, busy' }).locator('path.line').count())
      .toBe(1)
    execute('GET', 'a:1')
    await page.getByRole('link', { name: 'Latency' }).click()
    await page.getByText('Delays are not kept').waitFor()
    await page.getByRole('button', { name: 'Keep delays' }).click()
    expect(execute('CONFIG', 'GET', 'latency-monitor-threshold')).toContain('0')
    await visit.submit('Keep them')
    await page.getByText('Delays of 100 ms and more').waitFor()
    expect(execute('CONFIG', 'GET', 'latency-monitor-threshold')).toContain('100')
    await page.getByText('Dave, no latency spike was observed').waitFor()
    await page.getByRole('heading', { name: 'What the doctor of memory says' }).waitFor()
    await page
      .getByRole('region', { name: 'Calls of commands' })
      .getByRole('cell', { name: 'get', exact: true })
      .waitFor()
    expect(visit.problems).toEqual([])
  })

  it('has the store tell of its keys once one agrees, and puts that back', async () => {
    await visit.enter('#/live?part=events')
    const { page } = visit
    const flags = () => (execute('CONFIG', 'GET', 'notify-keyspace-events') as string[])[1]
    await page.getByText('The store does not tell of its keys').waitFor()
    await page.getByRole('button', { name: 'Start' }).click()
    expect(flags()).toBe('')
    await visit.submit('Tell them')
    await page.getByText('lines so far').waitFor()
    const told = (): Promise<string | null> => {
      execute('SET', MARKUP, '1')
      return page.getByRole('log').textContent()
    }
    await expect.poll(told).toContain(`set ${MARKUP}`)
    expect(flags()).not.toBe('')
    await page.getByRole('button', { name: 'Stop' }).click()
    await expect.poll(flags).toBe('')
    await page.getByRole('button', { name: 'Start' }).click()
    await visit.submit('Tell them')
    await expect.poll(flags).not.toBe('')
    await page.getByRole('link', { name: 'Monitor' }).click()
    await expect.poll(flags).toBe('')
    expect(visit.problems).toEqual([])
  })

  it('puts back what it has set when the page goes away, too', async () => {
    await visit.enter('#/live?part=events')
    execute('CONFIG', 'SET', 'notify-keyspace-events', 'Kx')
    await visit.page.reload()
    await visit.page.getByRole('button', { name: 'Start' }).click()
    await visit.submit('Tell them')
    const flags = () => (execute('CONFIG', 'GET', 'notify-keyspace-events') as string[])[1]
    await expect.poll(flags).toContain('E')
    await visit.page.goto('about:blank')
    await expect.poll(flags).toBe('xK')
    await visit.go('')
  })

  it('estimates what keys weigh from a sample, and knows it when all were looked at', async () => {
    for (let i = 0; i < 12_000; i++) execute('SET', `many:${i % 3}:${i}`, 'v'.repeat(i % 100))
    await visit.enter('#/live?part=memory')
    const { page } = visit
    await page.getByRole('button', { name: 'Take a sample' }).click()
    await page.getByText('lies with 95 % within').waitFor()
    const row = page.getByRole('row').filter({ hasText: 'many:' }).first()
    expect(await row.textContent()).toContain('±')
    await page.getByRole('button', { name: 'Look at all' }).click()
    await page.getByText(/^All 12,0\d\d keys were looked at/).waitFor()
    expect(await row.textContent()).toContain('12,000')
    expect(await row.textContent()).not.toContain('±')
    await page.getByRole('button', { name: 'a:b:', exact: true }).click()
    await page.getByRole('link', { name: 'many:1:', exact: true }).click()
    await page.getByRole('button', { name: 'Load all' }).click()
    await page.getByText('4,000 keys', { exact: true }).waitFor()
    expect(visit.problems).toEqual([])
  })

  it('shows how the store stands, and asks before it saves, rewrites or fails over', async () => {
    await visit.enter('#/server')
    const { page } = visit
    await page.getByText('A master with no replicas').waitFor()
    await page.getByText('no append-only file').waitFor()
    await page.getByRole('button', { name: /^Save a snapshot/ }).click()
    expect(String(execute('INFO', 'persistence'))).toContain('rdb_saves:0')
    await visit.submit('Cancel')
    await page.getByRole('button', { name: /^Fail over/ }).click()
    await visit.submit('Fail over')
    await page
      .getByRole('alert')
      .filter({ hasText: /FAILOVER requires connected replicas/ })
      .waitFor()
    await visit.submit('Cancel')
    expect(visit.problems.filter((text) => !text.includes('400'))).toEqual([])
  })

  it('finds directives by what they are for, says which have no effect, and sets one', async () => {
    await visit.enter('#/server?part=configuration')
    const { page } = visit
    const filter = page.getByRole('searchbox', { name: 'Filter directives' })
    await filter.fill('Most clients connected')
    await page.getByRole('cell', { name: 'maxclients', exact: true }).waitFor()
    await page.getByRole('button', { name: 'Set maxclients' }).click()
    await page.getByLabel('Value', { exact: true }).fill('none')
    await visit.submit('Set')
    await page.getByRole('alert').filter({ hasText: "argument couldn't be parsed into an integer" }).waitFor()
    await page.getByLabel('Value', { exact: true }).fill('5000')
    await visit.submit('Set')
    await expect.poll(() => execute('CONFIG', 'GET', 'maxclients')).toContain('5000')
    await filter.fill('')
    await page.getByRole('button', { name: 'Not the default' }).click()
    await page.getByRole('cell', { name: 'maxclients', exact: true }).waitFor()
    expect(await page.getByRole('cell', { name: 'hz', exact: true }).count()).toBe(0)
    await page.getByRole('cell', { name: 'rest-token', exact: true }).waitFor()
    expect(await page.getByRole('row').filter({ hasText: 'rest-token' }).first().textContent()).toContain('••••••')
    await page.getByRole('button', { name: 'Without effect' }).click()
    await page.getByRole('cell', { name: 'socket-mark-id' }).waitFor()
    expect(visit.problems.filter((text) => !text.includes('400'))).toEqual([])
  })

  it('makes a user with a token, tells what it may do, changes and deletes it', async () => {
    await visit.enter('#/server?part=users')
    const { page } = visit
    await page.getByRole('button', { name: 'New user' }).click()
    await page.getByLabel('Name', { exact: true }).fill('reader')
    await page.getByLabel('New password').fill('p')
    await page.getByLabel('Keys', { exact: true }).fill('a:*')
    await page.getByLabel('Make a token of REST').check()
    await visit.submit('Save')
    const token = await page.getByRole('dialog').locator('code').textContent()
    await visit.submit('Close')
    expect(execute('ACL', 'LIST')).toContainEqual(
      expect.stringMatching(/^user reader on .* ~a:\* resetchannels -@all \+@read$/),
    )
    const answer = await fetch(`${visit.url}/get/a:1`, { headers: { authorization: `Bearer ${token}` } })
    expect(await answer.json()).toEqual({ result: 'v' })

    await page.getByRole('button', { name: 'What reader may do' }).click()
    await page.getByLabel('Key or channel').fill('a:1')
    const verdicts = page.getByRole('dialog').locator('.verdicts')
    await verdicts.locator('.verdict:not(.refused)', { hasText: 'GET a:1' }).waitFor()
    await verdicts.locator('.verdict.refused', { hasText: 'FLUSHALL' }).waitFor()
    await page.getByLabel('Command to try').fill('get other')
    await page.getByRole('dialog').getByRole('button', { name: 'Try', exact: true }).click()
    await page.locator('.dialog-body > .verdict.refused', { hasText: 'get other' }).waitFor()
    expect(execute('EXISTS', 'a:1')).toBe(1)
    await visit.submit('Close')

    await page.getByRole('button', { name: 'Edit reader' }).click()
    await page.getByLabel('Commands', { exact: true }).fill('+@nothing')
    await visit.submit('Save')
    await page.getByRole('alert').filter({ hasText: '@nothing' }).waitFor()
    await page.getByLabel('Commands', { exact: true }).fill('get +set')
    await visit.submit('Save')
    await expect.poll(() => String(execute('ACL', 'LIST'))).toContain('-@all +get +set')
    await page.getByRole('button', { name: 'Delete reader' }).click()
    await visit.submit('Delete')
    await expect.poll(() => execute('ACL', 'USERS')).toEqual(['default'])
    expect(visit.problems.filter((text) => !text.includes('400'))).toEqual([])
  })

  it('loads a library of functions, shows its text, and deletes it', async () => {
    await visit.enter('#/server?part=functions')
    const { page } = visit
    await page.getByText('No library is loaded.').waitFor()
    await page.getByRole('button', { name: 'Load a library' }).click()
    await page.getByLabel('Text', { exact: true }).fill(LIBRARY)
    await visit.submit('Load')
    const library = page.getByRole('region', { name: 'mine' })
    await library.getByText("return 'hi'").waitFor()
    expect(execute('FCALL', 'hello', 0)).toBe('hi')
    await library.getByRole('button', { name: 'Edit' }).click()
    await page.getByLabel('Text', { exact: true }).fill(LIBRARY.replace("'hi'", "'ho'"))
    await visit.submit('Load')
    await expect.poll(() => execute('FCALL', 'hello', 0)).toBe('ho')
    const digest = String(execute('SCRIPT', 'LOAD', 'return 1'))
    await page.getByLabel('SHA-1 of a script').fill(digest)
    await page.getByRole('button', { name: 'Look', exact: true }).click()
    await page.locator('details[open] pre', { hasText: 'return 1' }).waitFor()
    await page.getByLabel('SHA-1 of a script').fill('0'.repeat(40))
    await page.getByRole('button', { name: 'Look', exact: true }).click()
    await page.getByText('The store does not know this script.').waitFor()
    await page.reload()
    await page.locator('summary', { hasText: digest }).click()
    await page.locator('details[open] pre', { hasText: 'return 1' }).waitFor()
    await library.getByRole('button', { name: 'Delete' }).click()
    await visit.submit('Delete')
    await page.getByText('No library is loaded.').waitFor()
    expect(visit.problems).toEqual([])
  })

  it('shows and edits keys of other databases, and the address says which', async () => {
    await visit.enter()
    const { page } = visit
    await page.getByRole('combobox', { name: 'Database' }).selectOption('2')
    await page.getByRole('treeitem').filter({ hasText: 'in-two' }).click()
    await page.locator('textarea.value').fill('é')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('button', { name: 'Save' }).waitFor({ state: 'detached' })
    // The page reads the key again once it is saved.
    await page.waitForLoadState('networkidle')
    await page.getByRole('button', { name: 'Hex' }).click()
    await page.locator('textarea.value').fill('ff')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('button', { name: 'Save' }).waitFor({ state: 'detached' })
    const inTwo = (): unknown => execute('EVAL', "redis.call('SELECT', 2) return redis.call('STRLEN', 'in-two')", 0)
    expect([inTwo(), execute('EXISTS', 'in-two')]).toEqual([1, 0])
    expect(page.url()).toContain('db=2')
    await page.reload()
    await page.locator('.key-pane h2', { hasText: 'in-two' }).waitFor()
    await page.getByRole('link', { name: 'Command line' }).click()
    await page.getByRole('combobox', { name: 'Command' }).fill('dbsize')
    await page.getByRole('combobox', { name: 'Command' }).press('Enter')
    await page.getByRole('log').getByText('(integer) 1').waitFor()
    expect(visit.problems).toEqual([])
  })

  it('unpacks what gzip and brotli have packed', async () => {
    execute('SET', 'brotli', brotliCompressSync('{"zip":"brotli"}'))
    execute('SET', 'gzip', gzipSync('{"zip":"gzip"}'))
    await visit.enter('#/browser?key==brotli')
    const value = visit.page.locator('textarea.value')
    await visit.page.getByRole('button', { name: 'Brotli' }).click()
    await expect.poll(() => value.inputValue()).toBe('{\n  "zip": "brotli"\n}')
    await visit.go('#/browser?key==gzip')
    await expect.poll(() => value.inputValue()).toBe('{\n  "zip": "gzip"\n}')
    execute('SET', 'noise', Buffer.from([255, 254, 0, 1, 2, 3]))
    await visit.go('#/browser?key==noise')
    await visit.page.getByRole('button', { name: 'Brotli' }).click()
    await expect.poll(() => value.inputValue()).toContain('nothing that brotli has packed')
    expect(visit.problems).toEqual([])
  })

  it('reads a value of 100 MB by pieces', async () => {
    execute('SETRANGE', 'huge', 100 * 2 ** 20 - 4, 'tail')
    execute('SETRANGE', 'huge', 50 * 2 ** 20, 'middle')
    await visit.enter('#/browser?key==huge')
    const { page } = visit
    await page.getByText('0 B to 64.0 KB of 100 MB').waitFor()
    await page.getByRole('button', { name: 'End', exact: true }).click()
    await expect.poll(() => page.locator('textarea.value').inputValue()).toMatch(/tail"?$/)
    await page.getByLabel('Go to byte').fill(`${50 * 2 ** 20}`)
    await page.getByLabel('Go to byte').press('Enter')
    await expect.poll(() => page.locator('textarea.value').inputValue()).toMatch(/^"?middle/)
    expect(await page.locator('textarea.value').getAttribute('readonly')).not.toBe(null)
    expect(visit.problems).toEqual([])
  })

  it('adds to and removes from what else there is: sets, sorted sets, streams, groups, arrays, bitmaps', async () => {
    execute('SADD', 'set', 'm1')
    execute('ZADD', 'zset', 1, 'low')
    execute('XADD', 'stream', '1-1', 'f', 'v')
    execute('ARSET', 'array', 5, 'x')
    execute('SETBIT', 'bitmap', 9, 1)
    await visit.enter('#/browser?key==set')
    const { page } = visit
    const add = async (what: string, fields: Readonly<Record<string, string>>): Promise<void> => {
      await page.getByRole('button', { name: `Add ${what}` }).click()
      const dialog = page.getByRole('dialog')
      for (const [label, text] of Object.entries(fields)) await dialog.getByLabel(label, { exact: true }).fill(text)
      await visit.submit('Add')
      await expect.poll(() => dialog.count()).toBe(0)
    }
    await add('member', { Member: MARKUP })
    expect(execute('SISMEMBER', 'set', MARKUP)).toBe(1)
    await visit.go('#/browser?key==zset')
    await add('member', { Score: '-2.5', Member: 'lower' })
    await page.getByRole('button', { name: 'Remove low', exact: true }).click()
    await expect.poll(() => execute('ZRANGE', 'zset', 0, -1, 'WITHSCORES')).toEqual(['lower', '-2.5'])
    await visit.go('#/browser?key==stream')
    await add('entry', { Fields: 'temperature=21\nnote=a=b' })
    await page.getByRole('button', { name: 'Remove entry 1-1' }).click()
    const entries = (): unknown => (execute('XRANGE', 'stream', '-', '+') as [string, string[]][]).map(([, f]) => f)
    await expect.poll(entries).toEqual([['temperature', '21', 'note', 'a=b']])
    await page.getByRole('button', { name: 'Groups' }).click()
    await add('group', { Name: 'readers' })
    expect(JSON.stringify(execute('XINFO', 'GROUPS', 'stream'))).toContain('readers')
    await visit.go('#/browser?key==array')
    await add('element', { Index: '7', Element: 'seven' })
    await page.getByRole('button', { name: 'Remove element 5' }).click()
    await expect.poll(() => [execute('ARGET', 'array', 5), execute('ARGET', 'array', 7)]).toEqual([null, 'seven'])
    await visit.go('#/browser?key==bitmap')
    await page.getByRole('button', { name: 'Bits' }).click()
    await expect.poll(() => page.locator('textarea.value').inputValue()).toBe('00000000 01000000')
    await page.locator('textarea.value').fill('10000000 01000001')
    await page.getByRole('button', { name: 'Save' }).click()
    await expect.poll(() => execute('BITCOUNT', 'bitmap')).toBe(3)
    expect(execute('GETBIT', 'bitmap', 0)).toBe(1)
    expect(visit.problems).toEqual([])
  })

  it('is used at once by who has started zerodis and has read nothing', async () => {
    const ports = [await freePort(), await freePort()]
    const started = zerodis([
      '--port',
      `${ports[0]}`,
      '--http-port',
      `${ports[1]}`,
      '--dir',
      mkdtempSync(join(tmpdir(), 'walk-')),
    ])
    const [, address] = await started.sees(/^ *console +(\S+)$/m)
    const { page } = visit
    visit.asksOnly(new URL(address).origin)
    await page.goto(address)
    await page.getByRole('button', { name: 'New key' }).click()
    await page.getByLabel('Name', { exact: true }).fill('user:1')
    await page.getByLabel('Value').fill('first')
    await visit.submit('Create')
    await page.getByRole('treeitem').filter({ hasText: 'user' }).first().waitFor()
    await page.locator('textarea.value').fill('second')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('button', { name: 'Save' }).waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Delete this key' }).click()
    await visit.submit('Delete')
    await page.getByText('Deleted user:1.').waitFor()
    await page.getByRole('button', { name: 'Undo' }).click()
    const client = await RespClient.connect({ port: ports[0], host: '127.0.0.1' })
    await expect.poll(() => client.send(['GET', 'user:1'])).toBe('second')
    client.close()
    expect(visit.problems).toEqual([])
  })

  it('shows a limiter of Bottleneck, pauses it, and gives back the place of a job', async () => {
    await visit.enter('#/queues')
    const { page } = visit
    await page.getByRole('link', { name: /api.*Bottleneck/s }).click()
    await page.getByText('2 jobs at once').waitFor()
    await page.getByRole('button', { name: 'Pause the limiter' }).click()
    await expect.poll(() => execute('HGET', 'b_api_settings', 'reservoir')).toBe('0')
    await page.getByRole('button', { name: 'Resume the limiter' }).click()
    await expect.poll(() => execute('HGET', 'b_api_settings', 'reservoir')).toBe('')
    await page.getByRole('button', { name: 'Give back the place of job-1' }).click()
    await expect.poll(() => execute('ZSCORE', 'b_api_job_expirations', 'job-1')).toBe('0')
    expect(visit.problems).toEqual([])
  })

  it('writes keys into files of each kind, and runs a file of commands once one agrees', async () => {
    await visit.enter('#/connect')
    const { page } = visit
    const download = async (kind: string): Promise<Buffer> => {
      await page.getByRole('button', { name: kind, exact: true }).click()
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Export' }).click(),
      ])
      return readFileSync((await file.path())!)
    }
    expect((await download('RDB')).subarray(0, 5).toString()).toBe('REDIS')
    expect((await download('JSON lines')).toString()).toContain('"key":"a:1"')
    const commands = await download('Commands')
    expect(commands.toString()).toContain('SET "a:1" "v"\n')
    execute('FLUSHALL')
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'keys.redis', mimeType: 'text/plain', buffer: commands })
    await page.getByRole('dialog').getByText('2 SET').waitFor()
    expect(execute('DBSIZE')).toBe(0)
    await visit.submit('Run them')
    await expect.poll(() => execute('GET', 'a:1')).toBe('v')
    expect(visit.problems).toEqual([])
  })

  it('lets a reader look and not touch', async () => {
    const rules = [
      '+@read',
      '+info',
      '+config|get',
      '+acl|users',
      '+acl|getuser',
      '+acl|dryrun',
      '+latency',
      '+function|list',
    ]
    execute('ACL', 'SETUSER', 'reader', 'on', '>p', '~*', ...rules)
    execute('FUNCTION', 'LOAD', LIBRARY)
    await visit.enter('#/server', String(execute('ACL', 'RESTTOKEN', 'reader', 'p')))
    const { page } = visit
    await page.getByText('A master with no replicas').waitFor()
    for (const part of PARTS) {
      await visit.go(`#/${part}`)
      await page.locator('main > section').waitFor()
      for (const name of [
        /^Save/,
        /^Rewrite/,
        /^Fail/,
        /^Set/,
        /^New/,
        /^Edit/,
        /^Delete/,
        /^Load/,
        /^Keep/,
        /^Pause/,
        /^Give/,
      ]) {
        expect([part, await page.getByRole('button', { name }).count()]).toEqual([part, 0])
      }
    }
  })

  it('says what the read-only token may not see, on every page', async () => {
    await visit.enter('', 'ro')
    const { page } = visit
    for (const part of ['live', 'live?part=slowlog', 'live?part=clients', 'connect', 'queues', ...PARTS]) {
      await visit.go(`#/${part}`)
      await page.locator('main > section').waitFor()
      await expect.poll(() => page.locator('main', { hasText: /Loading|Looking for/ }).count()).toBe(0)
      expect([part, await page.getByText('could not be shown').count()]).toEqual([part, 0])
    }
    expect(visit.problems.filter((text) => !/40[03]/.test(text))).toEqual([])
  })

  it('says that the store does not answer, and goes on when it does', async () => {
    await visit.enter('#/live')
    const { page } = visit
    await page.getByText('Uptime', { exact: true }).waitFor()
    await visit.go('#/server?part=configuration')
    await page.getByRole('cell', { name: 'maxclients', exact: true }).waitFor()
    for (const [part, seen] of [
      ['server', 'A master with'],
      ['live?part=latency', 'Delays are not kept'],
    ]) {
      await visit.context.setOffline(true)
      await page.goto(`${visit.url}/console/#/${part}`)
      await page.getByText('The store does not answer.').waitFor()
      await visit.context.setOffline(false)
      await page.getByText(seen).waitFor()
    }
  })

  it('loads a page that was not there yet when it is asked for again', async () => {
    await visit.startAnew()
    await visit.enter('#/live')
    const { page } = visit
    await page.getByText('Uptime', { exact: true }).waitFor()
    await visit.context.setOffline(true)
    await page.goto(`${visit.url}/console/#/queues`)
    await page.getByText('This page could not be shown').waitFor()
    await visit.context.setOffline(false)
    await page.getByRole('button', { name: 'Load it again' }).click()
    await page.getByText('Bottleneck', { exact: true }).waitFor()
  })

  it('has nothing that axe finds, in either scheme', async () => {
    execute('FUNCTION', 'LOAD', LIBRARY)
    execute('CONFIG', 'SET', 'latency-monitor-threshold', 1)
    execute('ACL', 'SETUSER', MARKUP.replaceAll(' ', '_'), '+@read')
    await visit.page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
    await visit.enter('#/live')
    const { page } = visit
    const axe = new Axe(page)
    for (const part of PARTS) {
      await visit.go(`#/${part}`)
      await page.locator('main > section').waitFor()
      await expect.poll(() => page.locator('.waiting', { hasText: 'Loading' }).count()).toBe(0)
      await axe.look(part)
    }
    await visit.go('#/live?part=memory')
    await page.getByRole('button', { name: 'Take a sample' }).click()
    await page.getByText('keys were looked at.').waitFor()
    await axe.look('a sample')
    await visit.go('#/server?part=users')
    await page.getByRole('button', { name: 'What default may do' }).click()
    await page.locator('.verdict').first().waitFor()
    await axe.look('what a user may do')
    await visit.submit('Close')
    await page.getByRole('button', { name: 'Edit default' }).click()
    await axe.look('a user')
    expect(axe.findings).toEqual([])
  }, 240_000)

  it.each([320, 3840])('fits a screen of %d px, from right to left, too', async (width) => {
    await visit.page.setViewportSize({ width, height: 720 })
    await visit.enter()
    const { page } = visit
    for (const direction of ['ltr', 'rtl']) {
      await page.evaluate((dir) => document.documentElement.setAttribute('dir', dir), direction)
      for (const part of ['browser', 'browser?key==a:1', 'connect', ...PARTS]) {
        await page.goto(`${visit.url}/console/#/${part}`)
        await page.locator('main > *').first().waitFor()
        const scrolled = await page.evaluate(() => document.documentElement.scrollWidth)
        expect([direction, part, scrolled]).toEqual([direction, part, Math.min(scrolled, width)])
      }
    }
  })

  it('is used by the keyboard alone', async () => {
    await visit.enter('#/server?part=users')
    const { page } = visit
    await page.getByRole('button', { name: 'Edit default' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0)
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Edit default')
    await page.getByRole('link', { name: 'Functions' }).focus()
    await page.keyboard.press('Enter')
    await page.getByText('No library is loaded.').waitFor()
    // All that can be reached says what it is.
    const nameless = await page.evaluate(() =>
      [...document.querySelectorAll('a, button, input, select, textarea, [tabindex="0"]')]
        .filter(
          (each) => !(each.getAttribute('aria-label') || each.textContent?.trim() || each.id || each.closest('label')),
        )
        .map((each) => each.outerHTML),
    )
    expect(nameless.filter((html) => !html.startsWith('<pre'))).toEqual([])
  })

  it('is light: what comes first is small and soon seen', async () => {
    await visit.startAnew()
    const { page } = visit
    const sizes = new Map<string, Promise<number>>()
    page.on('response', (response) => {
      if (!/\.(js|css)$/.test(response.url())) return
      sizes.set(
        response.url(),
        response.allHeaders().then((headers) => Number(headers['content-length'])),
      )
    })
    await page.goto(`${visit.url}/console/`)
    await page.getByText('The store is up').waitFor()
    const bytes = (await Promise.all(sizes.values())).reduce((sum, size) => sum + size, 0)
    expect(bytes).toBeGreaterThan(50_000)
    expect(bytes).toBeLessThanOrEqual(250 * 1024)
    const firstPaint = await page.evaluate(
      () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.POSITIVE_INFINITY,
    )
    expect(firstPaint).toBeLessThan(3000) // on a machine that does other things, too
  })
})

describe.skipIf('missing' in foundChromium || genuineVersion === undefined)(
  'the console in front of a real Redis',
  () => {
    let redis: Genuine
    beforeAll(async () => {
      redis = await Genuine.start()
    })
    afterAll(() => redis?.stop())
    const visit = consoleVisits(
      () => {},
      () => ({ upstream: `unix:${redis.path}` }),
    )

    it('shows, edits and samples its keys, its state and its configuration', async () => {
      await fetch(`${visit.url}/set/real/1`, { headers: { authorization: 'Bearer t' } })
      await visit.enter('#/browser?key==real')
      const { page } = visit
      await page.locator('textarea.value').fill('changed')
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByRole('button', { name: 'Save' }).waitFor({ state: 'detached' })
      await visit.go('#/server')
      await page.getByText('A master with no replicas').waitFor()
      await page.getByRole('heading', { name: 'Upstream' }).waitFor()
      await visit.go('#/server?part=configuration')
      await page.getByRole('cell', { name: 'maxclients', exact: true }).waitFor()
      await visit.go('#/live?part=memory')
      await page.getByRole('button', { name: 'Take a sample' }).click()
      await page.getByText(/^All \d+ keys were looked at/).waitFor()
      await visit.go('#/live?part=latency')
      await page.getByRole('region', { name: 'Calls of commands' }).waitFor()
      await visit.go('#/server?part=users')
      await page.getByRole('button', { name: 'Edit default' }).waitFor()
      await visit.go('#/')
      await page.getByRole('combobox', { name: 'Database' }).selectOption('3')
      await page.getByText('No key is here').waitFor()
      expect(visit.problems).toEqual([])
    }, 60_000)
  },
)

const missing = 'missing' in foundChromium ? foundChromium.missing : undefined
if (missing !== undefined) it('the console of a store that runs', (context) => context.skip(missing))

function fill(server: Server): void {
  const run = (...argv: (string | number)[]): unknown => server.execute(...argv)
  run('SET', 'a:1', 'v')
  run('SET', MARKUP, MARKUP)
  run('EVAL', "redis.call('SELECT', 2) return redis.call('SET', 'in-two', 'v')", 0)
  run('HSET', 'b_api_settings', 'id', 'api', 'maxConcurrent', 2, 'minTime', 0, 'reservoir', '', 'running', 1, 'done', 5)
  run('HSET', 'b_api_job_weights', 'job-1', 1)
  run('HSET', 'b_api_job_clients', 'job-1', 'client-1')
  run('HSET', 'b_api_client_num_queued', 'client-1', 3)
  run('ZADD', 'b_api_client_running', 1, 'client-1')
}
