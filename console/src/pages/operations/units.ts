// Sizes and spans of time as people say them.
import type { Language } from '../../i18n'

const locale = (language: Language) => (language === 'zh' ? 'zh-CN' : 'en')

/** Bytes in the unit that makes a short number. */
export function bytes(language: Language, n: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte']
  let i = 0
  for (; n >= 1000 && i < units.length - 1; i++) n /= 1000
  return new Intl.NumberFormat(locale(language), { style: 'unit', unit: units[i], unitDisplay: 'short', maximumFractionDigits: n < 10 && i > 0 ? 1 : 0 }).format(n)
}

const steps = [
  ['day', 86_400], ['hour', 3_600], ['minute', 60], ['second', 1],
] as const

/** A span of milliseconds in its largest whole unit. */
export function span(language: Language, ms: number): string {
  if (ms < 1000) return new Intl.NumberFormat(locale(language), { style: 'unit', unit: 'millisecond', unitDisplay: 'short' }).format(Math.round(ms))
  const [unit, size] = steps.find(([, s]) => ms >= 1000 * s) ?? steps[3]
  const n = ms / 1000 / size
  return new Intl.NumberFormat(locale(language), { style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: n < 10 && unit !== 'second' ? 1 : 0 }).format(n)
}

/** How long ago a moment was: "5 minutes ago". */
export function ago(language: Language, iso: string, now = Date.now()): string {
  const seconds = Math.max(0, (now - Date.parse(iso)) / 1000)
  const [unit, size] = steps.find(([, s]) => seconds >= s) ?? steps[3]
  return new Intl.RelativeTimeFormat(locale(language), { numeric: 'auto' }).format(-Math.floor(seconds / size), unit)
}
