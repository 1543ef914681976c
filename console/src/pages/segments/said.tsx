// A clause in words, with the names of what it names.
import { useQueries } from '@tanstack/react-query'
import { useSpeech } from '../../i18n'
import type { Tree } from './grammar'
import { groupNamed, useTags } from './names'
import { preorder } from './overlap'
import { speak } from './speak'

export function useSaid(biz: string, node: Tree): string {
  const { t, number } = useSpeech()
  const ids = [...new Set(preorder(node).flatMap((n) => ('group' in n ? [String(n.group)] : [])))].slice(0, 20)
  const groups = useQueries({ queries: ids.map((id) => groupNamed(biz, id)) })
  const tags = useTags(biz).data
  return speak(t, {
    group: (id) => groups[ids.indexOf(id)]?.data?.name,
    tag: (id) => tags?.find((x) => String(x.id) === id)?.name || undefined,
    number,
  }, node)
}

export function Said({ biz, node }: { biz: string; node: Tree }) {
  const said = useSaid(biz, node)
  return (
    <span title={said} style={{ minWidth: 0, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}>
      {said}
    </span>
  )
}
