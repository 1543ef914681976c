// The numbers and the day of an order clause as they are typed. Nothing is rounded or moved to where it would do: what is no whole
// number within its limits is none, for it would be another audience than the one that was typed.
import { badDay } from './grammar'
import { limits, most } from './tree'

type Limits = { low: bigint; high: bigint; /** Whether it may be left out. */ may: boolean }

export const numbers = {
  days: { low: 1n, high: BigInt(limits.days), may: false },
  n: { low: 0n, high: BigInt(limits.count), may: false },
  product: { low: 0n, high: most.product, may: true },
  product_group: { low: 0n, high: most.product, may: true },
} as const satisfies Record<string, Limits>

export type Field = keyof typeof numbers
export const fields = Object.keys(numbers) as Field[]

/** The number that a text says: undefined where it says none, or one beyond the limits. */
export function typedNumber(field: Field, text: string): bigint | undefined {
  const { low, high } = numbers[field]
  const digits = text.trim()
  if (!/^[0-9]{1,30}$/.test(digits)) return undefined
  const n = BigInt(digits)
  return n >= low && n <= high ? n : undefined
}

/** Whether nobody has to mend it. */
export const isTyped = (field: Field, text: string): boolean => (numbers[field].may && text.trim() === '') || typedNumber(field, text) !== undefined

export const day = { low: '1970-01-01', high: '2199-12-31' } as const

/** Whether a text says a day that there is, or nothing: then it is today. */
export const isDay = (text: string): boolean => text.trim() === '' || badDay(text.trim()) === undefined

/** All numbers of a clause; undefined while one of them is to be mended. */
export function numbersOf(typed: Record<Field, string>): { [F in Field]?: bigint } | undefined {
  if (!fields.every((f) => isTyped(f, typed[f]))) return undefined
  return Object.fromEntries(fields.map((f) => [f, typedNumber(f, typed[f])]))
}
