// Pictures of every page, seeded and the same every time: `make screens` puts them into console/screens.
import { mkdirSync, rmSync } from 'node:fs'
import { type Browser, type BrowserContext, type Page, test } from '@playwright/test'
import { ask, http, key } from './api'
import { type Seeded, seed } from './seed'

const into = 'screens'
const fault = { status: 400, contentType: 'application/problem+json', body: JSON.stringify({ status: 400, code: 'invalid', detail: 'the read model does not answer' }) } // not a 5xx, which is asked again
const at = '2026-11-23T09:30:00Z' // every time that the server tells, but the end of something
const ended = '2026-11-23T09:30:12Z'
let seeded: Seeded

const looks = [
  { name: 'light', locale: 'en-US', colorScheme: 'light', width: 1280 },
  { name: 'dark', locale: 'en-US', colorScheme: 'dark', width: 1280 },
  { name: 'chinese', locale: 'zh-CN', colorScheme: 'light', width: 1280 },
  { name: 'phone', locale: 'zh-CN', colorScheme: 'dark', width: 390 },
] as const

const where = () => encodeURIComponent(`group(${seeded.groups[0]}) and (tag(1) or tag(2)) and not group(${seeded.groups[2]})`)

const pages = (): Record<string, string> => ({
  overview: 'overview',
  groups: 'groups',
  'groups-new': 'groups?new=1',
  imports: 'groups/imports',
  group: `groups/${seeded.groups[0]}`,
  'group-long': `groups/${seeded.groups[1]}?tab=versions`,
  'group-phones': `groups/${seeded.groups[3]}?tab=change`,
  'group-failed': `groups/${seeded.groups[4]}`,
  'segments-begin': 'segments',
  segments: `segments?where=${where()}`,
  'segments-wrong': `segments?where=${encodeURIComponent('tag(1) and (tag(2) or')}`,
  campaigns: 'campaigns',
  'campaign-new': `campaigns/new?where=${where()}&template=course-begins`,
  campaign: `campaigns/${seeded.campaigns[0]}`,
  'campaign-recipients': `campaigns/${seeded.campaigns[0]}?tab=recipients`,
  'campaign-draft': `campaigns/${seeded.campaigns[2]}`,
  templates: 'templates',
  template: 'templates/course-begins',
  'template-new': 'templates/+new',
  users: 'users#13800000042',
  user: 'users/42',
  'user-orders': 'users/42?tab=orders',
  why: `users/42?why=${seeded.campaigns[0]}`,
  operations: 'operations',
  ...Object.fromEntries(['streams', 'projections', 'keys', 'settings', 'lines', 'audit'].map((tab) => [`operations-${tab}`, `operations?tab=${tab}`])),
  'not-found': 'nowhere',
})

/** The pages that look different when there is nothing, nothing yet, or a fault. */
const lists: Record<string, string> = {
  overview: 'overview',
  groups: 'groups',
  segments: 'segments?where=tag(1)',
  campaigns: 'campaigns',
  templates: 'templates',
  users: 'users#13800000042',
  user: 'users/42',
  operations: 'operations',
  'operations-audit': 'operations?tab=audit',
}

async function open(browser: Browser, look: (typeof looks)[number], signedIn = true): Promise<Page> {
  const context = await browser.newContext({ locale: look.locale, colorScheme: look.colorScheme, viewport: { width: look.width, height: 800 }, reducedMotion: 'reduce' })
  const page = await context.newPage()
  if (signedIn) await page.request.post(`${http()}/v1/session`, { data: { key: key() }, headers: { 'X-Muster-Console': '1' } })
  await sameTime(context)
  return page
}

/** What the server tells, and what the browser believes, is one moment; what took a while took as long; and one key did it all. */
async function sameTime(context: BrowserContext): Promise<void> {
  await context.clock.setFixedTime(at)
  await context.route(/\/v1(\/|\?|$)/, async (route) => {
    if (route.request().url().endsWith('/stream')) return route.continue()
    const answer = await route.fetch()
    const body = (await answer.text()).replace(/("(\w+)":)?"20\d\d-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)"/g, (_, key = '', name = '') => `${key}"${['ended_at', 'completed_at'].includes(name) ? ended : at}"`)
    await route.fulfill({ response: answer, body: body.replace(/"took_ms":[\d.]+/g, '"took_ms":12.3').replace(/\b[0-9a-f]{16}\b/g, '0123456789abcdef') })
  })
}

/** Opens a page. What is behind # is typed into its search box: it has no place in an address. */
async function visit(page: Page, path: string): Promise<void> {
  const [to, typed] = path.split('#')
  await page.goto(`${http()}/${to}`)
  if (!typed) return
  await page.getByRole('searchbox').fill(typed)
  await page.getByRole('searchbox').press('Enter')
}

/** The whole page: a window as high as it is, so that what sticks to the window's edge is where it belongs. */
async function take(page: Page, name: string, look: (typeof looks)[number]): Promise<void> {
  const height = await page.evaluate(async () => {
    await new Promise((quiet) => setTimeout(quiet, 300)) // for what moves to its place
    return document.documentElement.scrollHeight
  })
  await page.setViewportSize({ width: look.width, height: Math.max(800, height) })
  await page.screenshot({ path: `${into}/${name}-${look.name}.png`, animations: 'disabled' })
  await page.setViewportSize({ width: look.width, height: 800 })
}

async function settle(page: Page): Promise<void> {
  await page.locator('main').waitFor()
  await page.waitForFunction(() => !document.querySelector('[aria-busy=true], .ant-skeleton, .ant-btn-loading'))
  await page.evaluate(() => document.fonts.ready)
}

test.describe('@screens', () => {
  test.beforeAll(async () => {
    rmSync(into, { recursive: true, force: true })
    mkdirSync(into, { recursive: true })
    seeded = await seed()
    await ask('PUT', '/v1/fresh?wait=30s', { name: 'Fresh 新品线', timezone: 'UTC' })
  })
  for (const look of looks) {
    test(look.name, async ({ browser }) => {
      test.setTimeout(300_000)
      const page = await open(browser, look)
      for (const [name, path] of Object.entries(pages())) {
        await visit(page, `demo/${path}`)
        await settle(page)
        await take(page, name, look)
      }
      await page.context().close()
    })

    test(`signed out, ${look.name}`, async ({ browser }) => {
      const page = await open(browser, look, false)
      await page.goto(`${http()}/`)
      await page.locator('form').waitFor()
      await take(page, 'signin', look)
      await page.context().close()
    })

    test(`nothing there, ${look.name}`, async ({ browser }) => {
      const page = await open(browser, look)
      for (const [name, path] of Object.entries(lists)) {
        await visit(page, `fresh/${path}`)
        await settle(page)
        await take(page, `empty-${name}`, look)
      }
      await page.context().close()
    })

    test(`nothing yet and faults, ${look.name}`, async ({ browser }) => {
      test.setTimeout(300_000)
      const page = await open(browser, look)
      await page.route(/\/v1\/demo\/(?!stream)|\/v1\/(keys|_|streams|projections|settings)/, (route) => (state === 'error' ? route.fulfill(fault) : undefined))
      let state = 'loading'
      for (state of ['loading', 'error'])
        for (const [name, path] of Object.entries(lists)) {
          await visit(page, `demo/${path}`)
          await page.locator('main').locator(state === 'error' ? '[role=alert]' : '[aria-busy=true], .ant-skeleton, .ant-spin').first().waitFor()
          await take(page, `${state}-${name}`, look)
        }
      await page.context().close()
    })
  }
})
