// What the tests in the browser share: signing in, faults of a page, accessibility.
import AxeBuilder from '@axe-core/playwright'
import { expect, type Locator, type Page } from '@playwright/test'
import { type Language, translate, type Word } from '../src/i18n/words'
import { http } from './api'

export type Say = (word: Word, values?: Record<string, string>) => string

export const say =
  (language: Language): Say =>
  (word, values) =>
    translate(language, word, values)

export const en = say('en')
export const zh = say('zh')

/** Everything that goes wrong in the page; refusals that a test provokes are named in expected. */
export function faults(page: Page, expected = /^$/): string[] {
  const all: string[] = []
  page.on('console', (m) => m.type() === 'error' && !expected.test(m.text()) && all.push(m.text()))
  page.on('pageerror', (e) => all.push(String(e)))
  page.on('request', (r) => !r.url().startsWith(http()) && !r.url().startsWith('data:') && all.push(`another host: ${r.url()}`))
  return all
}

/** No serious or critical fault of accessibility (axe; WCAG AA contrast is among its rules). */
export async function accessible(page: Page): Promise<void> {
  const found = await new AxeBuilder({ page }).analyze()
  const serious = found.violations.filter((v) => v.impact === 'serious' || v.impact === 'critical')
  expect(serious.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`)).toEqual([])
}

export async function signIn(page: Page, key: string, word: Say): Promise<void> {
  await page.goto(`${http()}/`)
  await page.getByLabel(word('signin.key')).fill(key)
  await page.getByRole('button', { name: word('signin.submit') }).click()
  await expect(page.getByRole('heading', { name: word('overview.title'), level: 1 })).toBeVisible()
}

/** Goes to a page by the navigation. */
export async function goTo(page: Page, title: Word, word: Say): Promise<void> {
  await page.getByRole('navigation', { name: word('app.nav') }).getByRole('link', { name: word(title), exact: true }).click()
}

/** Builds a segment as one does with a mouse. within is which list of clauses, from the top; the first is the whole. */
export function build(page: Page, word: Say) {
  const builder = page.getByRole('region', { name: word('segments.builder') })
  const lists = builder.getByRole('group', { name: word('segments.list'), exact: true })
  const clauses = () => builder.getByRole('group', { name: new RegExp(`^${word('segments.clause', { n: '\\d+' })}$`) })
  // The buttons of a list stand below the lists in it.
  const press = (what: 'group' | 'tag' | 'any', within: number) =>
    lists.nth(within).getByRole('button', { name: `${word('segments.add')}: ${word(`segments.add.${what}`)}`, exact: true }).last().click()
  return {
    clauses,
    text: () => page.getByLabel(word('segments.text'), { exact: true }).getByRole('textbox'),
    nest: () => press('any', 0),
    negate: (clause: Locator) => clause.getByRole('button', { name: word('segments.not'), exact: true }).click(),
    add: async (what: 'group' | 'tag', id: string, within = 0) => {
      await press(what, within)
      const box = page.locator('input:focus') // a new clause asks at once
      await box.fill(id)
      await page.locator('.ant-select-dropdown:visible .ant-select-item-option-active').getByText(new RegExp(`^#?${id}$`)).first().waitFor()
      await page.keyboard.press('Enter')
    },
  }
}
