import { expect, type Response, test } from '@playwright/test'
import { ask, http, key } from './api'
import { accessible, en, faults, goTo, signIn, zh } from './browser'

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

test('a revoked key signs out, on a page that asks for nothing by itself', async ({ page }) => {
  const made = await ask('POST', '/v1/keys?wait=10s', { name: 'short', biz: 'demo', role: 'operator' })
  await signIn(page, made.key, en)
  const stream = page.waitForResponse((r) => r.url().endsWith('/v1/demo/stream'))
  await page.goto(`${http()}/demo/groups`)
  await expect(page.getByRole('heading', { name: en('groups.title'), level: 1 })).toBeVisible()
  await stream
  await ask('DELETE', `/v1/keys/${made.id}?wait=10s`)
  await expect(page.getByLabel(en('signin.key'))).toBeVisible() // its live connection was cut
  expect(await page.context().cookies()).toEqual([])
})

test('a key that was revoked is not asked about again and again', async ({ page }) => {
  const made = await ask('POST', '/v1/keys?wait=10s', { name: 'many tabs', biz: 'demo', role: 'viewer' })
  await page.request.post(`${http()}/v1/session`, { data: { key: made.key }, headers: { 'X-Muster-Console': '1' } })
  await ask('DELETE', `/v1/keys/${made.id}?wait=10s`)
  for (let n = 0; n < 25; n++) await page.request.get(`${http()}/v1/demo/groups`) // more than one may from one address
  await page.goto(`${http()}/demo/groups`)
  await expect(page.getByLabel(en('signin.key'))).toBeVisible()
})

test('who signs in next sees nothing of who was there before', async ({ page }) => {
  await ask('PUT', '/v1/elsewhere?wait=10s', { name: 'Elsewhere', timezone: 'UTC' })
  const all = await ask('POST', '/v1/keys?wait=10s', { name: 'all lines', biz: '*', role: 'admin' })
  const one = await ask('POST', '/v1/keys?wait=10s', { name: 'one line', biz: 'demo', role: 'viewer' })
  const lines = async () => {
    await page.getByRole('button', { name: new RegExp(`^${en('app.line')}`) }).click()
    const items = page.locator('.ant-dropdown').getByRole('menuitem')
    await expect(items.first()).toBeVisible()
    await accessible(page)
    const names = await items.allTextContents()
    await page.keyboard.press('Escape')
    return names
  }
  await signIn(page, all.key, en)
  expect(await lines()).toContain('Elsewhere')
  await ask('DELETE', `/v1/keys/${all.id}?wait=10s`)
  await page.getByLabel(en('signin.key')).fill(one.key)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: en('overview.title'), level: 1 })).toBeVisible()
  expect(await lines()).toHaveLength(1)
})

test('signing out ends it', async ({ page }) => {
  await signIn(page, key(), en)
  await page.getByRole('button', { name: en('app.signOut') }).click()
  await expect(page.getByLabel(en('signin.key'))).toBeVisible()
  expect(await page.evaluate(async () => (await (await fetch('/v1/session')).json()).role)).toBe('nobody')
})

test('signing out in one tab, and in, is so in all', async ({ page, context }) => {
  await signIn(page, key(), en)
  const other = await context.newPage()
  await other.goto(`${http()}/demo/groups`)
  await expect(other.getByRole('heading', { name: en('groups.title'), level: 1 })).toBeVisible()
  await page.getByRole('button', { name: en('app.signOut') }).click()
  await expect(other.getByLabel(en('signin.key'))).toBeVisible()
  await signIn(page, key(), en)
  await expect(other.getByRole('heading', { name: en('groups.title'), level: 1 })).toBeVisible()
})

test('signing out that fails says so', async ({ page }) => {
  const wrong = faults(page, /ERR_FAILED/)
  await signIn(page, key(), en)
  await page.route('**/v1/session', (route) => (route.request().method() === 'DELETE' ? route.abort() : route.continue()))
  await page.getByRole('button', { name: en('app.signOut') }).click()
  await expect(page.getByText(en('app.stillIn', { why: '' }))).toBeVisible()
  expect(wrong).toEqual([])
})

test('a page and a product line that are not there lead on', async ({ page }) => {
  await signIn(page, key(), en)
  const wrong = faults(page)
  await page.goto(`${http()}/demo/nothing`)
  await expect(page.getByRole('heading', { name: en('app.notFound'), level: 1 })).toBeVisible()
  await accessible(page)
  await page.getByRole('link', { name: en('app.toOverview') }).click()
  await expect(page.getByRole('heading', { name: en('overview.title'), level: 1 })).toBeVisible()

  const asked: string[] = []
  page.on('request', (r) => asked.push(new URL(r.url()).pathname))
  await page.goto(`${http()}/nowhere/overview`)
  await expect(page.getByRole('heading', { name: en('app.noLine'), level: 1 })).toBeVisible()
  await accessible(page)
  await page.getByRole('link', { name: en('app.toOverview') }).click()
  await expect(page.getByRole('heading', { name: en('overview.title'), level: 1 })).toBeVisible()
  expect(asked.filter((path) => path.startsWith('/v1/nowhere'))).toEqual([])
  expect(wrong).toEqual([])
})

test('where there is no product line yet, who may makes the first one', async ({ page }) => {
  const onlyMine = (name: string) =>
    page.route('**/v1', async (route) => {
      const response = await route.fetch()
      const { items } = (await response.json()) as { items: { biz: string }[] }
      await route.fulfill({ response, json: { items: items.filter((l) => l.biz === name) } })
    })
  await onlyMine('first')
  await page.request.post(`${http()}/v1/session`, { data: { key: key() }, headers: { 'X-Muster-Console': '1' } })
  await page.goto(`${http()}/`)
  await expect(page.getByRole('heading', { name: en('app.noLines'), level: 1 })).toBeVisible()
  await accessible(page)
  await page.getByRole('button', { name: en('operations.lineNew') }).click()
  await page.getByLabel(en('operations.lineId')).fill('docs')
  await page.getByLabel(en('operations.name')).fill('First')
  await page.getByRole('button', { name: en('operations.save') }).click()
  await expect(page.getByText('is a word of the server')).toBeVisible() // at its field
  await page.getByLabel(en('operations.lineId')).fill('first')
  await page.getByRole('button', { name: en('operations.save') }).click()
  await expect(page).toHaveURL(`${http()}/first/overview`)
  await expect(page.getByRole('heading', { name: en('overview.title'), level: 1 })).toBeVisible()

  const made = await ask('POST', '/v1/keys?wait=10s', { name: 'none', biz: 'demo', role: 'viewer' })
  await page.request.post(`${http()}/v1/session`, { data: { key: made.key }, headers: { 'X-Muster-Console': '1' } })
  await page.goto(`${http()}/`)
  await expect(page.getByText(en('app.noLinesAsk'))).toBeVisible()
  await expect(page.getByRole('button', { name: en('operations.lineNew') })).toHaveCount(0)
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

test('a page that cannot be fetched leaves the way to the others', async ({ browser }) => {
  const context = await browser.newContext({ locale: 'zh-CN' })
  const page = await context.newPage()
  await signIn(page, key(), zh)
  await context.setOffline(true)
  await goTo(page, 'templates.title', zh)
  await expect(page.getByRole('alert')).toContainText(zh('app.unreachable'))
  await context.setOffline(false)
  await expect(page.getByRole('heading', { name: zh('templates.title'), level: 1 })).toBeVisible() // by itself
  await goTo(page, 'groups.title', zh)
  await expect(page.getByRole('heading', { name: zh('groups.title'), level: 1 })).toBeVisible()
  await context.close()
})

test('ten tabs are open, and the one that is looked at is live', async ({ context }) => {
  const first = await context.newPage()
  await signIn(first, key(), en)
  // A browser without windows takes every tab for one that is seen.
  await context.addInitScript(() => Object.defineProperty(document, 'hidden', { get: () => !location.hash.includes('seen'), configurable: true }))
  for (let n = 0; n < 8; n++) {
    const page = await context.newPage()
    await page.goto(`${http()}/demo/groups`)
    await expect(page.getByRole('heading', { name: en('groups.title'), level: 1 })).toBeVisible()
  }
  const page = await context.newPage()
  await page.goto(`${http()}/demo/groups`)
  await expect(page.getByRole('heading', { name: en('groups.title'), level: 1 })).toBeVisible()
  const name = `seen at last ${Date.now()}`
  await ask('POST', '/v1/demo/groups?wait=10s', { name, kind: 'ids' })
  await page.evaluate(() => {
    location.hash = 'seen'
    document.dispatchEvent(new Event('visibilitychange'))
  })
  await expect(page.getByRole('link', { name })).toBeVisible()
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
