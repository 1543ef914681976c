// What the form holds, and what is wrong with it before the server is asked (commands/define_template.go).
import type { Template, TemplateDefinitionBody } from '../../api/client'
import { isName, parts } from './fill'
import { inOrder, length, type Refusal, refusal } from './limits'

export type Row = { key: string; text: string }

export type Draft = {
  id: string
  name: string
  channel: 'wechat' | 'webhook'
  provider_template_id: string
  page: string
  url: string
  rows: Row[]
}

/** A fault: the end of the name of its words, templates.bad.<why>, and what is filled in there. */
export type Fault = Refusal | { why: 'required' | 'id' | 'control' | 'limit' | 'url' | 'password' | 'scheme' | 'field' | 'twice'; max?: number }

export const maxRows = 50 // fields of a template
export const maxName = 200 // characters of a name, and of WeChat's template id
const maxText = 2000
const maxPage = 1024

export const blank: Draft = { id: '', name: '', channel: 'wechat', provider_template_id: '', page: '', url: '', rows: [{ key: 'thing1', text: '' }] }

export function draftOf(t: Template): Draft {
  const keys = Object.keys(t.data ?? {})
  return {
    id: t.id,
    name: t.name ?? '',
    channel: t.channel === 'webhook' ? 'webhook' : 'wechat',
    provider_template_id: t.provider_template_id ?? '',
    page: t.page ?? '',
    url: t.url ?? '',
    rows: (t.channel === 'wechat' ? inOrder(keys) : keys).map((key) => ({ key, text: t.data[key] ?? '' })),
  }
}

/** The texts by key; rows that have no key yet are left out. */
export function dataOf(rows: readonly (Partial<Row> | undefined)[]): Record<string, string> {
  return Object.fromEntries(rows.flatMap((r) => (r?.key ? [[r.key, r.text ?? '']] : [])))
}

/** What is sent: only what the channel has. */
export function bodyOf(d: Draft): TemplateDefinitionBody {
  const data = dataOf(d.rows)
  const name = d.name.trim() || undefined
  return d.channel === 'webhook'
    ? { channel: 'webhook', name, url: d.url.trim(), data }
    : { channel: 'wechat', name, provider_template_id: d.provider_template_id.trim(), page: d.page.trim() || undefined, data }
}

/** The page that a tap opens; only WeChat's messages have one. */
export const pageOf = (t: { channel: string; page?: string }): string => (t.channel === 'wechat' ? (t.page ?? '').trim() : '')

/** Whether two drafts would be the same template. */
export function same(a: Draft, b: Draft): boolean {
  const plain = (d: Draft) => {
    const body = bodyOf(d)
    return JSON.stringify([d.id, d.rows.length, { ...body, data: Object.entries(body.data).sort() }])
  }
  return plain(a) === plain(b)
}

const control = /\p{Cc}/u

function plainText(s: string, max: number): Fault | undefined {
  if (length(s) > max) return { why: 'limit', max }
  if (control.test(s)) return { why: 'control' }
  return undefined
}

function torn(s: string): Fault | undefined {
  const read = parts(s)
  return read.torn && { why: read.torn, name: read.at }
}

export const faults = {
  id: (s: string): Fault | undefined => (/^[a-z0-9][a-z0-9_-]{0,63}$/.test(s) ? undefined : { why: 'id' }),
  name: (s: string): Fault | undefined => plainText(s.trim(), maxName),
  provider: (s: string): Fault | undefined => (s.trim() ? plainText(s.trim(), maxName) : { why: 'required' }),
  page: (s: string): Fault | undefined => (s.includes('://') ? { why: 'scheme' } : (plainText(s.trim(), maxPage) ?? torn(s))),
  url: (raw: string): Fault | undefined => {
    const s = raw.trim()
    if (!/^https?:\/\/[^/]/i.test(s) || !URL.canParse(s)) return { why: 'url' }
    const url = new URL(s)
    return url.username || url.password ? { why: 'password' } : plainText(s, maxText)
  },
  key: (channel: Draft['channel'], key: string, all: readonly string[]): Fault | undefined => {
    if (all.filter((k) => k === key).length > 1) return { why: 'twice' }
    if (channel === 'webhook') return isName(key) ? undefined : { why: 'field' }
    return refusal(key, 'x')?.why === 'key' ? { why: 'key' } : undefined
  },
  text: (channel: Draft['channel'], key: string, text: string): Fault | undefined => {
    const bad = channel === 'wechat' ? refusal(key, text) : torn(text)
    return bad && bad.why !== 'key' ? bad : plainText(text, maxText)
  },
}

/** The keys in what is pasted from WeChat's list of templates, where they stand as {{thing1.DATA}}. */
export function keysIn(pasted: string): string[] {
  return [...new Set([...pasted.matchAll(/\{\{\s*([a-z_]+[0-9]+)(?:\.DATA)?\s*\}\}/g)].map((m) => m[1] ?? ''))]
}
