import { Button, Card, Col, Descriptions, Flex, Row, Table, theme, Typography } from 'antd'
import { useState } from 'react'
import { Link, Navigate, useParams, useSearchParams } from 'react-router'
import type { Template } from '../../api/client'
import { useLive } from '../../api/changes'
import { useSession } from '../../app/session'
import { useBiz } from '../../app/shell'
import { useSpeech } from '../../i18n'
import { cut } from '../../ui/cut'
import { Page } from '../../ui/page'
import { Scrolls } from '../../ui/scrolls'
import { Failure, Loading } from '../../ui/states'
import { blank, draftOf, maxName } from './draft'
import { Editor } from './editor'
import { Preview, type Sample } from './preview'
import { useTemplate } from './read'

export function OneTemplate() {
  const { t, time } = useSpeech()
  const { can } = useSession()
  const biz = useBiz()
  const id = useParams().id ?? ''
  useLive(biz, ['templates'], ['template'])
  const template = useTemplate(biz, id)
  if (template.isPending) return <Loading />
  if (!template.data) return <Page title={id}>{template.error && <Failure error={template.error} retry={() => void template.refetch()} />}</Page>
  const it = template.data
  const change = can('operator')
  return (
    <Page
      title={it.name || it.id}
      actions={
        change && (
          <Link to={`/${biz}/templates/+new?copy=${encodeURIComponent(id)}`}>
            <Button tabIndex={-1}>{t('templates.copy')}</Button>
          </Link>
        )
      }
    >
      <Flex gap="4px 16px" wrap>
        <Typography.Text code copyable={{ text: id }} style={{ overflowWrap: 'anywhere' }}>
          {id}
        </Typography.Text>
        <Typography.Text type="secondary">{`${t('templates.updated')}: ${time(it.updated_at)}`}</Typography.Text>
        {change && <Typography.Text type="secondary">{t('templates.launched')}</Typography.Text>}
      </Flex>
      {change ? <Editor key={`${biz}/${id}`} biz={biz} start={draftOf(it)} latest={it} /> : <Facts biz={biz} template={it} />}
    </Page>
  )
}

export function NewTemplate() {
  const { t } = useSpeech()
  const biz = useBiz()
  const [search] = useSearchParams()
  const { can } = useSession()
  const copy = search.get('copy') ?? ''
  const from = useTemplate(biz, copy)
  if (!can('operator')) return <Navigate to={`/${biz}/templates`} replace />
  if (copy && from.isPending) return <Loading />
  const start = copy && from.data ? { ...draftOf(from.data), id: '', name: from.data.name ? cut(t('templates.copied', { id: from.data.name }), maxName) : '' } : blank
  return (
    <Page title={t('templates.new')}>
      {from.error && <Failure error={from.error} />}
      <Editor key={`${biz}/${copy}`} biz={biz} start={start} />
    </Page>
  )
}

/** What a template is, for those who may not change it. */
function Facts({ biz, template }: { biz: string; template: Template }) {
  const { t, time } = useSpeech()
  const { token } = theme.useToken()
  const [sample, setSample] = useState<Sample>({ user: '', values: {} })
  const wechat = template.channel === 'wechat'
  const said = (s?: string) => <span style={{ overflowWrap: 'anywhere' }}>{s || '–'}</span>
  return (
    <Row gutter={[24, 24]}>
      <Col xs={24} xl={14}>
        <Flex vertical gap={16}>
          <Card>
            <Descriptions
              column={1}
              styles={{ label: { color: token.colorTextSecondary } }}
              items={[
                { key: 'channel', label: t('templates.channel'), children: t(wechat ? 'templates.wechatLong' : 'templates.webhook') },
                ...(wechat
                  ? [
                      { key: 'provider', label: t('templates.provider'), children: said(template.provider_template_id) },
                      { key: 'page', label: t('templates.page'), children: said(template.page) },
                    ]
                  : [{ key: 'url', label: t('templates.url'), children: said(template.url) }]),
                { key: 'created', label: t('templates.created'), children: time(template.created_at) },
              ]}
            />
          </Card>
          <Scrolls label={t('templates.content')} width={480}>
            <Table
              size="middle"
              pagination={false}
              rowKey="key"
              dataSource={draftOf(template).rows}
              columns={[
                { title: t(wechat ? 'templates.key' : 'templates.field'), width: 180, render: (_, r) => <Typography.Text code>{r.key}</Typography.Text> },
                { title: t('templates.textHere'), render: (_, r) => said(r.text) },
              ]}
            />
          </Scrolls>
        </Flex>
      </Col>
      <Col xs={24} xl={10}>
        <Card title={<h2 style={{ fontSize: 'inherit', margin: 0 }}>{t('templates.preview')}</h2>}>
          <Preview biz={biz} template={template} sample={sample} change={setSample} />
        </Card>
      </Col>
    </Row>
  )
}
