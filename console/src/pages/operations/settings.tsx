import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Alert, App, Button, Card, Flex, Form, Input, Typography } from 'antd'
import { useEffect, useState } from 'react'
import { ApiError, api, data, once, type Settings } from '../../api/client'
import { useSession } from '../../app/session'
import { useSpeech } from '../../i18n'
import { Failure, Loading } from '../../ui/states'
import { atField } from './fields'
import { changes, fits, follow, grouped, names, ranges, read, type Typed, typedOf } from './figures'

export function SettingsForm() {
  const settings = useQuery({ queryKey: ['settings'], queryFn: () => data(api.GET('/v1/settings')) })
  if (settings.isPending) return <Loading />
  const retry = () => void settings.refetch()
  if (!settings.data) return <Failure error={settings.error} retry={retry} />
  return (
    <Flex vertical gap={16}>
      {settings.error && <Failure error={settings.error} retry={retry} />}
      <Edit settings={settings.data} />
    </Flex>
  )
}

function Edit({ settings }: { settings: Settings }) {
  const { t, number } = useSpeech()
  const { biz } = useSession()
  const { message } = App.useApp()
  const client = useQueryClient()
  const [form] = Form.useForm<Typed>()
  const [base, setBase] = useState(settings) // from which one began to type
  useEffect(() => {
    const next = follow(form.getFieldsValue(), base, settings)
    form.setFieldsValue(next.typed)
    setBase(next.base)
  }, [settings])
  const typed = (Form.useWatch([], form) as Typed | undefined) ?? typedOf(settings)
  const may = biz === '*'
  const save = useMutation({
    mutationFn: (of: Typed) => data(api.PATCH('/v1/settings', { params: { query: { wait: '10s' }, header: once() }, body: changes(of, settings) })),
    onSuccess: async () => {
      void message.success(t('operations.saved'))
      await client.invalidateQueries({ queryKey: ['settings'] })
    },
    onError: (e) => form.setFields(atField(e, names)),
  })
  const elsewhere = save.error && atField(save.error, names).length === 0 ? save.error : null
  return (
    <Card>
      <Form<Typed> form={form} layout="vertical" initialValues={typedOf(settings)} onFinish={save.mutate} requiredMark={false} disabled={!may || save.isPending} style={{ maxWidth: 640 }}>
        {may ? <Typography.Paragraph type="secondary">{t('operations.settingsAll')}</Typography.Paragraph> : <Alert type="info" showIcon title={t('operations.needsAll')} style={{ marginBottom: 16 }} />}
        {names.map((n) => {
          const [min, max] = ranges[n]
          const theirs = base[n] !== settings[n] && read(typed[n]) !== settings[n]
          return (
            <Form.Item
              key={n} name={n} label={t(`operations.s.${n}`)} style={{ paddingBottom: 6 }}
              extra={
                <>
                  {t(`operations.s.${n}.help`)}
                  {theirs && <Typography.Text type="warning" role="status" style={{ display: 'block' }}>{t('operations.settingTheirs', { n: number(settings[n]) })}</Typography.Text>}
                </>
              }
              rules={[{ validator: (_, text: string) => (fits(n, text) ? Promise.resolve() : Promise.reject(new Error(t('operations.range', { min: number(min), max: number(max) })))) }]}
            >
              <Input inputMode="numeric" maxLength={40} autoComplete="off" style={{ width: 200 }} onBlur={(e) => fits(n, e.target.value) && form.setFieldValue(n, grouped(read(e.target.value) ?? 0))} />
            </Form.Item>
          )
        })}
        {elsewhere && <div style={{ marginBottom: 16 }}><Failure error={elsewhere} retry={elsewhere instanceof ApiError ? undefined : form.submit} /></div>}
        <Button type="primary" htmlType="submit" loading={save.isPending} disabled={!may || Object.keys(changes(typed, settings)).length === 0}>
          {t('operations.save')}
        </Button>
      </Form>
    </Card>
  )
}
