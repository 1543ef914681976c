// A clause in a few words, with the names of what it names.
import { useSpeech } from '../../i18n'
import { type Tree, text } from './grammar'
import { useGroup, useTag } from './names'
import { comparison, comparisons } from './tree'

/** Words for a clause; lists are said as their text. */
export function useSaid(biz: string, node: Tree): string {
  const { t } = useSpeech()
  const bare = 'not' in node ? node.not : node
  const group = useGroup(biz, 'group' in bare ? String(bare.group) : '').data
  const tag = useTag(biz, 'tag' in bare ? String(bare.tag) : '')
  const not = 'not' in node ? `${t('segments.not')} ` : ''
  if ('group' in bare) return `${not}${t('segments.group')} ${group ? `${group.name} · ${bare.group}` : bare.group}`
  if ('tag' in bare) return `${not}${t('segments.tag')} ${tag?.name ? `${tag.name} · ${bare.tag}` : bare.tag}`
  if ('orders' in bare && !('product' in bare.orders || 'product_group' in bare.orders || 'until' in bare.orders)) {
    const [op, n] = comparison(bare.orders)
    return `${not}${t('segments.within')} ${bare.orders.days} ${t('segments.within2')} ${comparisons[op]} ${n}`
  }
  return text(node)
}

export function Said({ biz, node }: { biz: string; node: Tree }) {
  const said = useSaid(biz, node)
  return <span title={said}>{said}</span>
}
