/**
 * Lua chunks run beside genuine Redis: all of a list by one EVAL on either side, in the same order, so that settings that a
 * chunk changes are changed on both. What a chunk returns, or the error it raises, is written down by the same Lua code, and
 * compared as bytes.
 */
import type { Bytes } from '../../../lib/base/bytes.ts'
import { createServer } from '../../../lib/server.ts'
import { TcpListener } from '../../../lib/transports/tcp.ts'
import { RespClient } from '../../clients/resp.ts'
import { Genuine } from '../../contract/harness/genuine.ts'
import { printable, show } from '../../contract/harness/seen.ts'

/**
 * Runs each of ARGV as a chunk. A result is its values, each with its type; numbers in full, pairs in their
 * order, unless a key is an object: then the order depends on its address. A key whose value is nil takes a place too,
 * though it is not seen here: a chunk that may have made an object such a key calls its argument, and pairs are sorted.
 */
const RUNNER = `
local isOrdered
local function unordered() isOrdered = false end
local function show(v)
  local kind = type(v)
  if kind == 'number' then return string.format('%.17g', v) end
  if kind == 'string' then return #v .. ':' .. v end
  if kind == 'userdata' then return v == cjson.null and 'null' or 'userdata' end
  if kind ~= 'table' then return kind == 'boolean' and tostring(v) or kind end
  local out, isSorted = {}, not isOrdered
  for key, value in pairs(v) do
    out[#out + 1] = show(key) .. '=' .. show(value)
    isSorted = isSorted or type(key) == 'table'
  end
  if isSorted then table.sort(out) end
  return '{' .. table.concat(out, ',') .. '}'
end
local function list(...)
  local out = {}
  for i = 1, select('#', ...) do out[i] = show((select(i, ...))) end
  return table.concat(out, ' ')
end
local results = {}
for i, chunk in ipairs(ARGV) do
  local fn, problem = loadstring(chunk, '@user_script')
  isOrdered = true
  results[i] = fn and list(pcall(fn, unordered)) or 'does not compile: ' .. problem
end
return results`

const DIFFERENCES_SHOWN = 5

/** What each chunk came to. */
async function run(client: RespClient, chunks: readonly Bytes[]): Promise<Bytes[]> {
  const reply = await client.send(['EVAL', RUNNER, '0', ...chunks])
  if (!Array.isArray(reply)) throw new Error(show(reply))
  return reply as Bytes[]
}

/** zerodis alone. */
export class Ours {
  readonly client: RespClient
  readonly #close: () => Promise<void>

  private constructor(client: RespClient, close: () => Promise<void>) {
    this.client = client
    this.#close = close
  }

  static async start(options: Parameters<typeof createServer>[0] = {}): Promise<Ours> {
    const server = createServer(options)
    const listener = await TcpListener.listen(server, { host: '127.0.0.1', port: 0 })
    const client = await RespClient.connect({ port: listener.port, host: '127.0.0.1' })
    return new Ours(client, async () => {
      client.close()
      await listener.close()
      await server.close()
    })
  }

  run(chunks: readonly Bytes[]): Promise<Bytes[]> {
    return run(this.client, chunks)
  }

  stop(): Promise<void> {
    return this.#close()
  }
}

export class Beside {
  readonly #ours: Ours
  readonly #genuine: Genuine
  readonly #theirs: RespClient

  private constructor(ours: Ours, genuine: Genuine, theirs: RespClient) {
    this.#ours = ours
    this.#genuine = genuine
    this.#theirs = theirs
  }

  static async start(): Promise<Beside> {
    const genuine = await Genuine.start()
    return new Beside(await Ours.start(), genuine, await genuine.connect())
  }

  async stop(): Promise<void> {
    this.#theirs.close()
    await this.#ours.stop()
    await this.#genuine.stop()
  }

  /** Runs chunks on both sides; the first few that come to different ends, in words. */
  async differences(chunks: readonly Bytes[]): Promise<string[]> {
    const [ours, theirs] = await Promise.all([this.#ours.run(chunks), run(this.#theirs, chunks)])
    return chunks
      .map((chunk, i) => `${chunk}\n  zerodis ${printable(ours[i])}\n  genuine ${printable(theirs[i])}`)
      .filter((_, i) => ours[i] !== theirs[i])
      .slice(0, DIFFERENCES_SHOWN)
  }
}
