import { expect, type Response, test } from '@playwright/test'
import { ask, http, key } from './api'
import { accessible, en, faults, goTo, signIn } from './browser'

test.beforeAll(async () => {
  await ask('PUT', '/v1/demo/templates/hello?wait=30s', { channel: 'wechat', provider_template_id: 'tmpl-1', data: { thing1: 'Hello {{name}}' } })
})

test('a wrong key is refused in words', async ({ page }) => {
  const wrong = faults(page, /401/)
  await page.goto(`${http()}/demo/groups`)
  await accessible(page)
  await page.getByLabel(en('signin.key')).fill('mk_0123456789abcdef_nobody')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('alert')).toContainText(en('signin.wrong'))
  expect(wrong).toEqual([])
})

test('a link to a page leads there once one has signed in', async ({ page }) => {
  await page.goto(`${http()}/demo/groups`)
  await page.getByLabel(en('signin.key')).fill(key())
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: en('groups.title'), level: 1 })).toBeVisible()
})

test('a viewer cannot launch', async ({ page }) => {
  const made = await ask('POST', '/v1/keys?wait=10s', { name: 'looks', biz: 'demo', role: 'viewer' })
  const campaign = await ask('POST', '/v1/demo/campaigns?wait=10s', { name: 'not yours', template: 'hello', where: 'tag(1)' })
  const wrong = faults(page, /403/)
  await signIn(page, made.key, en)
  await expect(page.getByRole('link', { name: en('operations.title') })).toHaveCount(0)
  await page.goto(`${http()}/demo/campaigns/${campaign.id}`)
  await expect(page.getByRole('heading', { name: 'not yours' })).toBeVisible()
  await expect(page.getByRole('button', { name: en('campaigns.launch') })).toHaveCount(0)
  const status = await page.evaluate(
    async (id) => (await fetch(`/v1/demo/campaigns/${id}:launch`, { method: 'POST', headers: { 'X-Muster-Console': '1' } })).status,
    campaign.id,
  )
  expect(status).toBe(403)
  expect(wrong).toEqual([])
})

test('a cookie alone changes nothing, and no script can read it', async ({ page }) => {
  await signIn(page, key(), en)
  const status = await page.evaluate(
    async () => (await fetch('/v1/demo/groups', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"name":"x","kind":"ids"}' })).status,
  )
  expect(status).toBe(403)
  expect(await page.evaluate(() => document.cookie)).toBe('')
  expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain('mk_')
})

test('a revoked key signs out', async ({ page }) => {
  const made = await ask('POST', '/v1/keys?wait=10s', { name: 'short', biz: 'demo', role: 'operator' })
  await signIn(page, made.key, en)
  await ask('DELETE', `/v1/keys/${made.id}?wait=10s`)
  await expect(page.getByLabel(en('signin.key'))).toBeVisible() // by itself: its live connection was cut
})

test('signing out ends it', async ({ page }) => {
  await signIn(page, key(), en)
  await page.getByRole('button', { name: en('app.signOut') }).click()
  await expect(page.getByLabel(en('signin.key'))).toBeVisible()
  expect(await page.evaluate(async () => (await (await fetch('/v1/session')).json()).role)).toBe('nobody')
})

test('the connection drops and comes back', async ({ page, context }) => {
  await signIn(page, key(), en)
  await goTo(page, 'groups.title', en)
  await expect(page.getByRole('heading', { name: en('groups.title'), level: 1 })).toBeVisible()
  await context.setOffline(true)
  await expect(page.getByText(en('app.offline'))).toBeVisible()
  const name = `made meanwhile ${Date.now()}`
  await ask('POST', '/v1/demo/groups?wait=10s', { name, kind: 'ids' })
  await context.setOffline(false)
  await expect(page.getByRole('link', { name })).toBeVisible()
  await expect(page.getByText(en('app.offline'))).toHaveCount(0)
})

test('the first page takes less than 350 KB of scripts, signed in or not', async ({ page }) => {
  const load = async (path: string, ready: string) => {
    const sizes: Promise<number>[] = []
    const count = (r: Response) => {
      if (r.url().endsWith('.js')) sizes.push(r.request().sizes().then((s) => s.responseBodySize))
    }
    page.on('response', count)
    await page.goto(`${http()}${path}`)
    await expect(page.getByText(ready).first()).toBeVisible()
    await page.waitForLoadState('networkidle')
    page.off('response', count)
    return (await Promise.all(sizes)).reduce((a, b) => a + b, 0)
  }
  const sizes = [await load('/', en('signin.title'))]
  await page.request.post(`${http()}/v1/session`, { data: { key: key() }, headers: { 'X-Muster-Console': '1' } })
  await page.context().route('**/v1/*/stream', (route) => route.abort()) // which never ends
  sizes.push(await load('/demo/overview', en('overview.attention')))
  console.log(`compressed scripts of sign-in and overview: ${sizes.map((s) => Math.round(s / 1024)).join(' and ')} KB`)
  for (const size of sizes) {
    expect(size).toBeGreaterThan(50 * 1024)
    expect(size).toBeLessThan(350 * 1024)
  }
})

test('the policy lets nothing in from elsewhere', async ({ request }) => {
  const first = await request.get(`${http()}/demo/groups`)
  const second = await request.get(`${http()}/demo/groups`)
  const policy = (r: typeof first) => r.headers()['content-security-policy'] ?? ''
  expect(policy(first)).toContain("default-src 'none'")
  expect(policy(first)).toContain("script-src 'self';")
  expect(policy(first)).not.toBe(policy(second))
})
