// The main job in the browser, in both languages: a new operator gathers 100,000 users and notifies them.
import { expect, test } from '@playwright/test'
import { ask, http } from './api'
import { accessible, build, en, faults, goTo, signIn, zh } from './browser'

const users = 100_000
const rate = 10_000 // messages per second, so that one sees them go

test.beforeAll(async () => {
  const rows = ['user_id,openid,tags,attributes']
  for (let i = 1; i <= users; i++) rows.push(`${i},openid-${i},${1 + (i % 4)},"{""name"":""User ${i}""}"`)
  await ask('POST', '/v1/demo/users:import?wait=60s', rows.join('\n'), 'text/csv')
  await ask('PUT', '/v1/demo/templates/hello?wait=30s', { channel: 'wechat', provider_template_id: 'tmpl-1', data: { thing1: 'Hello {{name}}' } })
  await ask('PATCH', '/v1/settings?wait=30s', { send_rate: rate })
})

test.afterAll(() => ask('PATCH', '/v1/settings?wait=30s', { send_rate: 0 }))

for (const [language, word] of [['en-US', en], ['zh-CN', zh]] as const) {
  test.describe(language, () => {
    test.use({ locale: language })

    test('an operator gathers users and notifies them', async ({ page }) => {
      test.setTimeout(240_000)
      const number = (n: number) => new Intl.NumberFormat(language).format(n)
      const status = (of: 'building' | 'ready' | 'completed') => page.getByText(word(`status.${of}`), { exact: true }).first()
      const wrong = faults(page)
      const operator = await ask('POST', '/v1/keys?wait=10s', { name: `Operator ${language}`, biz: 'demo', role: 'operator' })
      await signIn(page, operator.key, word)
      await accessible(page)

      // A group that waits for its file, and becomes ready with 100,000 ids.
      await goTo(page, 'groups.title', word)
      await page.getByRole('button', { name: word('groups.new') }).first().click()
      const name = `Everybody ${language}`
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel(word('groups.name'), { exact: true }).fill(name)
      await dialog.getByRole('radio', { name: word('groups.kind.upload') }).check()
      await accessible(page)
      await dialog.getByRole('button', { name: word('groups.create') }).click()
      await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible()
      await expect(status('building')).toBeVisible()
      const ids = Array.from({ length: users }, (_, i) => i + 1).join('\n')
      await page.locator('input[type=file]').setInputFiles({ name: 'ids.txt', mimeType: 'text/plain', buffer: Buffer.from(ids) })
      await expect(page.getByText(word('upload.done', { n: number(users) }))).toBeVisible({ timeout: 60_000 })
      await expect(status('ready')).toBeVisible()
      const group = new URL(page.url()).pathname.split('/').pop() ?? ''
      expect((await ask('GET', `/v1/demo/groups/${group}`)).count).toBe(users)
      await accessible(page)

      // A segment, built by clicks: its text says the same, and its live count is the API's.
      await goTo(page, 'segments.title', word)
      const segment = build(page, word)
      await segment.add('group', group)
      await segment.nest()
      await segment.add('tag', '1', 1)
      await segment.add('tag', '2', 1)
      await segment.add('tag', '4')
      await segment.negate(segment.clauses().last())
      const where = `group(${group}) and (tag(1) or tag(2)) and not tag(4)`
      await expect(segment.text()).toHaveValue(where)
      const { count } = await ask('POST', '/v1/demo/segments:count', { where })
      expect(count).toBe(users / 2)
      const live = page.getByRole('status').filter({ hasText: number(count) }).first()
      await expect(live).toBeVisible()
      // Written otherwise, the clauses follow.
      await segment.text().fill(`group(${group}) and tag(3)`)
      await expect(segment.clauses()).toHaveCount(2)
      await expect(page.getByRole('status').filter({ hasText: number(users / 4) }).first()).toBeVisible()
      await segment.text().fill(where)
      await expect(segment.clauses()).toHaveCount(4)
      await expect(live).toBeVisible()
      await accessible(page)

      // A campaign to it.
      await page.getByRole('link', { name: word('segments.use') }).click()
      await page.getByLabel(word('campaigns.name'), { exact: true }).fill(`Campaign ${language}`)
      await page.getByRole('combobox', { name: word('campaigns.template'), exact: true }).fill('hello')
      await page.keyboard.press('Enter')
      await expect(live).toBeVisible()
      await accessible(page)
      await page.getByRole('button', { name: word('campaigns.save') }).click()
      await expect(page.getByRole('heading', { name: `Campaign ${language}`, level: 1 })).toBeVisible()
      const campaign = new URL(page.url()).pathname.split('/').pop() ?? ''
      await page.getByRole('button', { name: word('campaigns.launch'), exact: true }).click()
      await expect(page.getByRole('dialog')).toContainText(word('campaigns.launchTo', { n: number(count) }))
      await page.getByRole('dialog').getByRole('button', { name: word('campaigns.launch'), exact: true }).click()
      const seen = new Set<string>()
      while (!(await status('completed').isVisible())) seen.add(await page.locator('main').innerText())
      const left = new RegExp(word('campaigns.left', { t: '.+' }))
      const went = [...seen].filter((text) => left.test(text))
      expect(went.length, 'books while it sends, with the time left').toBeGreaterThan(1)
      await expect(page.getByTestId('books')).toContainText(number(count))
      await accessible(page)
      const report = await ask('GET', `/v1/demo/campaigns/${campaign}/report`)
      expect([report.status, report.audience, report.sent]).toEqual(['completed', count, count])

      // Why one user got it, and why another did not.
      await page.goto(`${http()}/demo/users/4?why=${campaign}`)
      await expect(page.getByRole('heading', { level: 1 })).toContainText('4')
      await expect(page.getByText(word('users.why.got')).first()).toBeVisible()
      await accessible(page)
      await page.goto(`${http()}/demo/users/3?why=${campaign}`)
      await expect(page.getByText(word('users.why.outside')).first()).toBeVisible()
      expect(wrong).toEqual([])
    })
  })
}
