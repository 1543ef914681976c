// The server goes away in the middle of a campaign and comes back: what the page says is true again by itself.
import { expect, test } from '@playwright/test'
import { ask, key } from './api'
import { en, zh } from './browser'
import { wire } from './wire'

const users = 30_000

test.beforeAll(async () => {
  const rows = ['user_id,openid,tags']
  for (let i = 1; i <= users; i++) rows.push(`${1_000_000 + i},away-${i},77`)
  await ask('POST', '/v1/demo/users:import?wait=60s', rows.join('\n'), 'text/csv')
  await ask('PUT', '/v1/demo/templates/away?wait=30s', { channel: 'wechat', provider_template_id: 'tmpl-1', data: { thing1: 'Hello' } })
})

for (const [language, word] of [['en-US', en], ['zh-CN', zh]] as const)
  test.describe(language, () => {
    test.use({ locale: language })

    test('the server goes away while a campaign sends', async ({ page }) => {
      const number = (n: number) => new Intl.NumberFormat(language).format(n)
      const line = await wire()
      await page.request.post(`${line.url}/v1/session`, { data: { key: key() }, headers: { 'X-Muster-Console': '1' } })
      const { id } = await ask('POST', '/v1/demo/campaigns?wait=30s', { name: `Away ${language}`, template: 'away', where: 'tag(77)' })
      await ask('PATCH', '/v1/settings?wait=30s', { send_rate: 5_000 }) // the first messages go, the others wait
      await page.goto(`${line.url}/demo/campaigns/${id}`)
      await page.getByRole('button', { name: word('campaigns.launch'), exact: true }).click()
      await page.getByRole('dialog').getByRole('button', { name: word('campaigns.launch'), exact: true }).click()
      await expect(page.getByTestId('pace')).toBeVisible()
      line.cut()
      await expect(page.getByText(word('app.offline'))).toBeVisible()
      await expect(page.getByTestId('books')).toBeVisible() // what was there stays
      await ask('PATCH', '/v1/settings?wait=30s', { send_rate: 0 })
      await expect.poll(async () => (await ask('GET', `/v1/demo/campaigns/${id}/report`)).status).toBe('completed')
      line.mend()
      await expect(page.getByText(word('status.completed'), { exact: true }).first()).toBeVisible({ timeout: 60_000 })
      await expect(page.getByTestId('books')).toContainText(number(users))
      await expect(page.getByText(word('app.offline'))).toHaveCount(0)
      await line.end()
    })
  })
