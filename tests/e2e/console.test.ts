/**
 * The console in a real browser, as the package serves it, on a store with every type and with names and values that mean harm:
 * what is looked for, shown, edited, deleted and brought back, by mouse and by keyboard, in the rights of each token.
 */
import { describe, expect, it } from 'vitest'
import type { Server } from '../../lib/server.ts'
import { Axe } from './axe.ts'
import { consoleVisits, foundChromium } from './consolevisit.ts'
import { proxiesBefore } from './proxies.ts'
import { signIn } from './visit.ts'

const MARKUP = '<img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script>'
const RTL = 'שלום \u202egnp.exe'
const CONTROL = 'a\x00\x1b[31m\nb\x7f'
const BINARY = Buffer.from([0, 255, 13, 10, 34, 128])

describe.skipIf('missing' in foundChromium)('the console', { timeout: 60_000 }, () => {
  const visit = consoleVisits(fill)
  const { execute } = visit

  const openKey = async (name: string): Promise<void> => {
    await visit.enter(`#/browser?key=${encodeURIComponent(`=${name}`)}`)
    await visit.page.locator('.key-pane h2').waitFor()
  }
  const edit = async (text: string): Promise<void> => {
    await visit.page.locator('textarea.value').first().fill(text)
    await visit.page.getByRole('button', { name: 'Save' }).click()
    await visit.page.getByRole('button', { name: 'Save' }).waitFor({ state: 'detached' })
  }
  const line = (name: string) => visit.page.getByRole('treeitem').filter({ hasText: name })

  it('lists keys by SCAN as a tree, opens branches and keys by the keyboard, and keeps what is seen in the address', async () => {
    const { page } = visit
    await visit.enter()
    await line('user').first().waitFor()
    await page.getByRole('tree').focus()
    const names = await page.getByRole('treeitem').allTextContents()
    const at = names.findIndex((name) => name.startsWith('user'))
    for (let i = 0; i < at; i++) await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowRight')
    await line('1').first().waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.locator('.key-pane h2', { hasText: 'user:1' }).waitFor()
    expect(page.url()).toContain('key=')
    await page.reload()
    await page.locator('.key-pane h2', { hasText: 'user:1' }).waitFor()
    await page.getByRole('button', { name: 'As a list' }).click()
    await line('user:1').first().waitFor()
    await page.getByRole('combobox', { name: 'Type' }).selectOption('hash')
    await expect.poll(() => page.getByRole('treeitem').count()).toBe(1)
    await page.getByRole('searchbox', { name: /Names that hold/ }).fill('nothing-of-that-name')
    await page.getByText('No key is here').waitFor()
    expect(execute('INFO', 'commandstats')).not.toContain('cmdstat_keys:')
    expect(visit.problems).toEqual([])
  })

  it('shows hostile names and values as what they are', async () => {
    const { page } = visit
    await page.setViewportSize({ width: 1280, height: 2400 }) // all lines are in view
    await visit.enter('#/browser?view=list')
    for (const text of [MARKUP, 'שלום', '\\u202e', '\\x1b', '\\xff']) await line(text).first().waitFor()
    for (const name of ['harm', MARKUP, RTL, CONTROL]) {
      await visit.go(`#/browser?key=${encodeURIComponent(`=${name}`)}`)
      await page.locator('.key-pane .facts').waitFor()
    }
    await line(MARKUP).first().click()
    expect(await page.locator('.key-pane h2').textContent()).toBe(MARKUP)
    expect(await page.locator('textarea.value').inputValue()).toBe(MARKUP)
    expect(await page.locator('img').count()).toBe(0)
    expect(visit.problems).toEqual([])
  })

  it('edits a string in its formats, and asks where somebody else has written meanwhile', async () => {
    const { page } = visit
    await openKey('text')
    await edit('new é\nlines')
    expect(execute('GET', 'text')).toBe('new é\nlines')
    await page.getByRole('button', { name: 'Hex' }).click()
    await edit('00 ff')
    expect(visit.server.executeBuffer('GET', 'text')).toEqual(Buffer.from([0, 255]))
    // The page reads the key again once it is saved: what comes before that is no conflict.
    await page.waitForLoadState('networkidle')
    await page.getByRole('button', { name: 'Hex' }).click()
    await page.locator('textarea.value').fill('01')
    execute('SET', 'text', 'of somebody else')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Somebody else has changed it').waitFor()
    expect(execute('GET', 'text')).toBe('of somebody else')
    await page.getByRole('button', { name: 'Overwrite it' }).click()
    await expect.poll(() => visit.server.executeBuffer('GET', 'text')).toEqual(Buffer.from([1]))
    expect(visit.problems.filter((text) => !text.includes('400'))).toEqual([])
  })

  it('reads JSON, MessagePack, what is packed, HyperLogLogs, and long strings in pieces', async () => {
    const { page } = visit
    await openKey('json-text')
    expect(await page.locator('textarea.value').inputValue()).toBe('{\n  "a": 12345678901234567890\n}')
    await openKeyAgain('packed')
    await expect.poll(() => page.locator('textarea.value').inputValue()).toBe('{\n  "zip": true\n}')
    await openKeyAgain('msgpack')
    expect(await page.locator('textarea.value').inputValue()).toContain('"b"')
    await openKeyAgain('hll')
    await page.getByText('A HyperLogLog of about 3').waitFor()
    await openKeyAgain('long')
    await page.getByText('of 3.0 MB').waitFor()
    await page.getByRole('button', { name: 'End', exact: true }).click()
    await expect.poll(() => page.locator('textarea.value').inputValue()).toMatch(/tail$/)
    expect(visit.problems).toEqual([])
  })

  const openKeyAgain = async (name: string): Promise<void> => {
    await visit.go(`#/browser?key=${encodeURIComponent(`=${name}`)}`)
    await visit.page.locator('.key-pane h2', { hasText: name }).waitFor()
    await visit.page.locator('textarea.value').waitFor()
  }

  it('edits, adds and removes what is in a hash, a list, a set, a sorted set and an array', async () => {
    const { page } = visit
    await openKey('hash')
    await page.getByRole('button', { name: 'Edit field', exact: true }).click()
    await edit('changed')
    expect(execute('HGET', 'hash', 'field')).toBe('changed')
    await page.getByRole('button', { name: 'Add field' }).click()
    await page.getByLabel('Field', { exact: true }).fill('second')
    await page.getByLabel('Value', { exact: true }).fill('2')
    await visit.submit('Add')
    await page.getByRole('button', { name: 'Time to live of second' }).click()
    await page.getByLabel('Expires in').fill('5m')
    await visit.submit('Set')
    await expect.poll(() => execute('HTTL', 'hash', 'FIELDS', 1, 'second')).toEqual([expect.toSatisfy(near(300))])
    await page.getByRole('button', { name: 'Remove second' }).click()
    await expect.poll(() => execute('HEXISTS', 'hash', 'second')).toBe(0)

    await visit.go(`#/browser?key==list`)
    await page.getByRole('button', { name: 'Edit element 1' }).click()
    await edit('B')
    await page.getByRole('button', { name: 'Remove element 0' }).click()
    await expect.poll(() => execute('LRANGE', 'list', 0, -1)).toEqual(['B', 'c'])
    await page.getByRole('button', { name: 'Add element' }).click()
    await page.getByLabel('at its beginning').check()
    await page.getByLabel('Element', { exact: true }).fill('first')
    await visit.submit('Add')
    await expect.poll(() => execute('LRANGE', 'list', 0, -1)).toEqual(['first', 'B', 'c'])

    await visit.go(`#/browser?key==set`)
    await page.getByRole('button', { name: 'Remove m1' }).click()
    await expect.poll(() => execute('SISMEMBER', 'set', 'm1')).toBe(0)

    await visit.go(`#/browser?key==zset`)
    await page.getByRole('button', { name: 'Score of low' }).click()
    await page.getByLabel('Score', { exact: true }).fill('7.5')
    await visit.submit('Set')
    await expect.poll(() => execute('ZSCORE', 'zset', 'low')).toBe('7.5')

    await visit.go(`#/browser?key==array`)
    await page.getByRole('button', { name: 'Edit element 5' }).click()
    await edit('five')
    expect(execute('ARGET', 'array', 5)).toBe('five')
    expect(visit.problems).toEqual([])
  })

  it('shows streams with their groups, JSON as a tree, and places on a map', async () => {
    const { page } = visit
    await openKey('stream')
    await page.getByText('temperature').first().waitFor()
    await page.getByRole('button', { name: 'Groups' }).click()
    await page.locator('summary', { hasText: 'readers' }).click()
    await page.getByRole('button', { name: 'Claim' }).click()
    await page.getByLabel('For the consumer').fill('other')
    await visit.submit('Claim')
    await expect.poll(() => JSON.stringify(execute('XPENDING', 'stream', 'readers'))).toContain('other')
    await page.getByRole('button', { name: 'Acknowledge' }).click()
    await expect.poll(() => JSON.stringify(execute('XPENDING', 'stream', 'readers'))).toContain('[0,')

    await visit.go(`#/browser?key==doc`)
    await page.getByRole('button', { name: 'Edit name' }).click()
    await page.getByLabel('Value of name').fill('"new"')
    await page.keyboard.press('Enter')
    await expect.poll(() => execute('JSON.GET', 'doc', '.name')).toBe('"new"')

    await visit.go(`#/browser?key==geo`)
    await page.getByRole('button', { name: 'Map' }).click()
    await page.getByRole('img', { name: '2 places' }).waitFor()
    expect(visit.problems).toEqual([])
  })

  it('makes a key, renames, copies and ends it, deletes it and brings it back', async () => {
    const { page } = visit
    await visit.enter()
    await page.getByRole('button', { name: 'New key' }).click()
    await page.getByLabel('Name', { exact: true }).fill('made:1')
    await page.getByLabel('Value').fill('v')
    await page.getByLabel('Time to live').last().fill('1h')
    await visit.submit('Create')
    await page.locator('.key-pane h2', { hasText: 'made:1' }).waitFor()
    expect(execute('TTL', 'made:1')).toSatisfy(near(3600))
    await page.getByRole('button', { name: 'Rename' }).click()
    await page.getByLabel('New name').fill('list')
    await visit.submit('Rename')
    await page.getByText('A key of that name is there already.').waitFor()
    await page.getByLabel('New name').fill('made:2')
    await visit.submit('Rename')
    await page.locator('.key-pane h2', { hasText: 'made:2' }).waitFor()
    await page.getByRole('button', { name: /^Expires in/ }).click()
    await page.getByLabel('Expires in').fill('')
    await visit.submit('Set')
    await expect.poll(() => execute('TTL', 'made:2')).toBe(-1)
    await page.getByRole('button', { name: 'Delete this key' }).click()
    await visit.submit('Delete')
    await page.getByText('Deleted made:2.').waitFor()
    expect(execute('EXISTS', 'made:2')).toBe(0)
    await expect.poll(() => line('made').count()).toBe(0)
    await page.getByRole('button', { name: 'Undo' }).click()
    await expect.poll(() => execute('GET', 'made:2')).toBe('v')
    await line('made').first().waitFor()
    expect(visit.problems).toEqual([])
  })

  it('deletes what was selected, and a whole branch after it was counted', async () => {
    const { page } = visit
    await visit.enter('#/browser?view=list')
    await line('hash').first().locator('.box').click()
    await line('list').first().locator('.box').click()
    await page.getByText('2 selected').waitFor()
    await page.locator('.bar.selected').getByRole('button', { name: 'Delete' }).click()
    await visit.submit('Delete')
    await expect.poll(() => execute('EXISTS', 'hash', 'list')).toBe(0)
    await page.getByRole('button', { name: 'As a tree' }).click()
    await line('user').first().hover()
    await line('user').first().locator('.line-action').click()
    await page.getByText('Delete 20 keys?').waitFor()
    await visit.submit('Delete')
    await expect.poll(() => execute('EXISTS', 'user:1')).toBe(0)
    await page.getByText('Deleted 20 keys.').waitFor() // the last to be undone
    await page.getByRole('button', { name: 'Undo' }).last().click()
    await expect.poll(() => execute('EXISTS', 'user:1')).toBe(1)
    expect(visit.problems).toEqual([])
  })

  it('runs commands, completes them, prints as redis-cli does, and asks for dangerous ones once more', async () => {
    const { page } = visit
    await visit.enter('#/commands')
    const input = page.getByRole('combobox', { name: 'Command' })
    const log = page.getByRole('log')
    const run = async (text: string): Promise<void> => {
      await input.fill(text)
      await input.press('Enter')
    }
    await input.fill('hgeta')
    await page.getByRole('option', { name: /HGETALL/ }).waitFor()
    await input.press('Tab')
    expect(await input.inputValue()).toBe('hgetall ')
    await page.getByText('HGETALL key').waitFor()
    await run('hgetall hash')
    await log.getByText('1) "field"').waitFor()
    await page.getByRole('button', { name: 'as a table' }).click()
    await log.getByRole('cell', { name: 'field' }).waitFor()
    await run('lpush text x')
    await log.getByText('(error) WRONGTYPE').waitFor()
    await run('flushall')
    await log.getByText('Press Enter once more').waitFor()
    expect(execute('EXISTS', 'text')).toBe(1)
    await input.press('Escape')
    await log.getByText('Left.').waitFor()
    for (const text of ['multi', 'set tx 1', 'incr tx', 'exec']) await run(text)
    await log.getByText('(integer) 2').waitFor()
    expect(execute('GET', 'tx')).toBe('2')
    await run('subscribe news')
    await log.getByText('subscribe,news,1').waitFor()
    execute('PUBLISH', 'news', MARKUP)
    await log.getByText('message,news,<img').waitFor()
    await input.press('Escape')
    await log.getByText('Ended.').waitFor()
    await input.press('ArrowUp')
    expect(await input.inputValue()).toBe('subscribe news')
    await run('clear')
    await expect.poll(() => log.locator('.log-line').count()).toBe(0)
    expect(visit.problems.filter((text) => !text.includes('400'))).toEqual([])
  })

  it('shows figures, slow commands, clients, all commands and messages as they come', async () => {
    const { page } = visit
    execute('CONFIG', 'SET', 'slowlog-log-slower-than', '0')
    await visit.enter('#/live')
    await page.getByText('Uptime', { exact: true }).waitFor()
    await expect.poll(() => page.locator('.chart path.line').count(), { timeout: 15_000 }).toBeGreaterThan(0)
    await page.getByRole('link', { name: 'Slow log' }).click()
    await page.getByRole('cell', { name: /INFO/i }).first().waitFor()
    await page.getByRole('link', { name: 'Clients' }).click()
    await page.getByRole('table').waitFor()
    await page.getByRole('link', { name: 'Monitor' }).click()
    await page.getByRole('searchbox').fill('SEEN')
    await page.getByRole('button', { name: 'Start' }).click()
    await page.getByText('lines so far').waitFor()
    const monitored = (): Promise<string | null> => {
      execute('SET', 'seen', 1)
      return page.getByRole('log').textContent()
    }
    await expect.poll(monitored).toContain('"SET" "seen"')
    expect(await page.getByRole('log').textContent()).not.toContain('"INFO"')
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.getByRole('link', { name: 'Pub/Sub' }).click()
    await page.getByLabel('Channel or pattern').fill('chat*')
    await page.getByRole('button', { name: 'Listen' }).click()
    await expect.poll(() => execute('PUBLISH', 'chat:1', MARKUP)).toBe(1)
    await page.getByText('pmessage,chat*,chat:1,<img').waitFor()
    expect(visit.problems).toEqual([])
  })

  it('shows a reader what may be read: no button that writes', async () => {
    const { page } = visit
    execute('ACL', 'SETUSER', 'reader', 'on', '>p', '~*', '+@read', '+info', '+command')
    await visit.enter('#/browser?view=list', String(execute('ACL', 'RESTTOKEN', 'reader', 'p')))
    await page.getByText('read only').waitFor()
    await line('hash').first().click()
    await page.getByRole('cell', { name: 'field', exact: true }).waitFor()
    for (const name of [/New key/, /Delete/, /Rename/, /Add/, /^Edit/]) {
      expect(await page.getByRole('button', { name }).count()).toBe(0)
    }
    expect(await page.locator('.box').count()).toBe(0)
  })

  it('opens keys by their names for the read-only token, which may not look for them, and says so', async () => {
    const { page } = visit
    await visit.enter('', 'ro')
    await page.getByText('may read keys and not list them').waitFor()
    await page.getByLabel('Name of a key').fill('text')
    await page.getByRole('button', { name: 'Open' }).click()
    await expect.poll(() => page.locator('textarea.value').inputValue()).toBe('plain')
    expect(await page.locator('textarea.value').getAttribute('readonly')).not.toBe(null)
  })

  it('asks for the token again when it no longer lets in, and says when the store does not answer', async () => {
    const { page } = visit
    await visit.enter()
    await line('hash').first().waitFor()
    await visit.context.setOffline(true)
    await page.getByRole('button', { name: 'Look for keys anew' }).click()
    await page.getByText('The store does not answer.').waitFor()
    await visit.context.setOffline(false)
    await page.getByRole('button', { name: 'Look for keys anew' }).click()
    await line('hash').first().waitFor()
    execute('CONFIG', 'SET', 'rest-token', 'another')
    // A request that was under way may have said so already.
    await page
      .getByRole('button', { name: 'Look for keys anew' })
      .click({ timeout: 3000 })
      .catch(() => {})
    await page.getByText('You are signed out').waitFor()
    await signIn(page, 'another')
    await line('hash').first().waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('Token of REST').waitFor()
    await page.reload()
    await page.getByLabel('Token of REST').waitFor()
  })

  it('works below a path, behind two proxies that have put it there', async () => {
    const { page } = visit
    const proxies = await proxiesBefore(visit.url, ['/er', '/deep'])
    const address = `${proxies.url}/deep/er`
    visit.asksOnly(address)
    try {
      await page.goto(`${address}/console`)
      await signIn(page, 't')
      await line('hash').first().waitFor()
      await page.reload()
      await line('hash').first().waitFor()
    } finally {
      proxies.close()
    }
  })

  it('has nothing that axe finds, on any page, in either scheme', async () => {
    const { page } = visit
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
    await page.goto(`${visit.url}/console/`)
    await page.getByText('The store is up').waitFor()
    const axe = new Axe(page)
    await axe.look('signing in')
    await signIn(page, 't')
    await line('hash').first().waitFor()
    await axe.look('keys')
    for (const key of ['text', 'hash', 'list', 'set', 'zset', 'stream', 'doc', 'array', 'none']) {
      await visit.go(`#/browser?key==${key}`)
      await page.locator('.key-pane h2', { hasText: key }).waitFor()
      await expect.poll(() => page.locator('.key-pane', { hasText: 'Loading' }).count()).toBe(0)
      await axe.look(key)
    }
    await page.getByRole('button', { name: 'New key' }).click()
    await axe.look('a new key')
    await page.keyboard.press('Escape')
    for (const part of [
      'commands',
      'live',
      'live?part=slowlog',
      'live?part=clients',
      'live?part=monitor',
      'live?part=pubsub',
      'queues',
      'connect',
    ]) {
      await visit.go(`#/${part}`)
      await page.locator('main > section').waitFor()
      await axe.look(part)
    }
    expect(axe.findings).toEqual([])
  }, 240_000)

  it.each([320, 768, 3840])('fits a screen of %d px', async (width) => {
    const { page } = visit
    await page.setViewportSize({ width, height: 720 })
    await visit.enter()
    for (const part of [
      'browser',
      'browser?key==hash',
      'browser?key==stream',
      'commands',
      'live',
      'live?part=clients',
      'queues',
      'connect',
    ]) {
      await visit.go(`#/${part}`)
      const scrolled = await page.evaluate(() => document.documentElement.scrollWidth)
      expect([part, scrolled]).toEqual([part, Math.min(scrolled, width)])
    }
  })
})

const missing = 'missing' in foundChromium ? foundChromium.missing : undefined
if (missing !== undefined) it('the console', (context) => context.skip(missing))

function near(seconds: number): (value: unknown) => boolean {
  return (value) => Number(value) > seconds - 10 && Number(value) <= seconds
}

/** Every type, and names and values that mean harm. */
function fill(server: Server): void {
  const run = (...argv: (string | number | Buffer)[]): unknown => server.execute(...argv)
  run('SET', 'text', 'plain')
  run('SET', 'harm', MARKUP)
  run('SET', MARKUP, MARKUP)
  run('SET', RTL, RTL)
  run('SET', CONTROL, CONTROL)
  run('SET', BINARY, BINARY)
  run('SET', 'x'.repeat(10_000), 'a name of 10 KB')
  run('SET', 'json-text', '{"a":12345678901234567890}')
  run('SET', 'packed', Buffer.from('H4sIAAAAAAAAA6tWqsosULIqKSpNrQUAA3ylGQwAAAA=', 'base64'))
  run('EVAL', "redis.call('SET', KEYS[1], cmsgpack.pack({b = {1, 2}, c = 'd'}))", 1, 'msgpack')
  run('PFADD', 'hll', 'a', 'b', 'c')
  run('SETRANGE', 'long', 3 * 2 ** 20, 'tail')
  run('HSET', 'hash', 'field', 'value')
  run('RPUSH', 'list', 'a', 'b', 'c')
  run('SADD', 'set', 'm1', 'm2', MARKUP)
  run('ZADD', 'zset', 1, 'low', 2.5, 'high')
  run('GEOADD', 'geo', 13.361389, 38.115556, 'Palermo', 15.087269, 37.502669, 'Catania')
  run('XADD', 'stream', '1-1', 'temperature', '21', 'note', MARKUP)
  run('XGROUP', 'CREATE', 'stream', 'readers', '0')
  run('XREADGROUP', 'GROUP', 'readers', 'one', 'STREAMS', 'stream', '>')
  run('JSON.SET', 'doc', '$', '{"name":"old","list":[1,{"deep":true}],"none":null}')
  run('ARSET', 'array', 5, 'x')
  for (let i = 1; i <= 20; i++) run('SET', `user:${i}`, `${i}`)
}
