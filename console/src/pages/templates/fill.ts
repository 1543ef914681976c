// Texts with {{name}} places, read by the rules that the server holds templates to (commands/template.go), and filled
// in as a campaign does it (channels/layout.go).

/** What stands in a text: as it is, or the name of something to fill in. */
export type Part = { literal: string } | { name: string }

/** What is wrong with a text's places. */
export type Tear = 'closed' | 'open' | 'name'

/** Whether s may be the name of an attribute, a variable or a webhook's field. */
export function isName(s: string): boolean {
  return /^[A-Za-z0-9_.]{1,64}$/.test(s)
}

/** Takes a text apart; a text that is torn says how, and shows as it is from there. */
export function parts(text: string): { parts: Part[]; torn?: Tear; at?: string } {
  const out: Part[] = []
  let rest = text
  const end = (torn: Tear, at?: string) => ({ parts: [...out, { literal: rest }], torn, at })
  for (;;) {
    const open = rest.indexOf('{{')
    const before = open < 0 ? rest : rest.slice(0, open)
    if (before.includes('}}')) return end('closed')
    if (open < 0) return { parts: before ? [...out, { literal: before }] : out }
    const close = rest.indexOf('}}', open + 2)
    const name = rest.slice(open + 2, close)
    if (close < 0 || name.includes('{')) return end('open')
    if (!isName(name)) return end('name', name)
    if (before) out.push({ literal: before })
    out.push({ name })
    rest = rest.slice(close + 2)
  }
}

/** The names that texts ask for, each once, in order of first use. */
export function names(texts: Iterable<string>): string[] {
  const all = new Set<string>()
  for (const text of texts) for (const part of parts(text).parts) if ('name' in part) all.add(part.name)
  return [...all]
}

/** The text as somebody gets it; a name without a value stands in brackets. */
export function fill(text: string, values: Readonly<Record<string, string>>): string {
  return parts(text)
    .parts.map((p) => ('name' in p ? (own(values, p.name) ?? `[${p.name}]`) : p.literal))
    .join('')
}

/** The page as it opens: what stands for a name is percent-encoded, save slashes before the parameters. */
export function fillPage(page: string, values: Readonly<Record<string, string>>): string {
  let parameters = false
  return parts(page)
    .parts.map((p) => {
      if ('literal' in p) {
        parameters ||= /[?#]/.test(p.literal)
        return p.literal
      }
      const value = own(values, p.name)
      if (value === undefined) return `[${p.name}]`
      return parameters ? encoded(value) : value.split('/').map(encoded).join('/')
    })
    .join('')
}

/** As the server does it: only what RFC 3986, 2.3 leaves as it is stays. Half of a character is none. */
function encoded(value: string): string {
  return encodeURIComponent(value.replace(/\p{Surrogate}/gu, '\uFFFD')).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
}

export function own(values: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined
}
