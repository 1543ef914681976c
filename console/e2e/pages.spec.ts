// Every page opens by its address, in the light and in the dark, wide and on a phone, and can be read by everybody.
import { expect, test } from '@playwright/test'
import { http, key } from './api'
import { accessible, faults } from './browser'
import { type Seeded, seed } from './seed'

let seeded: Seeded

test.beforeAll(async () => {
  seeded = await seed()
})

const looks = [
  { name: 'in the light', locale: 'en-US', colorScheme: 'light', width: 1280 },
  { name: 'in the dark, in Chinese', locale: 'zh-CN', colorScheme: 'dark', width: 1280 },
  { name: 'on a phone, in Chinese', locale: 'zh-CN', colorScheme: 'light', width: 390 },
] as const

for (const { name, locale, colorScheme, width } of looks)
  test(name, async ({ browser }) => {
    test.setTimeout(240_000)
    const context = await browser.newContext({ locale, colorScheme, reducedMotion: 'reduce', viewport: { width, height: 800 } })
    const page = await context.newPage()
    await page.request.post(`${http()}/v1/session`, { data: { key: key() }, headers: { 'X-Muster-Console': '1' } })
    const wrong = faults(page)
    const where = encodeURIComponent(`group(${seeded.groups[1]}) and (tag(1) or tag(2)) and not tag(11)`)
    for (const path of [
      'overview', 'groups', 'groups?new=1', `groups/${seeded.groups[0]}`, `groups/${seeded.groups[1]}?tab=versions`, 'groups/imports', `segments?where=${where}`,
      'campaigns', `campaigns/${seeded.campaigns[0]}`, `campaigns/${seeded.campaigns[0]}?tab=recipients`, `campaigns/new?where=${where}&template=course-begins`,
      'templates', 'templates/course-begins', 'templates/+new', 'users', 'users/42', `users/42?why=${seeded.campaigns[0]}`, 'operations',
      ...['streams', 'projections', 'keys', 'settings', 'lines', 'audit'].map((tab) => `operations?tab=${tab}`), 'nowhere',
    ])
      await test.step(path, async () => {
        await page.goto(`${http()}/demo/${path}`)
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
        await page.waitForFunction(() => !document.querySelector('[aria-busy=true]'))
        await accessible(page)
        expect(await page.evaluate(() => document.documentElement.scrollWidth), 'the page itself does not scroll sideways').toBeLessThanOrEqual(width)
      })
    expect(wrong).toEqual([])
    await context.close()
  })
