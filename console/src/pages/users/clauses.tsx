// A campaign's condition held against one user: first what decided, then all of it.
import { CheckCircleFilled, CloseCircleFilled } from '@ant-design/icons'
import { useQueries } from '@tanstack/react-query'
import { Card, Collapse, Flex, Tag, Typography, theme } from 'antd'
import type { WhyClause } from '../../api/client'
import { useSpeech } from '../../i18n'
import { groupNamed, useTags } from '../segments/names'
import { asks, groupsOf, says } from './clause'

const most = 50 // groups whose names are asked for

function useNames(biz: string, clauses: readonly WhyClause[]) {
  const { number } = useSpeech()
  const ids = groupsOf(clauses).slice(0, most)
  const groups = useQueries({ queries: ids.map((id) => groupNamed(biz, id)) })
  const tags = useTags(biz).data
  return {
    group: (id: string) => quoted(groups[ids.indexOf(id)]?.data?.name, id),
    tag: (id: string) => quoted(tags?.find((tag) => String(tag.id) === id)?.name, id),
    number,
  }
}

function quoted(name: string | undefined, id: string): string {
  return name ? `“${name}” (${id})` : id
}

/** changed: the condition has come to say something else than it did when the audience was fixed. */
export function Clauses({ biz, clauses, changed }: { biz: string; clauses: readonly WhyClause[]; changed: boolean }) {
  const { t } = useSpeech()
  const names = useNames(biz, clauses)
  const isIn = clauses[0]?.holds
  const deciding = clauses.filter((c) => c.decides && !['all', 'any', 'not'].includes(c.kind))
  return (
    <Card size="small" type="inner" title={t(changed ? 'users.why.nowDecides' : 'users.why.decided')} extra={<Typography.Text type="secondary">{t('users.why.asOfNow')}</Typography.Text>}>
      <Flex vertical gap={12}>
        <ul style={{ margin: 0, paddingInlineStart: 20, lineHeight: 1.75 }}>
          {deciding.map((c, i) => (
            <li key={`${i} ${c.text}`} style={{ overflowWrap: 'anywhere' }}>
              {isIn ? says(c, t, names) : t(c.holds ? 'users.why.barred' : 'users.why.asked', { said: says(c, t, names) })}
            </li>
          ))}
        </ul>
        {clauses.length > 1 && (
          <Collapse size="small" items={[{ key: 'all', label: t('users.why.clauses'), children: <Whole clauses={clauses} names={names} /> }]} />
        )}
      </Flex>
    </Card>
  )
}

const deep = 8 // levels that are indented

function Whole({ clauses, names }: { clauses: readonly WhyClause[]; names: ReturnType<typeof useNames> }) {
  const { t } = useSpeech()
  return (
    <Flex component="ul" vertical gap={6} style={{ margin: 0, padding: 0, listStyle: 'none', maxHeight: 480, overflowY: 'auto' }} tabIndex={0} aria-label={t('users.why.clauses')}>
      {clauses.map((c, i) => (
        <li key={`${i} ${c.text}`} style={{ paddingInlineStart: 20 * Math.min(c.depth - 1, deep) }}>
          <Line holds={c.holds} text={asks(c, t, names)} decides={c.decides && !['all', 'any', 'not'].includes(c.kind)} />
        </li>
      ))}
    </Flex>
  )
}

function Line({ holds, text, decides = false }: { holds: boolean; text: string; decides?: boolean }) {
  const { t } = useSpeech()
  const { token } = theme.useToken()
  const said = t(holds ? 'users.why.yes' : 'users.why.no')
  const Icon = holds ? CheckCircleFilled : CloseCircleFilled
  return (
    <Flex gap={8} align="baseline">
      <Icon role="img" aria-label={said} title={said} style={{ color: holds ? token.colorSuccess : token.colorError }} />
      <span style={{ overflowWrap: 'anywhere', minWidth: 0 }}>{text}</span>
      {decides && <Tag>{t('users.why.decides')}</Tag>}
    </Flex>
  )
}
