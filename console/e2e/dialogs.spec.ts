// What one does in dialogs and forms, by keyboard, twice at once, and while others do the same.
import { expect, type Page, test } from '@playwright/test'
import { ask, http, key } from './api'
import { accessible, en, faults, signIn } from './browser'

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

/** Holds the answer to a request back until it is let go. */
async function held(page: Page, url: string, method: string): Promise<() => void> {
  let go = () => {}
  const free = new Promise<void>((resolve) => {
    go = resolve
  })
  await page.route(url, async (route) => {
    if (route.request().method() === method) await free
    await route.continue()
  })
  return go
}

test('a double click makes one key, which is shown', async ({ page }) => {
  const wrong = faults(page)
  await signIn(page, key(), en)
  await page.goto(`${http()}/demo/operations?tab=keys`)
  await button(page, en('operations.keyNew')).click()
  await page.getByLabel(en('operations.name'), { exact: true }).fill('twice')
  await button(page, en('operations.keyMake')).dblclick()
  await expect(page.getByRole('dialog', { name: en('operations.keyDone') })).toBeVisible()
  expect(await page.evaluate(() => document.activeElement?.closest('[role=dialog]') !== null)).toBe(true)
  await button(page, en('operations.keyKept')).click()
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await expect(button(page, en('operations.keyNew'))).toBeFocused()
  const { items } = await ask('GET', '/v1/keys')
  expect(items.filter((k: { name: string }) => k.name === 'twice')).toHaveLength(1)
  expect(wrong).toEqual([])
})

test('a key that is made while its form is closed is shown all the same', async ({ page }) => {
  await signIn(page, key(), en)
  await page.goto(`${http()}/demo/operations?tab=keys`)
  const go = await held(page, '**/v1/keys*', 'POST')
  await button(page, en('operations.keyNew')).click()
  await page.getByLabel(en('operations.name'), { exact: true }).fill('late')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await expect(button(page, en('operations.keyNew'))).toBeFocused()
  go()
  await expect(page.getByLabel(en('operations.key'), { exact: true })).toHaveValue(/^mk_/)
})

test('a product line that exists is not made again, and changed only from what is known', async ({ page }) => {
  await ask('PUT', '/v1/theirs?wait=10s', { name: 'Theirs', timezone: 'Europe/Paris' })
  await signIn(page, key(), en)
  await page.goto(`${http()}/demo/operations?tab=lines`)
  await button(page, en('operations.lineNew')).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel(en('operations.lineId')).fill('theirs')
  await dialog.getByLabel(en('operations.name')).fill('Mine')
  await page.keyboard.press('Enter')
  await expect(dialog.getByText(en('operations.lineTaken'))).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(button(page, en('operations.lineNew'))).toBeFocused()
  expect(await ask('GET', '/v1/theirs')).toMatchObject({ name: 'Theirs', timezone: 'Europe/Paris' })

  await button(page, `${en('operations.lineEdit')} Theirs`).click()
  await ask('PUT', '/v1/theirs?wait=10s', { name: 'Theirs anew', timezone: 'Europe/Paris' })
  await dialog.getByLabel(en('operations.name')).fill('Mine')
  await button(page, en('operations.save')).click()
  await expect(dialog.getByText(en('operations.lineTheirs', { name: 'Theirs anew', zone: 'Europe/Paris' }))).toBeVisible()
  expect((await ask('GET', '/v1/theirs')).name).toBe('Theirs anew')
  await button(page, en('operations.save')).click() // now one knows
  await expect(dialog).toHaveCount(0)
  expect((await ask('GET', '/v1/theirs')).name).toBe('Mine')
})

test('settings are kept as typed, and refused at the field', async ({ page }) => {
  await signIn(page, key(), en)
  await page.goto(`${http()}/demo/operations?tab=settings`)
  const rate = page.getByLabel(en('operations.s.send_rate'), { exact: true })
  for (const typed of ['1.5', '1e99', 'abc', '', '1000001']) {
    await rate.fill(typed)
    await button(page, en('operations.save')).click()
    await expect(page.getByText(en('operations.range', { min: '0', max: '1,000,000' }))).toBeVisible()
    await expect(rate).toHaveValue(typed)
  }
  expect((await ask('GET', '/v1/settings')).send_rate).toBe(0)
  await rate.fill('１５')
  await ask('PATCH', '/v1/settings?wait=10s', { send_rate: 7, claim_size: 400 })
  await expect(async () => {
    await page.evaluate(() => window.dispatchEvent(new Event('visibilitychange'))) // back from another tab
    await expect(page.getByText(en('operations.settingTheirs', { n: '7' }))).toBeVisible({ timeout: 1_000 })
  }).toPass()
  await expect(page.getByLabel(en('operations.s.claim_size'), { exact: true })).toHaveValue('400')
  await expect(rate).toHaveValue(/^(１５|15)$/)
  await button(page, en('operations.save')).click()
  await expect(page.getByText(en('operations.saved'))).toBeVisible()
  expect(await ask('GET', '/v1/settings')).toMatchObject({ send_rate: 15, claim_size: 400 })
  await ask('PATCH', '/v1/settings?wait=10s', { send_rate: 0, claim_size: 500 })
})

test('phones are pasted with their spaces, and the last question can be read in the dark', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'dark' })
  await signIn(page, key(), en)
  await page.goto(`${http()}/demo/groups`)
  const make = page.getByRole('button', { name: en('groups.new') }).first() // with its icon
  await make.click()
  await expect(page.getByRole('dialog')).toBeVisible() // a key that is pressed before goes to nobody
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await expect(make).toBeFocused()
  await page.keyboard.press('Enter')
  await page.getByRole('radio', { name: en('groups.phone') }).check()
  await page.getByLabel(en('groups.name'), { exact: true }).fill('By phone')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'By phone', level: 1 })).toBeVisible()
  await page.getByText(en('groups.byHand'), { exact: true }).click()
  await page.getByLabel(en('groups.paste')).fill('+86 138 0000 0001\n138 0000 0002，13800000003; x')
  await expect(page.getByText(en('groups.pasted', { n: '4' }))).toBeVisible()
  await button(page, en('groups.mode.add')).click()
  await expect(page.getByText(en('groups.leftOver'))).toBeVisible()
  await expect(page.getByLabel(en('groups.paste'))).toHaveValue('x')

  const archive = page.getByRole('main').getByRole('button', { name: en('groups.archive') })
  await archive.click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toBeVisible()
  await accessible(page)
  await button(page, en('groups.cancel')).click()
  await expect(dialog).toHaveCount(0)
  await expect(archive).toBeFocused()
  const go = await held(page, '**/groups/*:archive*', 'POST')
  await archive.click()
  await dialog.getByRole('button', { name: en('groups.archive') }).click()
  await button(page, en('groups.cancel')).click() // it goes on without the dialog
  await expect(dialog).toHaveCount(0)
  go()
  await expect(page.getByText(en('groups.archived'))).toBeVisible()
})

test('a Chinese mobile number is found with 86 before it and without', async ({ page }) => {
  await ask('POST', '/v1/demo/users:import?wait=30s', 'user_id,phone\n8801,13912340042\n8802,8613912340043\n', 'text/csv')
  await signIn(page, key(), en)
  for (const [typed, user, says] of [
    ['+86 139 1234 0042', '8801', en('users.without86')],
    ['139 1234 0043', '8802', en('users.with86')],
  ] as const) {
    await page.goto(`${http()}/demo/users`)
    await page.getByLabel(en('users.placeholder')).fill(typed)
    await page.keyboard.press('Enter')
    await expect(page.getByRole('link', { name: user, exact: true })).toBeVisible()
    await expect(page.getByText(says)).toBeVisible()
  }
})

test('what is wrong with an address is said', async ({ page }) => {
  await signIn(page, key(), en)
  await page.goto(`${http()}/demo/groups?search=${'x'.repeat(5000)}`)
  await expect(page.getByRole('alert')).toContainText('search')
  await page.goto(`${http()}/demo/operations?tab=audit&since=garbage`)
  await expect(page.getByRole('alert')).toContainText('since')
})

test('the focus comes back from what opens over a page', async ({ page }) => {
  await ask('POST', '/v1/keys?wait=10s', { name: 'to revoke', biz: 'demo', role: 'viewer' })
  await ask('PUT', '/v1/demo/templates/focus?wait=10s', { channel: 'webhook', url: 'https://example.com', data: { user: '{{user_id}}' } })
  const campaign = await ask('POST', '/v1/demo/campaigns?wait=10s', { name: 'to launch', template: 'focus', where: 'tag(1)' })
  await signIn(page, key(), en)
  for (const [path, name] of [
    ['operations?tab=keys', `${en('operations.revoke')} to revoke`],
    ['operations?tab=lines', `${en('operations.lineEdit')} Demo`],
    ['operations?tab=audit', 'template.defined'],
    [`campaigns/${campaign.id}`, en('campaigns.launch')],
  ]) {
    await page.goto(`${http()}/demo/${path}`)
    const opener = page.getByRole('main').getByRole('button', { name, exact: true }).first()
    await opener.press('Enter')
    await expect(page.getByRole('dialog')).toBeVisible()
    await expect(opener).not.toBeFocused()
    await page.keyboard.press('Escape')
    await expect(page.getByRole('dialog')).toHaveCount(0)
    await expect(opener).toBeFocused()
  }
})
