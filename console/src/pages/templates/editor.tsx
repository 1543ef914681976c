// The form of a template with its preview beside it.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Alert, App, Button, Card, Col, Flex, Form, Grid, Input, Radio, Row, theme, Typography } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { useNavigate } from 'react-router'
import { ApiError, api, data, type Template } from '../../api/client'
import { useSpeech } from '../../i18n'
import { useLeaveGuard } from '../../ui/leave'
import { made } from '../../ui/decided'
import { useOnce } from '../../ui/once'
import { Failure } from '../../ui/states'
import { bodyOf, dataOf, type Draft, draftOf, faults, maxName, same } from './draft'
import { names } from './fill'
import { type Caret, Keywords } from './keywords'
import { Preview, type Sample, useUser } from './preview'
import { templateOf } from './read'
import { Doubtful, useFaults } from './say'
import { Variables } from './variables'

type Props = {
  biz: string
  start: Draft
  /** The template as the server has it now; none while it is being made. */
  latest?: Template
}

// Rows keep their own distance, which errors and hints between them do not eat.
const flat = { marginBottom: 0 }

export function Editor({ biz, start, latest }: Props) {
  const { t } = useSpeech()
  const { token } = theme.useToken()
  const { hold } = useFaults()
  const { message } = App.useApp()
  const client = useQueryClient()
  const navigate = useNavigate()
  const [form] = Form.useForm<Draft>()
  const caret = useRef<Caret>(undefined)
  const [base, setBase] = useState({ draft: start, seq: String(latest?.seq ?? '') })
  const [sample, setSample] = useState<Sample>({ user: '', values: {} })
  const draft: Draft = { ...start, ...Form.useWatch([], { form, preserve: true }) }
  const making = !latest
  const dirty = making ? !same(draft, start) : !same(draft, base.draft)
  const leaving = useLeaveGuard(dirty)
  const user = useUser(biz, sample.user)

  const once = useOnce() // the same change is made once, however often one tries

  const asking = useRef<AbortController>(undefined)
  useEffect(() => () => asking.current?.abort(), [])
  const written = (): Draft => ({ ...start, ...(form.getFieldsValue(true) as Draft) })
  const rest = (on: Template) => setBase({ draft: draftOf(on), seq: String(on.seq) })
  const load = (of: Template) => {
    form.setFieldsValue(draftOf(of))
    rest(of)
  }
  const save = useMutation({
    mutationFn: async (d: Draft) => {
      const body = bodyOf(d)
      // What was made or changed meanwhile by somebody else is not replaced.
      const known = making ? { 'If-None-Match': '*' } : { 'If-Match': `"${base.seq}"` }
      const answer = await data(api.PUT('/v1/{biz}/templates/{id}', { params: { path: { biz, id: d.id }, query: { wait: '10s' }, header: { ...once.header([d.id, known, body]), ...known } }, body }))
      asking.current = new AbortController()
      const { signal } = asking.current
      const read = (min_seq: string) => data(api.GET('/v1/{biz}/templates/{id}', { params: { path: { biz, id: d.id }, query: { min_seq } }, signal }))
      return made<Template>(answer, read, signal, () => void message.info(t('templates.savedLate', { id: d.id })))
    },
    onSuccess: (template, d) => {
      const { id } = d
      client.setQueryData(templateOf(biz, id).queryKey, template)
      void client.invalidateQueries({ queryKey: ['templates', biz] })
      void message.success(t('templates.saved', { id }))
      if (making) {
        leaving.allow()
        void navigate(`/${biz}/templates/${id}`, { replace: true })
      } else if (same(written(), d)) load(template)
      else rest(template) // somebody went on writing meanwhile
    },
    onError: (e) => {
      once.failed(e)
      const late = e instanceof ApiError && e.status === 412
      if (late) void client.invalidateQueries({ queryKey: ['templates', biz] })
      const errors = late && making ? [{ field: 'id', message: t('templates.taken') }] : e instanceof ApiError ? (e.problem.errors ?? []) : []
      for (const { field, message } of errors) {
        const name = place(field ?? '', form.getFieldsValue(true))
        if (name) form.setFields([{ name, errors: [message] }])
      }
      const first = errors.map((x) => place(x.field ?? '', form.getFieldsValue(true))).find(Boolean)
      if (first) form.scrollToField(first, { block: 'center', focus: true })
    },
  })
  const known = save.error instanceof ApiError && save.error.problem.errors?.every((x) => place(x.field ?? '', draft))
  const theirs = latest && BigInt(latest.seq) > BigInt(base.seq) && !save.isPending ? latest : undefined
  useEffect(() => {
    if (theirs && !dirty) load(theirs)
  })

  const insert = (name: string) => {
    const at = caret.current
    const row = at?.row ?? draft.rows.length - 1
    if (row < 0) return
    const was = draft.rows[row]?.text ?? ''
    const from = at?.input.selectionStart ?? was.length
    const to = at?.input.selectionEnd ?? from
    form.setFieldValue(['rows', row, 'text'], `${was.slice(0, from)}{{${name}}}${was.slice(to)}`)
    void form.validateFields([['rows', row, 'text']]).catch(() => {})
    const after = from + name.length + 4
    requestAnimationFrame(() => {
      at?.input.focus()
      at?.input.setSelectionRange(after, after)
    })
  }

  const wechat = draft.channel === 'wechat'
  const beside = Grid.useBreakpoint().xl ?? true
  const used = names(draft.rows.map((r) => r?.text ?? ''))
  return (
    <Row gutter={[24, 24]}>
      {leaving.dialog}
      <Col xs={24} xl={14}>
        <Form form={form} name="template" layout="vertical" initialValues={start} requiredMark={false} onFinish={() => save.mutate(written())} scrollToFirstError={{ block: 'center', focus: true }}>
          <Flex vertical gap={16}>
            <Card>
              <Flex vertical gap={20}>
                {making && (
                  <Form.Item style={flat} name="id" label={t('templates.id')} extra={t('templates.idHelp')} rules={[hold(faults.id)]}>
                    <Input autoFocus maxLength={64} spellCheck={false} autoComplete="off" placeholder="order-ready" />
                  </Form.Item>
                )}
                <Form.Item style={flat} name="name" label={t('templates.name')} extra={t('templates.nameHelp')} rules={[hold(faults.name)]}>
                  <Input count={{ max: maxName }} />
                </Form.Item>
                <Form.Item style={flat} name="channel" label={t('templates.channel')}>
                  <Radio.Group options={[{ value: 'wechat', label: t('templates.wechatLong') }, { value: 'webhook', label: t('templates.webhook') }]} />
                </Form.Item>
                {wechat ? (
                  <>
                    <Form.Item style={flat} name="provider_template_id" label={t('templates.provider')} extra={t('templates.providerHelp')} rules={[hold(faults.provider)]}>
                      <Input spellCheck={false} autoComplete="off" />
                    </Form.Item>
                    <Form.Item style={flat} name="page" label={t('templates.page')} rules={[hold(faults.page)]}
                      extra={t('templates.pageHelp')}>
                      <Input spellCheck={false} autoComplete="off" placeholder="pages/index" />
                    </Form.Item>
                  </>
                ) : (
                  <Form.Item style={flat} name="url" label={t('templates.url')} rules={[hold(faults.url)]}
                    extra={/^http:/i.test(draft.url.trim()) ? <Doubtful>{t('templates.plain')}</Doubtful> : t('templates.urlHelp')}>
                    <Input type="url" spellCheck={false} autoComplete="off" placeholder="https://example.com/messages" />
                  </Form.Item>
                )}
              </Flex>
            </Card>
            <Card title={<h2 style={{ fontSize: 'inherit', margin: 0 }}>{t(wechat ? 'templates.keywords' : 'templates.fields')}</h2>}>
              <Flex vertical gap={20}>
                <Keywords form={form} channel={draft.channel} rows={draft.rows} caret={caret} />
                <Variables known={[...used, ...Object.keys(user.data?.attributes ?? {})]} insert={insert} />
              </Flex>
            </Card>
            <Flex vertical gap={12} style={{ position: 'sticky', bottom: 0, zIndex: 2, paddingBlock: 12, background: token.colorBgLayout }}>
              {theirs && dirty && (
                <Alert type="warning" showIcon role="alert"
                  title={
                    <Flex gap={8} wrap align="center">
                      <span style={{ flex: '1 1 220px' }}>{t('templates.theirs')}</span>
                      <Button onClick={() => (save.reset(), load(theirs))}>{t('templates.loadTheirs')}</Button>
                      <Button onClick={() => (save.reset(), rest(theirs))}>{t('templates.keepMine')}</Button>
                    </Flex>
                  } />
              )}
              {save.error && !known && !theirs && <Failure error={save.error} />}
              <Flex gap={12} align="center" wrap>
                <Button type="primary" htmlType="submit" loading={save.isPending} disabled={!making && (!dirty || !!theirs)}>
                  {t(making ? 'templates.create' : 'templates.save')}
                </Button>
                {!making && dirty && latest && <Button onClick={() => (save.reset(), load(latest))}>{t('templates.discard')}</Button>}
                {!making && <Typography.Text type="secondary">{t(dirty ? 'templates.changed' : 'templates.unchanged')}</Typography.Text>}
              </Flex>
            </Flex>
          </Flex>
        </Form>
      </Col>
      <Col xs={24} xl={10}>
        <Card title={<h2 style={{ fontSize: 'inherit', margin: 0 }}>{t('templates.preview')}</h2>} style={beside ? { position: 'sticky', top: 16 } : undefined} styles={beside ? { body: { maxHeight: 'calc(100vh - 90px)', overflowY: 'auto' } } : undefined}>
          <Preview biz={biz} sample={sample} change={setSample} template={{ ...draft, data: dataOf(draft.rows) }} />
        </Card>
      </Col>
    </Row>
  )
}

/** Where a field that the server names stands in the form. */
function place(field: string, d: Draft): keyof Draft | ['rows', number, 'text'] | undefined {
  if (field.startsWith('data.')) {
    const row = d.rows.findIndex((r) => r?.key === field.slice(5))
    return row < 0 ? undefined : ['rows', row, 'text']
  }
  const shown = d.channel === 'webhook' ? ['id', 'name', 'channel', 'url'] : ['id', 'name', 'channel', 'provider_template_id', 'page']
  return shown.includes(field) ? (field as keyof Draft) : undefined
}
