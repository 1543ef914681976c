import AxeBuilder from '@axe-core/playwright'
import { expect, type Page, test } from '@playwright/test'
import { type Language, type Word, words } from '../src/i18n/words'
import { ask, http } from './api'

const say = (language: Language) => (word: Word) => words[word][language === 'en' ? 0 : 1]
const en = say('en')
const zh = say('zh')

const users = 100_000

/** Everything that goes wrong in the page, besides what the test made go wrong. */
function faults(page: Page): string[] {
  const all: string[] = []
  page.on('console', (m) => m.type() === 'error' && !/401|403|ERR_|net::/.test(m.text()) && all.push(m.text()))
  page.on('pageerror', (e) => all.push(String(e)))
  return all
}

async function accessible(page: Page): Promise<void> {
  const found = await new AxeBuilder({ page }).analyze()
  const serious = found.violations.filter((v) => v.impact === 'serious' || v.impact === 'critical')
  expect(serious.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`)).toEqual([])
}

async function signIn(page: Page, key: string, word: (w: Word) => string): Promise<void> {
  await page.goto(`${http()}/`)
  await page.getByLabel(word('signin.key')).fill(key)
  await accessible(page)
  await page.getByRole('button', { name: word('signin.submit') }).click()
  await expect(page.getByRole('heading', { name: word('overview.title') })).toBeVisible()
}

test.beforeAll(async () => {
  const rows = ['user_id,openid,attributes']
  for (let i = 1; i <= users; i++) rows.push(`${i},openid-${i},"{""name"":""User ${i}""}"`)
  await ask('POST', '/v1/demo/users:import?wait=60s', rows.join('\n'), 'text/csv')
  await ask('PUT', '/v1/demo/templates/hello?wait=30s', { channel: 'wechat', provider_template_id: 'tmpl-1', data: { thing1: 'Hello {{name}}' } })
})

for (const [language, word] of [['en-US', en], ['zh-CN', zh]] as const) {
  test.describe(language, () => {
    test.use({ locale: language })

    test('an operator gathers users and notifies them', async ({ page }) => {
      const wrong = faults(page)
      await signIn(page, process.env.E2E_KEY ?? '', word)
      await page.getByRole('link', { name: word('groups.title') }).click()
      await page.getByRole('button', { name: word('groups.new') }).first().click()
      const name = `${word('groups.title')} ${language}`
      await page.getByLabel(word('groups.name')).fill(name)
      await page.getByRole('button', { name: word('groups.create') }).click()
      await expect(page.getByRole('heading', { name })).toBeVisible()
      const ids = Array.from({ length: users }, (_, i) => i + 1).join('\n')
      await page.locator('input[type=file]').setInputFiles({ name: 'ids.txt', mimeType: 'text/plain', buffer: Buffer.from(ids) })
      const count = new Intl.NumberFormat(language).format(users)
      await expect(page.getByTestId('count')).toHaveText(count)
      await expect(page.getByText(word('status.ready'), { exact: true })).toBeVisible()
      await accessible(page)
      const group = new URL(page.url()).pathname.split('/').pop()

      await page.getByRole('link', { name: word('campaigns.title') }).click()
      await page.getByRole('button', { name: word('campaigns.new') }).first().click()
      await page.getByLabel(word('groups.name')).fill(`${name} ✉`)
      await page.getByLabel(word('campaigns.template')).click()
      await page.getByTitle(/hello/).click()
      await page.getByLabel(word('campaigns.where')).fill(`group(${group}) and not tag(1)`)
      const api = await ask('POST', '/v1/demo/segments:count', { where: `group(${group}) and not tag(1)` })
      await expect(page.getByRole('status')).toContainText(new Intl.NumberFormat(language).format(api.count))
      await page.getByRole('button', { name: word('groups.create') }).click()
      await page.getByRole('button', { name: word('campaigns.launch') }).click()
      await page.getByRole('dialog').getByRole('button', { name: word('campaigns.launch') }).click()
      await expect(page.getByText(word('status.completed'), { exact: true })).toBeVisible({ timeout: 60_000 })
      await expect(page.getByTestId('books')).toContainText(count)
      await accessible(page)
      expect(wrong).toEqual([])
    })
  })
}

test('a viewer cannot launch', async ({ page }) => {
  const made = await ask('POST', '/v1/keys?wait=10s', { name: 'looks', biz: 'demo', role: 'viewer' })
  const campaign = await ask('POST', '/v1/demo/campaigns?wait=10s', { name: 'not yours', template: 'hello', where: 'tag(1)' })
  await signIn(page, made.key, en)
  await page.goto(`${http()}/demo/campaigns/${campaign.id}`)
  await expect(page.getByRole('heading', { name: 'not yours' })).toBeVisible()
  await expect(page.getByRole('button', { name: en('campaigns.launch') })).toHaveCount(0)
  const status = await page.evaluate(async (id) => {
    const answer = await fetch(`/v1/demo/campaigns/${id}:launch`, { method: 'POST', headers: { 'X-Muster-Console': '1' } })
    return answer.status
  }, campaign.id)
  expect(status).toBe(403)
})

test('a cookie alone changes nothing', async ({ page }) => {
  await signIn(page, process.env.E2E_KEY ?? '', en)
  const status = await page.evaluate(async () => (await fetch('/v1/demo/groups', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"name":"x","kind":"ids"}' })).status)
  expect(status).toBe(403)
  expect(await page.evaluate(() => document.cookie)).toBe('')
})

test('the connection drops and comes back', async ({ page, context }) => {
  await signIn(page, process.env.E2E_KEY ?? '', en)
  await context.setOffline(true)
  await page.evaluate(() => window.dispatchEvent(new Event('offline')))
  await context.setOffline(false)
  await ask('POST', '/v1/demo/groups?wait=10s', { name: 'made meanwhile', kind: 'ids' })
  await page.getByRole('link', { name: en('groups.title') }).click()
  await expect(page.getByRole('link', { name: 'made meanwhile' })).toBeVisible()
})

test('signing out ends it', async ({ page }) => {
  await signIn(page, process.env.E2E_KEY ?? '', en)
  await page.getByRole('button', { name: en('app.signOut') }).click()
  await expect(page.getByLabel(en('signin.key'))).toBeVisible()
})
