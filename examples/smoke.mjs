/**
 * Asks whatever serves REST whether all of it arrives there: commands in bodies and in paths, binary bodies, streams of events, and
 * health without a token. Needs nothing but fetch.
 *
 *   node smoke.mjs http://127.0.0.1:3000/redis secret
 */
import assert from 'node:assert/strict'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'

export async function smoke(base, token) {
  const headers = { authorization: `Bearer ${token}` }
  const ask = async (path, init = {}) => {
    const response = await fetch(base + path, { ...init, headers: { ...headers, ...init.headers } })
    return response.json()
  }
  const post = (path, body) =>
    ask(path, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } })

  // Commands in bodies, at the base itself and below it.
  assert.deepEqual(await post('', ['SET', 'smoke', 'é']), { result: 'OK' })
  assert.deepEqual(await post('/pipeline', [['GET', 'smoke'], ['NOSUCH']]), [
    { result: 'é' },
    { error: "ERR unknown command 'NOSUCH', with args beginning with: " },
  ])
  assert.deepEqual(
    await post('/multi-exec', [
      ['DEL', 'smoke:n'],
      ['INCR', 'smoke:n'],
    ]).then((all) => all[1]),
    { result: 1 },
  )

  // Commands in paths: what is escaped is part of a word.
  assert.deepEqual(await ask('/set/smoke%2Fpath/a%20b?EX=100'), { result: 'OK' })
  assert.deepEqual(await ask('/get/smoke%2Fpath'), { result: 'a b' })

  // A binary body: every byte as it came.
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i)
  const type = { 'content-type': 'application/octet-stream' }
  assert.deepEqual(await ask('/set/smoke:bytes', { method: 'POST', body: bytes, headers: type }), { result: 'OK' })
  const encoded = await ask('/get/smoke:bytes', { headers: { 'upstash-encoding': 'base64' } })
  assert.deepEqual(Buffer.from(encoded.result, 'base64'), Buffer.from(bytes))

  // A stream of events, each as soon as it happens.
  const abort = new AbortController()
  const stream = await fetch(`${base}/subscribe/smoke:chat`, { headers, signal: abort.signal })
  const reader = stream.body.pipeThrough(new TextDecoderStream()).getReader()
  let events = ''
  const until = async (part) => {
    while (!events.includes(part)) {
      const { done, value } = await reader.read()
      assert(!done, `the stream ended before ${part}: ${events}`)
      events += value
    }
  }
  await until('data: subscribe,smoke:chat,1\n\n')
  assert.deepEqual(await ask('/publish/smoke:chat/hello'), { result: 1 })
  await until('data: message,smoke:chat,hello\n\n')
  abort.abort()
  await reader.read().catch(() => {})

  // Health is for everybody, the rest for nobody without the token.
  for (const path of ['/healthz', '/readyz']) {
    const health = await fetch(base + path)
    assert.deepEqual([health.status, await health.text()], [200, 'ok\n'])
  }
  const refused = await fetch(`${base}/get/smoke`)
  assert.deepEqual([refused.status, await refused.json()], [401, { error: 'WRONGPASS invalid or missing auth token' }])
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  await smoke(argv[2].replace(/\/$/, ''), argv[3])
  console.log('All of it arrives.')
}
