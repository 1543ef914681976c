import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Alert, App, Button, Card, Form, InputNumber, Typography } from 'antd'
import { ApiError, api, data, once, type Settings } from '../../api/client'
import { useSession } from '../../app/session'
import { useSpeech } from '../../i18n'
import { Failure, Loading } from '../../ui/states'
import { atField } from './fields'

const names = ['send_rate', 'chunk_size', 'claim_size', 'rejected_kept'] as const

export function SettingsForm() {
  const settings = useQuery({ queryKey: ['settings'], queryFn: () => data(api.GET('/v1/settings')) })
  if (settings.isPending) return <Loading />
  if (settings.error) return <Failure error={settings.error} retry={() => void settings.refetch()} />
  return <Edit key={JSON.stringify(settings.data)} settings={settings.data} />
}

function Edit({ settings }: { settings: Settings }) {
  const { t } = useSpeech()
  const { biz } = useSession()
  const { message } = App.useApp()
  const client = useQueryClient()
  const [form] = Form.useForm<Settings>()
  const now = Form.useWatch([], form) as Partial<Settings> | undefined
  const may = biz === '*'
  const changed = names.filter((n) => now?.[n] != null && now[n] !== settings[n])
  const save = useMutation({
    mutationFn: () =>
      data(api.PATCH('/v1/settings', { params: { query: { wait: '10s' }, header: once() }, body: Object.fromEntries(changed.map((n) => [n, now?.[n]])) })),
    onSuccess: async () => {
      void message.success(t('operations.saved'))
      await client.invalidateQueries({ queryKey: ['settings'] })
    },
    onError: (e) => form.setFields(atField(e, names)),
  })
  const elsewhere = save.error && atField(save.error, names).length === 0 ? save.error : null
  return (
    <Card>
      <Form<Settings> form={form} layout="vertical" initialValues={settings} onFinish={() => save.mutate()} requiredMark={false} disabled={!may || save.isPending} style={{ maxWidth: 640 }}>
        {may ? <Typography.Paragraph type="secondary">{t('operations.settingsAll')}</Typography.Paragraph> : <Alert type="info" showIcon title={t('operations.needsAll')} style={{ marginBottom: 16 }} />}
        {names.map((n) => (
          <Form.Item key={n} name={n} label={t(`operations.s.${n}`)} extra={t(`operations.s.${n}.help`)} style={{ paddingBottom: 6 }} rules={[{ required: true, message: t('operations.required') }]}>
            <InputNumber<number> precision={0} style={{ width: 200 }} formatter={grouped} parser={(s) => Number((s ?? '').replace(/[^\d-]/g, ''))} />
          </Form.Item>
        ))}
        {elsewhere instanceof ApiError && <div style={{ marginBottom: 16 }}><Failure error={elsewhere} /></div>}
        {elsewhere && !(elsewhere instanceof ApiError) && <div style={{ marginBottom: 16 }}><Failure error={elsewhere} retry={() => save.mutate()} /></div>}
        <Button type="primary" htmlType="submit" loading={save.isPending} disabled={!may || changed.length === 0}>
          {t('operations.save')}
        </Button>
      </Form>
    </Card>
  )
}

/** Digits by threes. */
const grouped = (n: number | string | undefined) => (n == null ? '' : String(n).replace(/\B(?=(\d{3})+(?!\d))/g, ','))
