import { Alert, Button, Card, Col, Flex, Form, Input, Row, Space, Typography } from 'antd'
import { useState } from 'react'
import { useSearchParams } from 'react-router'
import type { Group } from '../../api/client'
import { useSpeech } from '../../i18n'
import { Check } from './check'
import { IdList } from './idlist'

/** Who is in a group, by id: from the start or from any id on, however many there are. */
export function Members({ biz, g, add }: { biz: string; g: Group; add?: () => void }) {
  const { t } = useSpeech()
  const id = String(g.id)
  const [params, setParams] = useSearchParams()
  const asked = params.get('from') ?? ''
  const from = /^\d{1,20}$/.test(asked) ? asked : ''
  const go = (to: string) =>
    setParams((was) => {
      if (to) was.set('from', to)
      else was.delete('from')
      return was
    }, { replace: true })
  const [seen, setSeen] = useState({ version: String(g.version), empty: String(g.count) === '0' })
  const now = { version: String(g.version), empty: String(g.count) === '0' }
  // What one looks at stays in its place while the group changes; an empty list has nothing to keep.
  if (seen.empty && seen.version !== now.version) setSeen(now)
  return (
    <Flex vertical gap={12}>
      <Row gutter={[12, 12]}>
        <Col xs={24} md={14}>
          <Card size="small" style={{ height: '100%' }}><Check biz={biz} id={id} /></Card>
        </Col>
        <Col xs={24} md={10}>
          <Card size="small" style={{ height: '100%' }}><Jump from={from} go={go} /></Card>
        </Col>
      </Row>
      {seen.version !== now.version && (
        <Alert type="info" showIcon role="status" title={t('groups.moved')} action={<Button size="small" onClick={() => setSeen(now)}>{t('groups.reload')}</Button>} />
      )}
      {from && (
        <Flex gap={8} align="center" wrap>
          <Typography.Text type="secondary">{t('groups.fromId', { id: from })}</Typography.Text>
          <Button size="small" onClick={() => go('')}>{t('groups.fromStart')}</Button>
        </Flex>
      )}
      <IdList key={`${seen.version} ${from}`} biz={biz} group={id} version={seen.version} from={from} go={go} add={add} />
    </Flex>
  )
}

function Jump({ from, go }: { from: string; go: (to: string) => void }) {
  const { t } = useSpeech()
  const [text, setText] = useState(from)
  const wrong = text.trim() !== '' && !/^\d{1,20}$/.test(text.trim())
  return (
    <Form layout="vertical" onFinish={() => !wrong && go(text.trim())}>
      <Form.Item label={t('groups.jump')} htmlFor="jump" validateStatus={wrong ? 'error' : ''} style={{ marginBottom: 0 }}>
        <Space.Compact block>
          <Input id="jump" inputMode="numeric" placeholder={t('groups.jumpHint')} value={text} onChange={(e) => setText(e.target.value)} aria-invalid={wrong} maxLength={20} allowClear />
          <Button htmlType="submit" disabled={wrong}>{t('groups.jumpGo')}</Button>
        </Space.Compact>
      </Form.Item>
    </Form>
  )
}
