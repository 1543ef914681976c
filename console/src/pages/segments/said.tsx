// A clause in words, with the names of what it names.
import { useQueries } from '@tanstack/react-query'
import type { Word } from '../../i18n'
import { useSpeech } from '../../i18n'
import type { Tree } from './grammar'
import { groupNamed, useTags } from './names'
import { preorder } from './overlap'
import { children, comparison, comparisons } from './tree'

type Names = { group: (id: string) => string | undefined; tag: (id: string) => string | undefined }
type Translate = (word: Word, values?: Record<string, string | number>) => string

/** The same as the text form, in words. */
export function speak(t: Translate, names: Names, n: Tree, inner = false): string {
  if ('not' in n) return `${t('segments.not')} ${speak(t, names, n.not, true)}`
  if ('group' in n) return `${t('segments.group')} ${names.group(String(n.group)) ?? n.group}`
  if ('tag' in n) return `${t('segments.tag')} ${names.tag(String(n.tag)) ?? n.tag}`
  if ('orders' in n) {
    const o = n.orders
    const [op, count] = comparison(o)
    const narrowed = (['product', 'product_group', 'until'] as const).flatMap((k) => (o[k] === undefined ? [] : [`${t(`segments.${k}`)} ${o[k]}`]))
    return `${t('segments.within')} ${o.days} ${t('segments.within2')}${narrowed.length > 0 ? ` (${narrowed.join(', ')})` : ''} ${comparisons[op]} ${count}`
  }
  const said = children(n).map((c) => speak(t, names, c, true)).join(` ${t('all' in n ? 'segments.and' : 'segments.or')} `)
  return inner ? `(${said})` : said
}

export function useSaid(biz: string, node: Tree): string {
  const { t } = useSpeech()
  const ids = [...new Set(preorder(node).flatMap((n) => ('group' in n ? [String(n.group)] : [])))].slice(0, 20)
  const groups = useQueries({ queries: ids.map((id) => groupNamed(biz, id)) })
  const tags = useTags(biz).data
  const names: Names = {
    group: (id) => groups[ids.indexOf(id)]?.data?.name,
    tag: (id) => tags?.find((x) => String(x.id) === id)?.name || undefined,
  }
  return speak(t, names, node)
}

export function Said({ biz, node }: { biz: string; node: Tree }) {
  const said = useSaid(biz, node)
  return (
    <span title={said} style={{ minWidth: 0, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}>
      {said}
    </span>
  )
}
