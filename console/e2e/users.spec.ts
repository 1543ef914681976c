// Finding a user: what is sought is never in an address, unless it is a user id.
import { expect, test } from '@playwright/test'
import { ask, http, key } from './api'
import { en, faults, signIn } from './browser'

test('phones and openids stay out of addresses, and in the tab', async ({ page }) => {
  const wrong = faults(page)
  const asked: string[] = []
  page.on('request', (r) => asked.push(r.url()))
  await ask('PUT', '/v1/found?wait=30s', { name: 'Found', timezone: 'UTC' })
  await signIn(page, key(), en)

  await page.goto(`${http()}/found/users`)
  await expect(page.getByText(en('users.noneYet'))).toBeVisible()
  await page.getByRole('main').getByRole('link', { name: en('users.import') }).last().click()
  await expect(page).toHaveURL(`${http()}/found/groups/imports?what=users`)

  await ask('POST', '/v1/found/users:import?wait=30s', 'user_id,phone,openid\n42,13800000042,open-42\n43,13800000042,\n', 'text/csv')
  await page.goto(`${http()}/found/users`)
  const box = page.getByRole('searchbox')
  const rows = page.getByRole('region', { name: en('users.results') }).getByRole('link')
  for (const [typed, found] of [['13800000042', 2], ['open-42', 1]] as const) {
    await box.fill(typed)
    await box.press('Enter')
    await expect(rows).toHaveCount(found)
    await expect(page).toHaveURL(`${http()}/found/users`)
  }
  await page.reload()
  await expect(rows).toHaveCount(1)
  await page.goBack()
  await expect(rows).toHaveCount(2)
  await rows.first().click()
  await expect(page).toHaveURL(`${http()}/found/users/42`)
  await page.goBack()
  await expect(box).toHaveValue('13800000042')
  expect(asked.filter((url) => /13800000042|open-42/.test(url))).toEqual([])

  await box.fill('42')
  await box.press('Enter')
  await expect(page).toHaveURL(`${http()}/found/users?q=42`)
  await expect(rows).toHaveCount(1)
  expect(wrong).toEqual([])
})
