/** Transactions of many clients at once: money goes from account to account, and nobody ever sees another total. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { RespClient } from '../clients/resp.ts'
import { httpRest, type RestServer } from '../clients/rest.ts'
import { Random } from '../differential/random.ts'

const ACCOUNTS = Array.from({ length: 10 }, (_, i) => `account:${i}`)
const TRANSFERS = 200
const TOTAL = ACCOUNTS.length * 1000

interface Transfer {
  readonly from: string
  readonly to: string
  readonly amount: number
}

describe('200 transfers at once', () => {
  let rest: RestServer
  let port: number
  let clients: RespClient[]
  let transfers: Transfer[]

  beforeEach(async () => {
    rest = await httpRest()
    port = (await rest.server.listen({ port: 0, httpPort: false })).port
    clients = []
    const random = new Random(20261125)
    transfers = Array.from({ length: TRANSFERS }, () => {
      const from = random.integer(0, ACCOUNTS.length - 1)
      const to = (from + random.integer(1, ACCOUNTS.length - 1)) % ACCOUNTS.length
      return { from: ACCOUNTS[from], to: ACCOUNTS[to], amount: random.integer(1, 50) }
    })
    const client = await connect()
    for (const account of ACCOUNTS) await client.send(['SET', account, '1000'])
  })

  afterEach(async () => {
    for (const client of clients) client.close()
    await rest.close()
  })

  const connect = async (): Promise<RespClient> => {
    const client = await RespClient.connect({ port, host: '127.0.0.1' })
    clients.push(client)
    return client
  }

  const sum = (balances: readonly unknown[]): number =>
    balances.reduce<number>((total, each) => total + Number(each), 0)

  /** Reads all accounts in transactions, over RESP and over REST, for as long as the work goes on. Returns how often. */
  const watchTotal = async (work: Promise<unknown>): Promise<number> => {
    let over = false
    void work.then(() => {
      over = true
    })
    const client = await connect()
    const reads = ACCOUNTS.map((account) => ['GET', account])
    let looks = 0
    const lookOverResp = async (): Promise<void> => {
      for (; !over; looks++) {
        const replies = await client.pipeline([['MULTI'], ...reads, ['EXEC']])
        expect(sum(replies.at(-1) as string[])).toBe(TOTAL)
      }
    }
    const lookOverRest = async (): Promise<void> => {
      for (; !over; looks++) {
        const { json } = await rest.call('POST', '/multi-exec', { body: reads })
        expect(sum((json as { result: string }[]).map(({ result }) => result))).toBe(TOTAL)
      }
    }
    await Promise.all([lookOverResp(), lookOverRest(), work])
    return looks
  }

  /** What the accounts must hold in the end: transfers add up, in whatever order. */
  const settled = (): string[] => {
    const balances = new Map(ACCOUNTS.map((account) => [account, 1000]))
    for (const { from, to, amount } of transfers) {
      balances.set(from, balances.get(from)! - amount)
      balances.set(to, balances.get(to)! + amount)
    }
    return [...balances.values()].map(String)
  }

  test('over REST, each one /multi-exec', async () => {
    const work = Promise.all(
      transfers.map(({ from, to, amount }) =>
        rest.call('POST', '/multi-exec', { body: [['DECRBY', from, amount], ['PING'], ['INCRBY', to, amount]] }),
      ),
    )
    expect(await watchTotal(work)).toBeGreaterThan(10)
    for (const { status } of await work) expect(status).toBe(200)
    expect(await clients[0].send(['MGET', ...ACCOUNTS])).toEqual(settled())
  })

  test('over RESP, each WATCH and another attempt as long as someone was quicker', async () => {
    let attempts = 0
    const transfer = async ({ from, to, amount }: Transfer): Promise<void> => {
      const client = await connect()
      for (;;) {
        attempts++
        await client.send(['WATCH', from, to])
        const [has, gets] = (await client.send(['MGET', from, to])) as string[]
        const [, , , done] = await client.pipeline([
          ['MULTI'],
          ['SET', from, `${Number(has) - amount}`],
          ['SET', to, `${Number(gets) + amount}`],
          ['EXEC'],
        ])
        if (Array.isArray(done)) return
      }
    }
    expect(await watchTotal(Promise.all(transfers.map(transfer)))).toBeGreaterThan(10)
    expect(attempts).toBeGreaterThan(TRANSFERS)
    expect(await clients[0].send(['MGET', ...ACCOUNTS])).toEqual(settled())
    expect(rest.server.engine.watches.size).toBe(0)
  })
})
