import { Button, Flex, Table } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import type { Biz } from '../../api/client'
import { useLines } from '../../api/lines'
import { useSession } from '../../app/session'
import { useSpeech } from '../../i18n'
import { Scrolls } from '../../ui/scrolls'
import { Failure, Loading } from '../../ui/states'
import { Define } from './define'

export function ProductLines() {
  const { t, time } = useSpeech()
  const { biz: scope } = useSession()
  const lines = useLines()
  const [editing, setEditing] = useState<Biz | 'new' | null>(null)
  if (lines.isPending) return <Loading />
  if (!lines.data) return <Failure error={lines.error} retry={() => void lines.refetch()} />
  return (
    <Flex vertical gap={16}>
      {scope === '*' && (
        <Flex justify="end">
          <Button type="primary" onClick={() => setEditing('new')}>
            {t('operations.lineNew')}
          </Button>
        </Flex>
      )}
      <Scrolls label={t('operations.tab.lines')} width={860}>
        <Table<Biz>
          rowKey="biz" size="middle" pagination={false} dataSource={lines.data.items ?? []}
          columns={[
            { title: t('operations.name'), ellipsis: true, render: (_, l) => <Link to={`/${l.biz}/overview`} title={l.name}>{l.name || l.biz}</Link> },
            { title: t('operations.lineId'), dataIndex: 'biz', width: 180, ellipsis: true },
            { title: t('operations.zone'), dataIndex: 'timezone', width: 200, ellipsis: true },
            { title: t('operations.changed'), width: 200, render: (_, l) => time(l.updated_at) },
            {
              title: '', width: 100, align: 'right',
              render: (_, l) => <Button size="small" onClick={() => setEditing(l)} aria-label={`${t('operations.lineEdit')} ${l.name}`}>{t('operations.lineEdit')}</Button>,
            },
          ]}
        />
      </Scrolls>
      {editing && <Define line={editing === 'new' ? null : editing} close={() => setEditing(null)} />}
    </Flex>
  )
}
