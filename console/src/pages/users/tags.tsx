import { Button, Flex, Tag, Typography } from 'antd'
import { useState } from 'react'
import { useSpeech } from '../../i18n'
import { useTags } from '../segments/names'

const few = 24

/** A user's tags by name; one without a name by its id. */
export function Tags({ biz, ids }: { biz: string; ids: number[] }) {
  const { t, number } = useSpeech()
  const [all, showAll] = useState(false)
  const known = useTags(biz).data
  if (ids.length === 0) return <Typography.Text type="secondary">{t('users.noTags')}</Typography.Text>
  const names = new Map(known?.map((tag) => [Number(tag.id), tag]))
  return (
    <Flex gap={8} wrap align="center">
      {(all ? ids : ids.slice(0, few)).map((id) => {
        const tag = names.get(id)
        const name = tag?.name || t('users.tag', { id })
        return (
          <Tag key={id} title={[`${id} · ${name}`, tag?.description].filter(Boolean).join('\n')}
            style={{ marginInlineEnd: 0, maxWidth: 260, overflow: 'hidden', textOverflow: 'ellipsis' }}>
            {name}
          </Tag>
        )
      })}
      {ids.length > few && (
        <Button size="small" aria-expanded={all} onClick={() => showAll(!all)}>
          {all ? t('users.fewer') : t('users.all', { n: number(ids.length) })}
        </Button>
      )}
    </Flex>
  )
}
