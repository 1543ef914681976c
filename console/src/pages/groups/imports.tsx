import { DownloadOutlined } from '@ant-design/icons'
import { Alert, Breadcrumb, Button, Card, Flex, Grid, Segmented, Table, Typography } from 'antd'
import { Link, useSearchParams } from 'react-router'
import { useSession } from '../../app/session'
import { useBiz } from '../../app/shell'
import { useSpeech } from '../../i18n'
import type { Word } from '../../i18n/words'
import { Page } from '../../ui/page'
import { UploadArea, UploadState, useUpload } from '../../ui/upload'

type What = { columns: { name: string; need?: boolean; means: Word }[]; note: Word; example: string }

const all = {
  users: {
    columns: [
      { name: 'user_id', need: true, means: 'groups.col.user_id' },
      { name: 'phone', means: 'groups.col.phone' },
      { name: 'openid', means: 'groups.col.openid' },
      { name: 'tags', means: 'groups.col.tags' },
      { name: 'attributes', means: 'groups.col.attributes' },
    ],
    note: 'groups.imports.usersNote',
    example: 'user_id,phone,openid,tags,attributes\n1001,13800000001,oUpF8uMuAJO_M2pxb1Q9zNjWeS6o,"1,7","{""name"":""Li Lei""}"\n1002,13800000002,,,\n',
  },
  tags: {
    columns: [
      { name: 'user_id', need: true, means: 'groups.col.user_id' },
      { name: 'tag_id', need: true, means: 'groups.col.tag_id' },
      { name: 'op', means: 'groups.col.op' },
    ],
    note: 'groups.imports.tagsNote',
    example: 'user_id,tag_id,op\n1001,7,add\n1002,7,\n1002,3,remove\n',
  },
  orders: {
    columns: [
      { name: 'order_id', need: true, means: 'groups.col.order_id' },
      { name: 'user_id', need: true, means: 'groups.col.user_id' },
      { name: 'paid_at', need: true, means: 'groups.col.paid_at' },
      { name: 'product_id', means: 'groups.col.product_id' },
      { name: 'product_group_id', means: 'groups.col.product_group_id' },
      { name: 'amount', means: 'groups.col.amount' },
      { name: 'status', means: 'groups.col.status' },
    ],
    note: 'groups.imports.ordersNote',
    example: 'order_id,user_id,paid_at,product_id,product_group_id,amount,status\nA-2026-0001,1001,2026-03-01 12:30:00,501,5,99.90,paid\nA-2026-0002,1002,2026-03-02T04:00:00Z,502,5,15,\n',
  },
} satisfies Record<string, What>

type Target = keyof typeof all
const targets = Object.keys(all) as Target[]

/** Where users, tags and orders come from: files. */
export function Imports() {
  const { t } = useSpeech()
  const { can } = useSession()
  const biz = useBiz()
  const [params, setParams] = useSearchParams()
  const target = targets.find((one) => one === params.get('what')) ?? 'users'
  const upload = useUpload()
  const choose = (to: Target) => {
    upload.reset()
    setParams({ what: to }, { replace: true })
  }
  return (
    <Flex vertical gap={8}>
      <Breadcrumb items={[{ title: <Link to={`/${biz}/groups`}>{t('groups.title')}</Link> }, { title: t('groups.imports') }]} />
      <Page title={t('groups.imports')}>
        <Typography.Text type="secondary">{t('groups.importsWhat')}</Typography.Text>
        <Segmented<Target> aria-label={t('groups.importWhat')} value={target} disabled={upload.busy} onChange={choose} style={{ alignSelf: 'flex-start' }}
          options={targets.map((one) => ({ value: one, label: t(`groups.imports.${one}`) }))} />
        {can('operator') ? (
          <UploadArea upload={upload} label={t(`groups.imports.${target}`)} hint={t('groups.imports.hint')} way={{ biz, url: `/v1/${encodeURIComponent(biz)}/${target}:import` }} />
        ) : (
          <Alert type="info" showIcon title={t('groups.imports.viewer')} />
        )}
        <UploadState upload={upload} />
        <Explained target={target} />
      </Page>
    </Flex>
  )
}

function Explained({ target }: { target: Target }) {
  const { t } = useSpeech()
  const narrow = !(Grid.useBreakpoint().sm ?? true)
  const what: What = all[target]
  const href = `data:text/csv;charset=utf-8,${encodeURIComponent(what.example)}`
  return (
    <>
      <Card size="small" title={t('groups.imports.columns')}>
        <Flex vertical gap={12}>
          <Typography.Text>{t(what.note)}</Typography.Text>
          <Table size="small" rowKey="name" pagination={false} dataSource={what.columns}
            columns={[
              { title: t('groups.imports.column'), width: narrow ? 120 : 170, render: (_, c) => <code style={{ overflowWrap: 'anywhere' }}>{c.name}</code> },
              { title: t('groups.imports.need'), width: 80, render: (_, c) => (c.need ? <Typography.Text strong>{t('groups.imports.yes')}</Typography.Text> : <Typography.Text type="secondary">{t('groups.imports.no')}</Typography.Text>) },
              { title: t('groups.imports.means'), render: (_, c) => t(c.means) },
            ]} />
        </Flex>
      </Card>
      <Card size="small" title={t('groups.imports.example')} extra={<Button size="small" icon={<DownloadOutlined />} href={href} download={`${target}.csv`}>{t('groups.imports.save')}</Button>}>
        <pre style={{ margin: 0, overflowX: 'auto' }} tabIndex={0} aria-label={t('groups.imports.example')}>{what.example}</pre>
      </Card>
    </>
  )
}
