// Every page opens by its address, in the light and in the dark, and can be read by everybody.
import { expect, test } from '@playwright/test'
import { http, key } from './api'
import { accessible, faults } from './browser'
import { type Seeded, seed } from './seed'

let seeded: Seeded

test.beforeAll(async () => {
  seeded = await seed()
})

for (const colorScheme of ['light', 'dark'] as const)
  test(`in the ${colorScheme}`, async ({ browser }) => {
    test.setTimeout(240_000)
    const context = await browser.newContext({ locale: 'en-US', colorScheme, reducedMotion: 'reduce', viewport: { width: 1280, height: 800 } })
    const page = await context.newPage()
    await page.request.post(`${http()}/v1/session`, { data: { key: key() }, headers: { 'X-Muster-Console': '1' } })
    const wrong = faults(page)
    for (const path of [
      'overview', 'groups', `groups/${seeded.groups[0]}`, 'groups/imports', `segments?where=${encodeURIComponent('tag(1) and not tag(11)')}`, 'campaigns',
      `campaigns/${seeded.campaigns[0]}`, 'campaigns/new', 'templates', 'templates/course-begins', 'users', 'users/42', 'operations',
      ...['streams', 'projections', 'keys', 'settings', 'lines', 'audit'].map((tab) => `operations?tab=${tab}`),
    ])
      await test.step(path, async () => {
        await page.goto(`${http()}/demo/${path}`)
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
        await page.waitForFunction(() => !document.querySelector('[aria-busy=true]'))
        await accessible(page)
      })
    expect(wrong).toEqual([])
    await context.close()
  })
