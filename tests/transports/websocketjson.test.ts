/** One message to many pages: its JSON is made once, and each still gets what is its own. */
import { expect, test } from 'vitest'
import { httpRest, TOKEN } from '../clients/rest.ts'
import { TextSocket } from '../clients/websocket.ts'

test('pages that hear the same messages hear each of them, between their own answers', async () => {
  const rest = await httpRest()
  const url = `ws${rest.url.slice(4)}/ws?format=json&token=${TOKEN}`
  const pages = [new TextSocket(url), new TextSocket(url), new TextSocket(url)]
  for (const page of pages) {
    expect(await page.ask('SUBSCRIBE', 'news')).toEqual({ push: ['subscribe', 'news', 1] })
  }
  const messages = ['short', 'é "quoted"\n', 'x'.repeat(200_000), '', 'last']
  for (const [i, message] of messages.entries()) {
    await rest.server.inProcess().execute('PUBLISH', 'news', message)
    for (const page of pages) expect(await page.next()).toEqual({ push: ['message', 'news', message] })
    expect(await pages[i % 3].ask('PING')).toEqual({ result: 'PONG' })
  }
  for (const page of pages) page.socket.close()
  await rest.close()
})
