import { useMutation } from '@tanstack/react-query'
import { Form, Input, Typography } from 'antd'
import { useState } from 'react'
import { api, data, type Group, once } from '../../api/client'
import { useSpeech } from '../../i18n'
import { Dialog, useFailedLater } from '../../ui/dialog'
import { useGate } from '../../ui/gate'
import { Failure } from '../../ui/states'

/** Asks before a group ends, and why it does. */
export function Archive({ biz, g, close, done }: { biz: string; g: Group; close: () => void; done: () => void }) {
  const { t } = useSpeech()
  const [reason, setReason] = useState('')
  const later = useFailedLater(t('groups.archive'))
  const gate = useGate()
  const archive = useMutation({
    mutationFn: () =>
      data(api.POST('/v1/{biz}/groups/{id}:archive', { params: { path: { biz, id: String(g.id) }, query: { wait: '10s', reason: reason.trim() || undefined }, header: once() } })),
    onSuccess: done,
    onError: later,
  })
  const send = () => gate(() => archive.mutateAsync(undefined, { onSuccess: close }))
  return (
    <Dialog title={t('groups.archiveAsk')} okText={t('groups.archive')} cancelText={t('groups.cancel')} okButtonProps={{ danger: true }}
      onCancel={close} onOk={send} busy={archive.isPending}>
      <Typography.Paragraph strong ellipsis={{ rows: 2, tooltip: g.name }}>{g.name}</Typography.Paragraph>
      <Typography.Paragraph>{t('groups.archiveWhy')}</Typography.Paragraph>
      <Form layout="vertical" onFinish={send}>
        <Form.Item label={t('groups.reason')} htmlFor="archive-reason">
          <Input id="archive-reason" autoFocus maxLength={500} placeholder={t('groups.reasonHint')} value={reason} onChange={(e) => setReason(e.target.value)} />
        </Form.Item>
      </Form>
      {archive.error && <Failure error={archive.error} />}
    </Dialog>
  )
}
