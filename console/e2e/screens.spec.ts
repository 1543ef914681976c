// Pictures of every page, seeded and the same every time: `make screens` puts them into console/screens.
import { mkdirSync } from 'node:fs'
import { type Browser, type Page, test } from '@playwright/test'
import { http, key } from './api'
import { type Seeded, seed } from './seed'

const into = 'screens'
let seeded: Seeded

const looks = [
  { name: 'light', locale: 'en-US', colorScheme: 'light', width: 1280 },
  { name: 'dark', locale: 'en-US', colorScheme: 'dark', width: 1280 },
  { name: 'chinese', locale: 'zh-CN', colorScheme: 'light', width: 1280 },
  { name: 'phone', locale: 'zh-CN', colorScheme: 'light', width: 390 },
] as const

const pages = (): Record<string, string> => ({
  overview: 'overview',
  groups: 'groups',
  group: `groups/${seeded.groups[0]}`,
  segments: `segments?where=${encodeURIComponent(`group(${seeded.groups[0]}) and (tag(1) or tag(2)) and not group(${seeded.groups[2]})`)}`,
  campaigns: 'campaigns',
  campaign: `campaigns/${seeded.campaigns[0]}`,
  templates: 'templates',
  template: 'templates/course-begins',
  user: 'users/42',
  operations: 'operations',
})

async function settle(page: Page): Promise<void> {
  await page.locator('main').waitFor()
  await page.waitForFunction(() => !document.querySelector('[aria-busy=true], .ant-skeleton, .ant-btn-loading'))
  await page.evaluate(() => document.fonts.ready)
}

async function open(browser: Browser, look: (typeof looks)[number]): Promise<Page> {
  const context = await browser.newContext({ locale: look.locale, colorScheme: look.colorScheme, viewport: { width: look.width, height: 800 }, reducedMotion: 'reduce' })
  const page = await context.newPage()
  await page.request.post(`${http()}/v1/session`, { data: { key: key() }, headers: { 'X-Muster-Console': '1' } })
  return page
}

test.describe('@screens', () => {
  test.beforeAll(async () => {
    mkdirSync(into, { recursive: true })
    seeded = await seed()
  })
  for (const look of looks)
    test(look.name, async ({ browser }) => {
      const page = await open(browser, look)
      for (const [name, path] of Object.entries(pages())) {
        await page.goto(`${http()}/demo/${path}`)
        await settle(page)
        await page.screenshot({ path: `${into}/${name}-${look.name}.png`, fullPage: look.width < 1000, animations: 'disabled' })
      }
      await page.context().close()
    })
})
