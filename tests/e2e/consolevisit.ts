/**
 * The console in a real browser, as the package serves it: for each test a store of its own and a page, which asks nobody else and tells of
 * its errors. The stores of a block listen on the same port, one after the other, and its pages share what the browser keeps of the
 * console's files: to load and compile them for each page took a third of the time. Of who was signed in nothing is left.
 */
import type { Browser, BrowserContext, Page } from 'playwright'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { createServer, type Server } from '../../lib/server.ts'
import { buildConsole } from '../../packaging/console.ts'
import { findChromium, launchChromium } from '../chromium.ts'
import { freePort } from '../clients/ports.ts'
import { signIn } from './visit.ts'

export const foundChromium = findChromium()

/** One for all blocks of a file. */
let browser: Promise<Browser> | undefined
afterAll(async () => (await browser)?.close())

async function newContext(): Promise<BrowserContext> {
  browser ??= launchChromium(foundChromium)
  const context = await (await browser).newContext({ viewport: { width: 1280, height: 800 } })
  context.setDefaultTimeout(15_000)
  return context
}

export class ConsoleVisit {
  server!: Server
  context!: BrowserContext
  page!: Page
  /** Errors of the page and of its scripts, and what its policy forbade. */
  problems: string[] = []
  /** What the page may ask. */
  #address = ''
  #asked: string[] = []
  #httpPort = 0

  async launch(): Promise<void> {
    await buildConsole()
    this.#httpPort = await freePort()
    this.context = await newContext()
  }

  /** Of the HTTP port. */
  get url(): string {
    return `http://127.0.0.1:${this.#httpPort}`
  }

  /** Goes to what an address shows, signed in by a token. */
  async enter(hash = '', token = 't'): Promise<void> {
    await this.page.goto(`${this.url}/console/${hash}`)
    await signIn(this.page, token)
    await this.page.locator('.frame').waitFor()
  }

  /** Goes on to another page, which keeps who is signed in. */
  async go(hash: string): Promise<void> {
    await this.page.goto(`${this.url}/console/${hash}`)
    await this.page.locator('main > *').first().waitFor()
  }

  readonly execute = (...argv: (string | number | Buffer)[]): unknown => this.server.execute(...argv)

  /** Carries out what a dialog asks for. */
  async submit(action: string): Promise<void> {
    const dialog = this.page.getByRole('dialog')
    await dialog.getByRole('button', { name: action, exact: true }).click()
  }

  async open(settings: Record<string, string>, prepare: (server: Server) => void): Promise<void> {
    this.server = createServer({ 'rest-token': 't', 'rest-read-only-token': 'ro', ...settings })
    prepare(this.server)
    await this.server.listen({ port: 0, httpPort: this.#httpPort })
    this.problems = []
    this.#asked = []
    this.#address = this.url
    await this.#newPage()
  }

  /** A browser that has none of the console's files yet. */
  async startAnew(): Promise<void> {
    await this.context.close()
    this.context = await newContext()
    await this.#newPage()
  }

  async #newPage(): Promise<void> {
    this.page = await this.context.newPage()
    this.page.on('console', (message) => {
      if (message.type() === 'error') this.problems.push(message.text())
    })
    this.page.on('pageerror', (error) => this.problems.push(error.message))
    this.page.on('request', (request) => this.#asked.push(request.url()))
  }

  /** In this test the page asks what begins so, and not the address of this store. */
  asksOnly(address: string): void {
    this.#address = address
  }

  /** Nobody else was asked, and no name or value has run as a script. */
  async close(): Promise<void> {
    try {
      expect(await this.page.title()).toBe('zerodis')
      await this.page.evaluate(() => localStorage.clear())
    } finally {
      await this.page.close()
      await this.context.clearCookies()
      await this.context.setOffline(false)
      await this.server.close()
    }
    const others = this.#asked.filter((asked) => !asked.startsWith(this.#address) && !asked.startsWith('blob:'))
    expect(others).toEqual([])
  }
}

/** For the tests of the block in which it stands. */
export function consoleVisits(
  prepare: (server: Server) => void,
  settings: () => Record<string, string> = () => ({}),
): ConsoleVisit {
  const visit = new ConsoleVisit()
  beforeAll(() => visit.launch())
  afterAll(() => visit.context?.close())
  beforeEach(() => visit.open(settings(), prepare))
  afterEach(() => visit.close())
  return visit
}
