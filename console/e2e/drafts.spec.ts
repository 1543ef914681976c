// What operators are in the middle of writing is neither lost nor put over what others wrote.
import { expect, type Page, test } from '@playwright/test'
import { ask, http, key } from './api'
import { en, faults, signIn } from './browser'

const template = (name: string) => ({ channel: 'wechat', name, provider_template_id: 'tmpl-1', data: { thing1: 'Hello {{city}}' } })
const text = (page: Page) => page.getByLabel(en('segments.text'), { exact: true }).getByRole('textbox')
const count = (page: Page) => page.getByRole('status').filter({ hasText: /^[\d,]+$/ })

test.beforeAll(async () => {
  await ask('POST', '/v1/demo/tags:import?wait=30s', ['user_id,tag_id,op', ...Array.from({ length: 30 }, (_, i) => `${i + 1},${i < 20 ? 91 : 92},add`)].join('\n'), 'text/csv')
  for (const id of ['list', 'shared']) await ask('PUT', `/v1/demo/templates/${id}?wait=30s`, template(`Template ${id}`))
})

test('a template called list is one like any other', async ({ page }) => {
  const wrong = faults(page)
  await signIn(page, key(), en)
  await page.goto(`${http()}/demo/campaigns/new?template=list`)
  await expect(page.getByRole('region', { name: en('templates.phone') })).toContainText('Template list')
  await page.getByRole('link', { name: en('templates.title') }).click()
  await page.getByRole('searchbox', { name: en('templates.search') }).fill('SHARE')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('link', { name: 'Template list' })).toHaveCount(0)
  await expect(page.getByRole('link', { name: 'Template shared' })).toBeVisible()
  expect(wrong).toEqual([])
})

test('of two who change one template, nobody replaces the other’s change unseen', async ({ page, context }) => {
  await signIn(page, key(), en)
  const other = await context.newPage()
  for (const p of [page, other]) await p.goto(`${http()}/demo/templates/shared`)
  const name = (p: Page) => p.getByLabel(en('templates.name'), { exact: true })
  const save = (p: Page) => p.getByRole('button', { name: en('templates.save'), exact: true }).click()
  const now = async () => (await ask('GET', '/v1/demo/templates/shared')).name
  await name(other).fill('theirs')
  let deaf = true // it hears of nothing before it saves
  await other.route('**/templates/shared*', (r) => {
    if (r.request().method() === 'PUT') deaf = false
    return deaf ? r.abort() : r.continue()
  })
  await name(page).fill('mine')
  await save(page)
  await expect(page.getByText(en('templates.unchanged'))).toBeVisible()
  await save(other)
  await expect(other.getByRole('alert').filter({ hasText: en('templates.theirs') })).toBeVisible()
  expect(await now()).toBe('mine')
  await other.getByRole('button', { name: en('templates.keepMine') }).click()
  await save(other)
  await expect(other.getByText(en('templates.unchanged'))).toBeVisible()
  expect(await now()).toBe('theirs')
  await expect(name(page)).toHaveValue('theirs') // nothing was changed there, so it follows

  await other.goto(`${http()}/demo/templates/+new`)
  await other.getByLabel(en('templates.id'), { exact: true }).fill('shared')
  await other.getByLabel(en('templates.provider'), { exact: true }).fill('tmpl-2')
  await other.getByLabel(en('templates.text', { key: 'thing1' })).fill('x')
  await other.getByRole('button', { name: en('templates.create') }).click()
  await expect(other.getByText(en('templates.taken'))).toBeVisible()
  expect(await now()).toBe('theirs')
})

test('what cannot be counted is not launched', async ({ page }) => {
  const made = await ask('POST', '/v1/demo/campaigns?wait=10s', { name: 'refused', template: 'list', where: 'tag(91)' })
  await signIn(page, key(), en)
  await page.route('**/segments:count', (r) => r.fulfill({ status: 400, contentType: 'application/problem+json', json: { status: 400, code: 'invalid', detail: 'there is no group 9' } }))
  await page.goto(`${http()}/demo/campaigns/${made.id}`)
  await page.getByRole('button', { name: en('campaigns.launch'), exact: true }).click()
  const dialog = page.getByRole('dialog')
  const launch = dialog.getByRole('button', { name: en('campaigns.launch'), exact: true })
  await expect(dialog.getByRole('alert').filter({ hasText: 'there is no group 9' })).toBeVisible()
  await expect(launch).toBeDisabled()
  await page.unroute('**/segments:count')
  await dialog.getByRole('button', { name: en('app.retry') }).click()
  await expect(launch).toBeEnabled()
})

test('an expression that is too long for an address arrives in a campaign, and is there again on the way back', async ({ page }) => {
  const orders = Array.from({ length: 20 }, (_, i) => `orders(days=1, product=18446744073709551615, until=2026-11-01) >= ${i + 1}`)
  const long = [...Array.from({ length: 470 }, (_, i) => `tag(${4_294_967_000 - i})`), ...orders].join(' or ')
  await signIn(page, key(), en)
  for (const what of ['count', 'sample', 'explain']) await page.route(`**/segments:${what}*`, (r) => r.fulfill({ json: { count: 1, took_ms: 1, seq: 1, users: [1], clauses: [] } })) // it would take the engine a while
  await page.goto(`${http()}/demo/segments`)
  await text(page).fill(long)
  await expect(page.getByText(en('segments.long'))).toBeVisible()
  await page.getByRole('button', { name: en('segments.use') }).click()
  await expect(page.getByRole('heading', { name: en('campaigns.new'), level: 1 })).toBeVisible()
  await expect(text(page)).toHaveValue(long)
  await page.goBack()
  await expect(page.getByRole('heading', { name: en('segments.title'), level: 1 })).toBeVisible()
  await expect(text(page)).toHaveValue(long)
})

test('a late answer about an older text is not taken for one about the newer', async ({ page }) => {
  await signIn(page, key(), en)
  let answer = () => {}
  const late = new Promise<void>((go) => (answer = go))
  const asked: string[] = []
  await page.route('**/segments:count', async (r) => {
    const { where } = r.request().postDataJSON() as { where: string }
    asked.push(where)
    if (where === 'tag(91)') await late
    await r.continue().catch(() => {}) // nobody waits for it any more
  })
  await page.goto(`${http()}/demo/segments`)
  await text(page).fill('tag(91)')
  await expect.poll(() => asked).toContain('tag(91)')
  await text(page).fill('tag(92)')
  await expect(count(page)).toHaveText('10')
  answer()
  await text(page).fill('not not tag(92)')
  await expect.poll(() => asked).toContain('not not tag(92)')
  await expect(count(page)).toHaveText('10')
  await text(page).fill('tag(91)')
  await expect(count(page)).toHaveText('20')
})

test('a number or day that is wrong makes no campaign, nor another one of it', async ({ page }) => {
  const wrong = faults(page)
  await signIn(page, key(), en)
  const made = async () => (await ask('GET', '/v1/demo/campaigns?limit=100')).items?.filter((c: { name: string }) => c.name === 'mistyped').length ?? 0
  const orders = page.getByLabel(en('segments.orders'), { exact: true })
  const days = page.getByLabel(en('segments.days'), { exact: true })
  const product = page.getByLabel(en('segments.product'), { exact: true })
  const until = page.getByLabel(en('segments.until'), { exact: true })
  const where = 'tag(91) and orders(days=30) >= 5'
  const posted: string[] = []
  page.on('request', (r) => r.method() === 'POST' && /\/campaigns(\?|$)/.test(r.url()) && posted.push(r.postData() ?? ''))
  await page.goto(`${http()}/demo/campaigns/new?${new URLSearchParams({ template: 'list', where })}`)
  await page.getByLabel(en('campaigns.name'), { exact: true }).fill('mistyped')
  await page.getByRole('button', { name: en('segments.narrow') }).click()
  const tries = [[orders, '-3', '5'], [orders, '1.6', '5'], [days, '0', '30'], [days, '99999', '30'], [product, 'P101', ''], [until, '2026-13-4', '']] as const
  for (const [field, typed, right] of tries) {
    await field.fill(typed)
    await expect(field).toHaveAttribute('aria-invalid', 'true')
    await expect(page.getByText(en('segments.finishFirst'))).toBeVisible() // nothing is counted either
    await field.press('Enter')
    await expect(page.getByText(en('campaigns.needWhole'))).toBeVisible()
    await page.getByRole('button', { name: en('campaigns.save'), exact: true }).click()
    await expect(field).toHaveValue(typed)
    await expect(text(page)).toHaveValue(where)
    await field.fill(right)
    await expect(page.getByText(en('campaigns.needWhole'))).toHaveCount(0)
  }
  expect(posted).toEqual([])
  expect(await made()).toBe(0)
  await product.fill('101')
  await product.press('Enter')
  await expect(page.getByRole('heading', { name: 'mistyped', level: 1 })).toBeVisible()
  expect(posted.map((body) => JSON.parse(body).where)).toEqual(['tag(91) and orders(days=30, product=101) >= 5'])
  expect(await made()).toBe(1)
  expect(wrong).toEqual([])
})

test('who signs out is asked about unsaved work first, and stays signed in by staying', async ({ page }) => {
  await signIn(page, key(), en)
  const ended: string[] = []
  page.on('request', (r) => r.method() === 'DELETE' && ended.push(new URL(r.url()).pathname))
  page.on('dialog', (d) => (ended.push('asked again'), void d.accept()))
  await page.goto(`${http()}/demo/templates/+new`)
  const id = page.getByLabel(en('templates.id'), { exact: true })
  const out = page.getByRole('button', { name: en('app.signOut') })
  const asked = page.getByRole('dialog').filter({ hasText: en('leave.unsaved') })
  await id.fill('half')
  await out.click()
  await asked.getByRole('button', { name: en('leave.stay') }).click()
  await expect(asked).toHaveCount(0)
  await expect(id).toHaveValue('half')
  expect(ended).toEqual([])
  await out.click()
  await asked.getByRole('button', { name: en('leave.leave') }).click()
  await expect(page.getByLabel(en('signin.key'))).toBeVisible()
  expect(ended).toEqual(['/v1/session'])
})
