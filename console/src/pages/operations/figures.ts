// What one types into the settings, and what the server takes (commands/change_settings.go).
import type { Settings } from '../../api/client'

export const names = ['send_rate', 'chunk_size', 'claim_size', 'rejected_kept'] as const
export type Name = (typeof names)[number]

/** The least and the most of each. */
export const ranges: Record<Name, readonly [number, number]> = {
  send_rate: [0, 1_000_000],
  chunk_size: [1, 100_000],
  claim_size: [1, 10_000],
  rejected_kept: [0, 2_000],
}

/** What is typed, by field. */
export type Typed = Record<Name, string>

/** Digits by threes, as they are shown. */
export const grouped = (n: number) => String(n).replace(/\B(?=(\d{3})+(?!\d))/g, ',')

export const typedOf = (s: Settings): Typed => Object.fromEntries(names.map((n) => [n, grouped(s[n])])) as Typed

/** The whole number that a text is: digits, wide ones too, alone or by threes; else undefined. */
export function read(text: string): number | undefined {
  const plain = text.trim().normalize('NFKC')
  return /^(\d{1,15}|\d{1,3}(,\d{3}){1,4})$/.test(plain) ? Number(plain.replaceAll(',', '')) : undefined
}

/** Whether the server would take it. */
export function fits(name: Name, text: string): boolean {
  const n = read(text)
  const [min, max] = ranges[name]
  return n !== undefined && n >= min && n <= max
}

/** What to save: fields that are something else than the server has. */
export function changes(typed: Typed, now: Settings): Partial<Settings> {
  return Object.fromEntries(names.filter((n) => read(typed[n]) !== now[n]).map((n) => [n, read(typed[n])]))
}

/** The form as it goes on when the server has other values: what nobody typed into follows, what one typed stays. */
export function follow(typed: Typed, base: Settings, now: Settings): { typed: Typed; base: Settings } {
  const next = { typed: { ...typed }, base: { ...base } }
  for (const n of names) {
    const here = read(typed[n])
    if (here !== base[n] && here !== now[n]) continue
    if (here !== now[n]) next.typed[n] = grouped(now[n])
    next.base[n] = now[n]
  }
  return next
}
