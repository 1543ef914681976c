// Lists of any length: ten thousand groups and ten million members scroll as short lists do, by keyboard, too.
// Machines differ, so no time is asserted: what is drawn, asked for and kept is bounded, and a jump in a long list
// costs about as much of the processor as one in a short list of the same page. The figures are printed.
import { type CDPSession, expect, type Page, test } from '@playwright/test'
import { ask, http, key } from './api'
import { accessible, en, faults } from './browser'

const groups = 10_000
const members = 10_000_000
const few = 10_000 // members of a short list
const alike = 4 // times the cost of a jump in a short list that one in a long list may have
const jumps = 30
let names: string[] // of all groups, as listed
let many: string
let some: string

/** A text of ids from 1 on, made while it is sent. */
function ids(most: number): ReadableStream {
  const text = new TextEncoder()
  let at = 1
  return new ReadableStream({
    pull(to) {
      if (at > most) return to.close()
      const end = Math.min(at + 50_000, most + 1)
      to.enqueue(text.encode(`${Array.from({ length: end - at }, (_, i) => at + i).join('\n')}\n`))
      at = end
    },
  })
}

async function grouped(name: string, of: number): Promise<string> {
  const made = await ask('POST', '/v1/long/groups?wait=60s', { name, kind: 'ids' })
  const sent = await fetch(`${http()}/v1/long/groups/${made.id}/members?wait=60s`, {
    method: 'POST', headers: { Authorization: `Bearer ${key()}`, 'Content-Type': 'text/plain' }, body: ids(of), duplex: 'half',
  } as RequestInit)
  expect(sent.ok).toBe(true)
  await expect.poll(async () => (await ask('GET', `/v1/long/groups/${made.id}`)).count, { timeout: 120_000 }).toBe(of)
  return String(made.id)
}

async function listed(): Promise<string[]> {
  const all: string[] = []
  for (let cursor = ''; ; ) {
    const page = await ask('GET', `/v1/long/groups?limit=500${cursor && `&cursor=${encodeURIComponent(cursor)}`}`)
    all.push(...page.items.map((g: { name: string }) => g.name))
    if (!page.next) return all
    cursor = page.next
  }
}

test.describe.configure({ mode: 'serial' }) // what is scrolled is made once

test.beforeAll(async () => {
  test.setTimeout(300_000)
  const begun = Date.now()
  await ask('PUT', '/v1/long?wait=60s', { name: 'Long lists', timezone: 'UTC' })
  let made = 2
  await Promise.all(
    Array.from({ length: 64 }, async () => {
      while (made < groups) await ask('POST', '/v1/long/groups', { name: `Group ${++made} of many 群组`, kind: 'ids' })
    }),
  )
  some = await grouped('Ten thousand', few)
  const before = Date.now()
  many = await grouped('Ten million', members)
  const uploaded = Date.now() - before
  await expect.poll(async () => (names = await listed()).length, { timeout: 120_000 }).toBe(groups)
  console.log(`${groups} groups and ${members} members made in ${Date.now() - begun} ms, ${uploaded} ms of it for the members`)
})

test.beforeEach(async ({ page }) => {
  test.setTimeout(180_000)
  await page.request.post(`${http()}/v1/session`, { data: { key: key() }, headers: { 'X-Muster-Console': '1' } })
  await page.addInitScript(() => {
    const seen = { longest: 0 }
    Object.assign(window, { seen })
    new PerformanceObserver((all) => all.getEntries().forEach((e) => (seen.longest = Math.max(seen.longest, e.duration)))).observe({ type: 'longtask', buffered: true })
  })
})

/** What a page's own thread has worked, in milliseconds of the processor, and what it keeps, in MB. */
async function probe(page: Page) {
  const cdp: CDPSession = await page.context().newCDPSession(page)
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' })
  const metric = async (name: string) => (await cdp.send('Performance.getMetrics')).metrics.find((m) => m.name === name)?.value ?? NaN
  return {
    worked: async () => 1000 * (await metric('TaskDuration')),
    kept: async () => (await cdp.send('HeapProfiler.collectGarbage'), (await metric('JSHeapUsedSize')) / 2 ** 20),
    longest: () => page.evaluate(() => { const { seen } = window as unknown as { seen: { longest: number } }; const was = seen.longest; seen.longest = 0; return Math.round(was) }),
  }
}

type Drawn = { at: number; text: string }
type Jump = { lines: number; drawn: Drawn[] }

/** Scrolls a list to places, one after the other, and tells what each one showed once all of the screen was filled. */
function scrolled(page: Page, label: string, places: number[]): Promise<Jump[]> {
  return page.evaluate(
    async ({ label, places }) => {
      const box = document.querySelector<HTMLElement>(`[aria-label="${label}"][tabindex="0"]`)
      if (!box) throw new Error('no list')
      const lines = () => [...box.querySelectorAll<HTMLElement>('tbody tr, [role=presentation]')]
      const filled = () => {
        const all = lines().map((l) => l.getBoundingClientRect())
        const [first, last, seen] = [all[0], all.at(-1), box.getBoundingClientRect()]
        const rest = box.scrollHeight - box.scrollTop - box.clientHeight // below the screen
        return first && last && first.top <= seen.top + 60 && (last.bottom >= seen.bottom - 2 || rest < 2) && !box.querySelector('[class*=skeleton]')
      }
      const jumps = []
      for (const place of places) {
        box.scrollTop = place < 0 ? box.scrollHeight : place
        do await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))
        while (!filled())
        const drawn = [...box.querySelectorAll('tbody tr')].map((r) => ({ at: Number(r.getAttribute('aria-rowindex')) - 2, text: r.querySelector('a')?.textContent ?? '' }))
        const items = [...box.querySelectorAll<HTMLElement>('[role=listitem]')].map((i) => ({ at: Number(i.getAttribute('aria-posinset')) - 1, text: i.textContent ?? '' }))
        jumps.push({ lines: lines().length, drawn: [...drawn, ...items] })
      }
      return jumps
    },
    { label, places },
  )
}

/** The same places within a height every time, near and far from each other. */
const placed = (height: number) => Array.from({ length: jumps }, (_, i) => Math.floor(((i * 0.618034) % 1) * height))

/** What a jump costs on average in milliseconds of the processor, and what is seen on the way. */
async function measured(page: Page, label: string, height: number, right: (d: Drawn) => boolean): Promise<{ cost: number; longest: number }> {
  const { worked, longest } = await probe(page)
  await scrolled(page, label, placed(height)) // once for what is made on the first time
  await longest()
  const before = await worked()
  const seen = await scrolled(page, label, placed(height))
  const cost = ((await worked()) - before) / jumps
  for (const { lines, drawn } of seen) {
    expect(lines).toBeLessThan(60)
    expect(drawn.length).toBeGreaterThan(0)
    expect(drawn.filter((d) => !right(d))).toEqual([])
  }
  return { cost, longest: await longest() }
}

const box = (page: Page, label: string) => page.getByRole('region', { name: label, exact: true })

test('a list is scrolled by keyboard, and tells how long it is', async ({ page }) => {
  const wrong = faults(page)
  await page.goto(`${http()}/long/groups`)
  const list = box(page, en('groups.title'))
  await expect(list.getByRole('row').nth(9)).toBeVisible()
  await page.getByLabel(en('groups.find')).focus()
  for (let presses = 0; presses < 10 && !(await list.evaluate((e) => e === document.activeElement)); presses++) await page.keyboard.press('Tab')
  await expect(list).toBeFocused()
  const row = (n: number) => list.locator(`tr[aria-rowindex="${n + 1}"]`)
  const top = () => list.evaluate((e) => e.scrollTop)
  for (let pages = 1; pages <= 5; pages++) {
    await page.keyboard.press('PageDown')
    await expect.poll(top).toBeGreaterThanOrEqual(pages * 480) // nearly the height of the list
  }
  await expect(row(60)).toBeInViewport()
  await expect(row(60).getByRole('link')).toHaveText(names[59] ?? '')
  await expect(list.getByRole('columnheader').first()).toBeInViewport()
  await expect(list.getByRole('table')).toHaveAttribute('aria-rowcount', '-1') // more is to come
  await page.keyboard.press('End')
  await expect(row(500)).toBeInViewport()
  await expect(row(501)).toBeAttached() // the next page
  await row(500).getByRole('link').focus()
  await page.keyboard.press('Home')
  await expect(row(1)).toBeInViewport()
  await expect(list).toBeFocused() // the link is no longer there
  await page.keyboard.press('ArrowDown')
  await expect.poll(top).toBeGreaterThan(0)
  await accessible(page)
  expect(wrong).toEqual([])
})

test('ten thousand groups scroll as a hundred do', async ({ page }) => {
  const wrong = faults(page)
  let asked = 0
  page.on('request', (r) => void (asked += r.url().includes('/v1/long/groups?') ? 1 : 0))
  await page.goto(`${http()}/long/groups`)
  const label = en('groups.title')
  const list = box(page, label)
  await expect(list).toHaveAttribute('tabindex', '0')
  const { kept } = await probe(page)
  const right = (d: Drawn) => names[d.at] === d.text
  const row = await list.locator('tbody tr').first().evaluate((e) => e.getBoundingClientRect().height)
  const short = await measured(page, label, 100 * row, right)
  const first = await kept()
  for (let at = 500; at < groups; at += 500) {
    await scrolled(page, label, [-1])
    await expect(list.locator(`tr[aria-rowindex="${at + 2}"]`)).toBeAttached()
  }
  await scrolled(page, label, [-1])
  await expect(list.getByRole('link', { name: names[groups - 1], exact: true })).toBeInViewport()
  await expect(list.getByRole('table')).toHaveAttribute('aria-rowcount', String(groups + 1))
  const long = await measured(page, label, groups * row, right)
  const last = await kept()
  console.log(`a jump in ${groups} groups: ${long.cost.toFixed(1)} ms, in 100: ${short.cost.toFixed(1)} ms; longest task ${long.longest} and ${short.longest} ms; heap ${first.toFixed(0)} and then ${last.toFixed(0)} MB; ${asked} requests`)
  expect(long.cost / short.cost).toBeLessThan(alike)
  expect(last - first).toBeLessThan(40)
  expect(asked).toBeLessThanOrEqual(groups / 500 + 2)
  expect(wrong).toEqual([])
})

test('ten million members scroll as ten thousand do', async ({ page }) => {
  const wrong = faults(page)
  let asked = 0
  page.on('request', (r) => void (asked += r.url().includes('/members?') ? 1 : 0))
  const label = en('groups.members')
  const list = box(page, label)
  const from = (first: number) => (d: Drawn) => Number(d.text.replace(/\D/g, '')) === first + d.at
  const height = () => list.evaluate((e) => e.scrollHeight)
  const open = async (group: string, first = '') => {
    await page.goto(`${http()}/long/groups/${group}${first && `?from=${first}`}`)
    await expect(list.getByRole('listitem').first()).toHaveText(first || '1')
  }
  await open(some)
  const { kept } = await probe(page)
  await scrolled(page, label, [-1, -1])
  const short = await measured(page, label, await height(), from(1))
  await open(many)
  const first = await kept()
  const before = asked
  let reached = 0
  for (let jump = 0; jump < 30; jump++) {
    const was = await height()
    const [seen] = await scrolled(page, label, [-1])
    reached = Math.max(reached, seen?.drawn.at(-1)?.at ?? 0)
    await expect.poll(height).toBeGreaterThan(was) // by a page of 5,000
  }
  expect(reached).toBeGreaterThan(100_000)
  expect(asked - before).toBeLessThanOrEqual(30 + 3)
  const long = await measured(page, label, await height(), from(1))
  const last = await kept()
  console.log(`a jump in ${members} members, ${reached} of them passed: ${long.cost.toFixed(1)} ms, in ${few}: ${short.cost.toFixed(1)} ms; longest task ${long.longest} and ${short.longest} ms; heap ${first.toFixed(0)} and then ${last.toFixed(0)} MB; ${asked} requests`)
  expect(long.cost / short.cost).toBeLessThan(alike)
  expect(last - first).toBeLessThan(40)
  await open(many, String(members - 999))
  const [end] = await scrolled(page, label, [-1])
  expect(end?.drawn.at(-1)).toEqual({ at: 999, text: String(members) })
  expect(wrong).toEqual([])
})
