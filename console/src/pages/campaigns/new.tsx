// A new campaign as a draft: what it says, and who gets it.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Card, Flex, Form, Input, Select, Typography } from 'antd'
import { useEffect, useState } from 'react'
import { Link, Navigate, useNavigate, useSearchParams } from 'react-router'
import { ApiError, api, type Campaign, data } from '../../api/client'
import { useSession } from '../../app/session'
import { useBiz } from '../../app/shell'
import { useSpeech } from '../../i18n'
import { cut, length } from '../../ui/cut'
import { useLeaveGuard } from '../../ui/leave'
import { useOnce } from '../../ui/once'
import { Page } from '../../ui/page'
import { Failure, Loading, Nothing } from '../../ui/states'
import { SegmentEditor } from '../segments/editor'
import { read } from '../segments/read'
import { AudienceSize } from '../segments/size'
import { useCarried } from '../segments/where'
import { useChannel } from './channel'
import { given, Message } from './message'
import { campaignKey } from './read'
import { Variables } from './variables'

const maxName = 200 // characters

type Fields = { name: string; template?: string; where: string; variables: Record<string, string | undefined> }

export function NewCampaign() {
  const { t } = useSpeech()
  const { can } = useSession()
  const biz = useBiz()
  const [params] = useSearchParams()
  const carried = useCarried()
  const copy = params.get('copy') ?? ''
  const from = useQuery({ queryKey: campaignKey(biz, copy), enabled: copy !== '', queryFn: ({ signal }) => data(api.GET('/v1/{biz}/campaigns/{id}', { params: { path: { biz, id: copy } }, signal })) })
  if (!can('operator')) return <Navigate to={`/${biz}/campaigns`} replace />
  const c = from.data
  if (copy && !c) return from.error ? <Failure error={from.error} retry={() => void from.refetch()} /> : <Loading />
  const begin: Fields = c
    ? { name: cut(t('campaigns.copied', { name: c.name }), maxName), template: c.template, where: c.text, variables: { ...c.variables } }
    : { name: '', template: params.get('template') ?? undefined, where: carried, variables: {} }
  return <Draft key={copy} biz={biz} begin={begin} />
}

function Draft({ biz, begin }: { biz: string; begin: Fields }) {
  const { t } = useSpeech()
  const client = useQueryClient()
  const navigate = useNavigate()
  const [form] = Form.useForm<Fields>()
  const template = Form.useWatch('template', form) ?? begin.template ?? ''
  const where = Form.useWatch('where', form) ?? begin.where
  const variables = given(Form.useWatch('variables', form) ?? begin.variables)
  const [changed, change] = useState(false)
  const [whole, setWhole] = useState(true)
  const leaving = useLeaveGuard(changed || !whole)
  useEffect(() => {
    if (form.getFieldError('where').length > 0) void form.validateFields(['where']).catch(() => {}) // what it says there may be so no more
  }, [form, whole])
  const once = useOnce()
  const create = useMutation({
    mutationFn: (f: Fields) => {
      const body = { name: f.name.trim(), template: f.template ?? '', where: f.where, variables: given(f.variables ?? {}) }
      return data(api.POST('/v1/{biz}/campaigns', { params: { path: { biz }, query: { wait: '10s' }, header: once.header(body) }, body }))
    },
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: ['campaigns', biz, 'list'] })
      leaving.allow()
      const id = (made as unknown as Partial<Campaign>).id
      void navigate(id ? `/${biz}/campaigns/${id}` : `/${biz}/campaigns`)
    },
    onError: (e) => {
      once.failed(e)
      const wrong = e instanceof ApiError ? (e.problem.errors ?? []) : []
      for (const { field = '', message } of wrong) {
        const path = field.split(/[.[]/)
        const name = (path[0] === 'variables' && path[1] ? ['variables', path.slice(1).join('.')] : [path[0]]) as Parameters<typeof form.setFields>[0][number]['name']
        if (['name', 'template', 'where', 'variables'].includes(path[0] ?? '')) form.setFields([{ name, errors: [message] }])
      }
    },
  })
  const fault = async (where: string, whole: boolean) => {
    if (!whole) throw new Error(t('campaigns.needWhole'))
    if (!where.trim() || read(where).error) throw new Error(t('campaigns.needWhere'))
  }
  return (
    <Page title={t('campaigns.new')}>
      {leaving.dialog}
      <Form form={form} layout="vertical" initialValues={begin} onValuesChange={() => change(true)} onFinish={create.mutate} requiredMark={false} scrollToFirstError preserve={false}>
        <Flex vertical gap={16}>
          <Flex gap={16} wrap align="stretch">
            <Card title={t('campaigns.what')} style={{ flex: '3 1 420px', minWidth: 0, maxWidth: '100%' }}>
              <Form.Item name="name" label={t('campaigns.name')} extra={t('campaigns.nameHelp')} rules={[{ required: true, whitespace: true, message: t('campaigns.needName') }]}>
                <Input count={{ show: true, max: maxName, strategy: length, exceedFormatter: (name, { max }) => cut(name, max) }} autoFocus autoComplete="off" />
              </Form.Item>
              <Form.Item name="template" label={t('campaigns.template')} rules={[{ required: true, message: t('campaigns.needTemplate') }]}>
                <Templates biz={biz} />
              </Form.Item>
              <Variables biz={biz} template={template} />
            </Card>
            <Card title={t('campaigns.message')} style={{ flex: '2 1 320px', minWidth: 0, maxWidth: '100%' }}>
              {template ? <Message biz={biz} template={template} variables={variables} where={where} /> : <Nothing text={t('campaigns.messageNone')} />}
            </Card>
          </Flex>
          <Card title={t('campaigns.where')}>
            <Form.Item name="where" validateStatus="" rules={[{ validator: (_, v: string) => fault(v, whole) }]}>
              <Who biz={biz} onWhole={setWhole} />
            </Form.Item>
            {where.trim() || !whole ? <AudienceSize biz={biz} where={where} whole={whole} /> : <Typography.Text type="secondary">{t('campaigns.sizeNone')}</Typography.Text>}
          </Card>
          {create.error && <Failure error={create.error} />}
          <Flex gap={12} align="center" wrap>
            <Button type="primary" htmlType="submit" loading={create.isPending}>
              {t('campaigns.save')}
            </Button>
            <Button onClick={() => void navigate(-1)}>{t('campaigns.back')}</Button>
            <Typography.Text type="secondary">{t('campaigns.saveHelp')}</Typography.Text>
          </Flex>
        </Flex>
      </Form>
    </Page>
  )
}

/** Form gives a field its value and how to change it. */
function Who({ biz, value = '', onChange, onWhole }: { biz: string; value?: string; onChange?: (text: string) => void; onWhole: (whole: boolean) => void }) {
  return <SegmentEditor biz={biz} value={value} onChange={(text) => onChange?.(text)} onWhole={onWhole} />
}

function Templates({ biz, id, value, onChange }: { biz: string; id?: string; value?: string; onChange?: (template: string) => void }) {
  const { t } = useSpeech()
  const channel = useChannel()
  const list = useQuery({ queryKey: ['templates', biz, 'choices'], queryFn: ({ signal }) => data(api.GET('/v1/{biz}/templates', { params: { path: { biz }, query: { limit: 10_000 } }, signal })) })
  if (list.error) return <Failure error={list.error} retry={() => void list.refetch()} />
  if (list.data && !list.data.items?.length)
    return (
      <Nothing text={t('campaigns.noTemplates')}>
        <Link to={`/${biz}/templates`}>{t('campaigns.makeTemplate')}</Link>
      </Nothing>
    )
  return (
    <Select id={id} value={value} onChange={onChange} loading={list.isPending} showSearch={{ optionFilterProp: 'label' }}
      options={(list.data?.items ?? []).map((x) => ({ value: x.id, label: [x.name, x.id, channel(x.channel)].filter(Boolean).join(' · ') }))} />
  )
}
