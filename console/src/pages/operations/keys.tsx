import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { App, Badge, Button, Checkbox, Flex, Input, Table, Typography } from 'antd'
import { useState } from 'react'
import { api, data, type Key, once } from '../../api/client'
import { useSession } from '../../app/session'
import { useSpeech } from '../../i18n'
import { Dialog, useFailedLater } from '../../ui/dialog'
import { useGate } from '../../ui/gate'
import { Scrolls } from '../../ui/scrolls'
import { Failure, Loading, Nothing } from '../../ui/states'
import { NewKey } from './newkey'

export const useKeys = () => useQuery({ queryKey: ['keys'], queryFn: () => data(api.GET('/v1/keys')) })

export function Keys() {
  const { t, time } = useSpeech()
  const { key_id: own } = useSession()
  const keys = useKeys()
  const [making, setMaking] = useState<'shown' | 'hidden' | null>(null)
  const [revoking, setRevoking] = useState<Key | null>(null)
  const [dead, setDead] = useState(false)
  if (keys.isPending) return <Loading />
  if (!keys.data) return <Failure error={keys.error} retry={() => void keys.refetch()} />
  const all = [...(keys.data.items ?? [])].reverse()
  const shown = all.filter((k) => dead || !k.revoked)
  return (
    <Flex vertical gap={16}>
      <Flex justify="space-between" align="center" gap={8} wrap>
        <Checkbox checked={dead} onChange={(e) => setDead(e.target.checked)} disabled={!all.some((k) => k.revoked)}>
          {t('operations.showRevoked')}
        </Checkbox>
        <Button type="primary" onClick={() => setMaking('shown')}>
          {t('operations.keyNew')}
        </Button>
      </Flex>
      <Scrolls label={t('operations.tab.keys')} width={860}>
        <Table<Key>
          rowKey="id" size="middle" dataSource={shown} locale={{ emptyText: <Nothing text={t('operations.keyEmpty')} /> }}
          pagination={shown.length > 100 ? { pageSize: 100, showSizeChanger: false, placement: ['bottomStart'] } : false}
          columns={[
            {
              title: t('operations.name'), ellipsis: true,
              render: (_, k) => (
                <Flex vertical>
                  <Typography.Text ellipsis title={k.name}>{k.name}</Typography.Text>
                  <Typography.Text type="secondary" ellipsis>{k.id}</Typography.Text>
                </Flex>
              ),
            },
            { title: t('operations.role'), width: 130, render: (_, k) => t(`app.${k.role}`) },
            { title: t('operations.for'), width: 170, ellipsis: true, render: (_, k) => (k.biz === '*' ? t('operations.allLines') : k.biz) },
            { title: t('operations.state'), width: 110, render: (_, k) => <Badge status={k.revoked ? 'default' : 'success'} text={t(k.revoked ? 'operations.revoked' : 'operations.valid')} /> },
            { title: t('operations.made'), width: 200, render: (_, k) => time(k.created_at) },
            {
              title: '', width: 100, align: 'right',
              render: (_, k) => !k.revoked && (
                <Button size="small" onClick={() => setRevoking(k)} aria-label={`${t('operations.revoke')} ${k.name}`}>
                  {t('operations.revoke')}
                </Button>
              ),
            },
          ]}
        />
      </Scrolls>
      {making && <NewKey shown={making === 'shown'} hide={() => setMaking('hidden')} show={() => setMaking('shown')} close={() => setMaking(null)} />}
      {revoking && <Revoke of={revoking} own={revoking.id === own} close={() => setRevoking(null)} />}
    </Flex>
  )
}

function Revoke({ of: key, own, close }: { of: Key; own: boolean; close: () => void }) {
  const { t } = useSpeech()
  const { message } = App.useApp()
  const client = useQueryClient()
  const [reason, setReason] = useState('')
  const later = useFailedLater(t('operations.revoke'))
  const gate = useGate()
  const revoke = useMutation({
    mutationFn: () => data(api.DELETE('/v1/keys/{id}', { params: { path: { id: key.id }, query: { wait: '10s', reason: reason || undefined }, header: once() } })),
    onSuccess: async () => {
      void message.success(t('operations.revoked'))
      await client.invalidateQueries({ queryKey: ['keys'] })
    },
    onError: later,
  })
  const send = () => gate(() => revoke.mutateAsync(undefined, { onSuccess: close }))
  return (
    <Dialog
      title={<span style={{ overflowWrap: 'anywhere' }}>{t('operations.revokeAsk', { name: key.name })}</span>} onCancel={close} onOk={send} busy={revoke.isPending}
      okText={t('operations.revoke')} okButtonProps={{ danger: true }} cancelText={t('operations.cancel')}
    >
      <Flex vertical gap={12}>
        <span>{t('operations.revokeWhat')}</span>
        {own && <Typography.Text type="danger">{t('operations.revokeOwn')}</Typography.Text>}
        <Input aria-label={t('operations.reason')} placeholder={t('operations.reason')} maxLength={500} onPressEnter={send} value={reason} onChange={(e) => setReason(e.target.value)} />
        {revoke.error && <Failure error={revoke.error} />}
      </Flex>
    </Dialog>
  )
}
