// What somebody who types into the search box may mean, and where that is kept.
export type Kind = 'id' | 'phone' | 'openid'
export const kinds: readonly Kind[] = ['id', 'phone', 'openid']

const most = 2n ** 64n - 1n

/** Digits with the signs that people write between them. */
const written = /^\+?[\d\s().-]+$/

export function isKind(s: unknown): s is Kind {
  return kinds.includes(s as Kind)
}

/** What it can be searched as at all. */
export function possible(typed: string): Kind[] {
  const text = typed.trim()
  const bare = text.replace(/\D/g, '')
  return kinds.filter((k) => {
    if (k === 'id') return /^\d{1,20}$/.test(text) && BigInt(text) <= most
    if (k === 'phone') return written.test(text) && bare !== '' && bare.length <= 20 && BigInt(bare) > 0n && BigInt(bare) <= most
    return text !== ''
  })
}

/**
 * What it looks like: eleven digits from 13 on are a Chinese mobile number, alone or behind 86, and so are digits with a
 * plus or other signs among them; other digits are an id, and everything else is an openid.
 */
export function looksLike(typed: string): Kind {
  const text = typed.trim()
  const can = possible(text)
  if (can.includes('phone') && (/^(86)?1[3-9]\d{9}$/.test(text) || /\D/.test(text))) return 'phone'
  return can.includes('id') ? 'id' : 'openid'
}

/** The numbers that a phone may be kept as, what was typed first: Chinese mobile numbers stand with 86 before them, or without. */
export function phonesOf(typed: string): string[] {
  const digits = typed.replace(/\D/g, '').replace(/^0+(?=\d)/, '')
  const [, country, mobile] = /^(86)?(1[3-9]\d{9})$/.exec(digits) ?? []
  if (!mobile) return [digits]
  return [digits, country ? mobile : `86${mobile}`]
}

/** What is sought: a text and, where somebody chose, what it is searched as. */
export type Sought = { q: string; as?: Kind }

/**
 * Where a search is kept. A user id stands in the address, to be shared; a phone or an openid does not, because browsers and
 * what stands between them and the server keep addresses: it stays in the tab's own history, for the key by which it was sought.
 */
export function placeOf({ q, as }: Sought, by: string): { search: string; state: (Sought & { by: string }) | null } {
  const state = q === '' ? null : { q, ...(as && { as }), by }
  return { search: q !== '' && (as ?? looksLike(q)) === 'id' ? `?${new URLSearchParams({ q })}` : '', state }
}

/** The search that an address and the tab's history hold; whoever signs in with another key is not shown what was sought before. */
export function soughtIn(address: URLSearchParams, state: unknown, by: string): Sought {
  const held = (typeof state === 'object' && state !== null ? state : {}) as Partial<Record<keyof Sought | 'by', unknown>>
  const kept = held.by === by ? held : {}
  const as = isKind(kept.as) ? kept.as : undefined
  const q = address.get('q')?.trim()
  if (q === undefined) return { q: typeof kept.q === 'string' ? kept.q : '', as }
  if (!possible(q).includes('id')) return { q: '', as: undefined }
  return { q, as: as === 'id' || looksLike(q) !== 'id' ? 'id' : undefined }
}
