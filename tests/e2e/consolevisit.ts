/** The console in a real browser, as the package serves it: for each test a store of its own and a page, which asks nobody else and tells of its errors. */
import type { Browser, BrowserContext, Page } from 'playwright'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { createServer, type Server } from '../../lib/server.ts'
import { buildConsole } from '../../packaging/console.ts'
import { findChromium, launchChromium } from '../chromium.ts'
import { signIn } from './visit.ts'

export const foundChromium = findChromium()

export class ConsoleVisit {
  browser!: Browser
  server!: Server
  /** Of the HTTP port. */
  url!: string
  context!: BrowserContext
  page!: Page
  /** Errors of the page and of its scripts, and what its policy forbade. */
  problems: string[] = []
  asked: string[] = []

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
    const { httpPort } = await this.server.listen({ port: 0, httpPort: 0 })
    this.url = `http://127.0.0.1:${httpPort}`
    this.context = await this.browser.newContext({ viewport: { width: 1280, height: 800 } })
    this.context.setDefaultTimeout(15_000)
    this.page = await this.context.newPage()
    this.problems = []
    this.asked = []
    this.page.on('console', (message) => {
      if (message.type() === 'error') this.problems.push(message.text())
    })
    this.page.on('pageerror', (error) => this.problems.push(error.message))
    this.page.on('request', (request) => this.asked.push(request.url()))
  }

  /** Nobody else was asked, and no name or value has run as a script. */
  async close(): Promise<void> {
    const others = this.asked.filter((address) => !address.startsWith(this.url) && !address.startsWith('blob:'))
    const title = await this.page.title()
    await this.context.close()
    await this.server.close()
    expect(others).toEqual([])
    expect(title).toBe('zerodis')
  }
}

/** For the tests of the block in which it stands. */
export function consoleVisits(
  prepare: (server: Server) => void,
  settings: () => Record<string, string> = () => ({}),
): ConsoleVisit {
  const visit = new ConsoleVisit()
  beforeAll(async () => {
    await buildConsole()
    visit.browser = await launchChromium(foundChromium)
  })
  afterAll(() => visit.browser?.close())
  beforeEach(() => visit.open(settings(), prepare))
  afterEach(() => visit.close())
  return visit
}
