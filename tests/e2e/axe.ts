/** What axe finds on a page, in both schemes. */
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright'
import { isWhole } from '../length.ts'

/** A page's parts are the same in both schemes, its colours are not: without ZERODIS_TEST_ALL the dark one is looked at for these. */
const OF_COLOURS = ['color-contrast', 'link-in-text-block']

/** What is run in place of axe's own text where it was run before: to read half a megabyte takes longer than to look at a page. */
const IS_THERE = ';'

/** Findings of one visit, gathered from page to page. */
export class Axe {
  readonly findings: string[] = []
  readonly #page: Page

  constructor(page: Page) {
    this.#page = page
  }

  /** Looks at what is shown now, which is called `name` in the findings. */
  async look(name: string): Promise<void> {
    await this.#in('light', name, [])
    await this.#in('dark', name, isWhole ? [] : OF_COLOURS)
  }

  async #in(colorScheme: 'light' | 'dark', name: string, rules: string[]): Promise<void> {
    await this.#page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    // The page has no frames, so none of axe's own pages is needed to put their findings together.
    const isThere = await this.#page.evaluate(() => 'axe' in globalThis)
    const axe = new AxeBuilder({ page: this.#page, axeSource: isThere ? IS_THERE : undefined })
      .options({ resultTypes: ['violations'] })
      .setLegacyMode()
    if (rules.length > 0) axe.withRules(rules)
    const { violations } = await axe.analyze()
    for (const { id, nodes } of violations) {
      this.findings.push(`${name}, ${colorScheme}: ${id} ${nodes.map(({ html }) => html).join(' ')}`)
    }
  }
}
