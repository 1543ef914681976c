import { CheckCircleFilled } from '@ant-design/icons'
import { Card, Col, Flex, Row, theme, Typography } from 'antd'
import { Link } from 'react-router'
import type { Totals } from '../../api/client'
import { useSpeech } from '../../i18n'

/** Whether a product line lacks what a first campaign needs. */
export const isNew = (of: Totals) => Number(of.campaigns) === 0 && (Number(of.users) === 0 || Number(of.groups) === 0 || Number(of.templates) === 0)

export function FirstSteps({ biz, of }: { biz: string; of: Totals }) {
  const { t } = useSpeech()
  const { token } = theme.useToken()
  const steps = [
    { to: 'groups/imports?what=users', title: t('overview.stepUsers'), what: t('overview.stepUsersWhat'), done: Number(of.users) > 0 },
    { to: 'groups', title: t('overview.stepGroup'), what: t('overview.stepGroupWhat'), done: Number(of.groups) > 0 },
    { to: 'templates', title: t('overview.stepTemplate'), what: t('overview.stepTemplateWhat'), done: Number(of.templates) > 0 },
  ]
  return (
    <Card title={t('overview.first')}>
      <Typography.Paragraph>{t('overview.firstWhat')}</Typography.Paragraph>
      <Row gutter={[16, 16]}>
        {steps.map((s, i) => (
          <Col key={s.to} xs={24} md={8}>
            <Card size="small" style={{ height: '100%' }}>
              <Flex gap={12} align="start">
                {s.done ? (
                  <CheckCircleFilled style={{ fontSize: 24, color: token.colorSuccess }} aria-label={t('overview.stepDone')} />
                ) : (
                  <Typography.Text strong style={{ fontSize: 20, lineHeight: '24px', color: token.colorPrimary }} aria-hidden="true">{i + 1}</Typography.Text>
                )}
                <Flex vertical gap={4}>
                  <Link to={`/${biz}/${s.to}`}>{s.title}</Link>
                  <Typography.Text type="secondary">{s.what}</Typography.Text>
                </Flex>
              </Flex>
            </Card>
          </Col>
        ))}
      </Row>
    </Card>
  )
}
