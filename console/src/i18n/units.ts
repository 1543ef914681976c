// Numbers, sizes, times and spans of time as people say them, in the language that was chosen.
import type { Language } from './words'

export const locale = (language: Language) => (language === 'zh' ? 'zh-CN' : 'en')

const make = (l: string) => ({
  number: new Intl.NumberFormat(l),
  amount: new Intl.NumberFormat(l, { minimumFractionDigits: 2, maximumFractionDigits: 4 }),
  share: new Intl.NumberFormat(l, { style: 'percent', maximumFractionDigits: 1 }),
  date: new Intl.DateTimeFormat(l, { dateStyle: 'medium' }),
  time: new Intl.DateTimeFormat(l, { dateStyle: 'medium', timeStyle: 'medium' }),
  moment: new Intl.DateTimeFormat(l, { dateStyle: 'medium', timeStyle: 'long' }), // with the zone
  relative: new Intl.RelativeTimeFormat(l, { numeric: 'auto' }),
})

export const formats: Record<Language, ReturnType<typeof make>> = { en: make(locale('en')), zh: make(locale('zh')) } // making one takes long

function unit(language: Language, n: number, name: string, options: Intl.NumberFormatOptions = {}): string {
  return new Intl.NumberFormat(locale(language), { style: 'unit', unit: name, unitDisplay: 'short', maximumFractionDigits: 0, ...options }).format(n)
}

const sizes = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'] as const

/** Bytes in the unit that makes a short number. */
export function bytes(language: Language, n: number): string {
  let i = 0
  for (; n >= 1000 && i < sizes.length - 1; i++) n /= 1000
  return unit(language, n, sizes[i] as string, i === 0 ? { unitDisplay: 'long' } : { maximumFractionDigits: n < 10 ? 1 : 0 })
}

const steps = [
  ['day', 86_400], ['hour', 3_600], ['minute', 60], ['second', 1],
] as const

/** A span of milliseconds in its two largest units. */
export function span(language: Language, ms: number): string {
  if (ms < 1000) return unit(language, Math.round(ms), 'millisecond')
  let left = Math.round(ms / 1000)
  const first = steps.findIndex(([, size]) => left >= size)
  const parts = steps.slice(first, first + 2).flatMap(([name, size]) => {
    const n = Math.floor(left / size)
    left %= size
    return n > 0 ? [unit(language, n, name)] : []
  })
  return parts.join(language === 'zh' ? '' : ' ')
}

/** How long ago a moment was: "5 minutes ago". */
export function ago(language: Language, iso: string, now = Date.now()): string {
  const seconds = Math.max(0, (now - Date.parse(iso)) / 1000)
  const [name, size] = steps.find(([, s]) => seconds >= s) ?? steps[3]
  return formats[language].relative.format(-Math.floor(seconds / size), name)
}
