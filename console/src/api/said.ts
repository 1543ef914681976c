// A refusal in words.
import type { Problem } from './schema'

type Refusal = Partial<Pick<Problem, 'detail' | 'title'>> & { errors?: readonly { field?: string; line?: number | string; message: string }[] | null }

/** What is wrong, and where: the server's words with the fields that it blames. */
export function said({ detail, title, errors }: Refusal): string | undefined {
  const placed = (errors ?? []).filter((e) => e.field || e.line)
  const places = placed.map((e) => `${e.field || `#${e.line}`}: ${e.message}`).join('; ')
  if (places === '') return detail ?? title
  const known = !detail || placed.some((e) => e.message === detail) // what one of the fields says already
  return known ? places : `${detail} (${places})`
}
