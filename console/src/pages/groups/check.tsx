import { CheckCircleFilled, CloseCircleFilled } from '@ant-design/icons'
import { useMutation } from '@tanstack/react-query'
import { Button, Flex, Form, Input, Space, theme, Typography } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import { api, data } from '../../api/client'
import { useSpeech } from '../../i18n'
import { Failure } from '../../ui/states'

const most = 10_000 // ids that are checked at once
const shown = 20 // of those that are not members

/** Whether a user, or which of several, are in a group. */
export function Check({ biz, id }: { biz: string; id: string }) {
  const { t } = useSpeech()
  const [text, setText] = useState('')
  const [wrong, setWrong] = useState(false)
  const check = useMutation({
    mutationFn: (users: string[]) => data(api.POST('/v1/{biz}/groups/{id}/members:check', { params: { path: { biz, id } }, body: { users } })),
  })
  const ask = () => {
    const users = text.split(/[\s,;，；、]+/).filter(Boolean)
    const bad = users.length === 0 || users.length > most || users.some((u) => !/^\d{1,20}$/.test(u) || BigInt(u) >= 2n ** 64n)
    setWrong(bad)
    if (bad) check.reset()
    else check.mutate(users)
  }
  return (
    <Form layout="vertical" onFinish={ask}>
      <Form.Item label={t('groups.checkIds')} htmlFor="check" validateStatus={wrong ? 'error' : ''} help={wrong ? t('groups.checkBad') : undefined} style={{ marginBottom: 0 }}>
        <Space.Compact block>
          <Input id="check" placeholder={t('groups.checkHint')} value={text} onChange={(e) => (setText(e.target.value), setWrong(false), check.reset())} allowClear />
          <Button htmlType="submit" loading={check.isPending} disabled={!text.trim()}>{t('groups.check')}</Button>
        </Space.Compact>
      </Form.Item>
      {check.data && <Answer biz={biz} members={(check.data.members ?? []).map(String)} others={(check.data.others ?? []).map(String)} />}
      {check.error && <div style={{ marginTop: 8 }}><Failure error={check.error} /></div>}
    </Form>
  )
}

function Answer({ biz, members, others }: { biz: string; members: string[]; others: string[] }) {
  const { t, number } = useSpeech()
  const { token } = theme.useToken()
  const all = members.length + others.length
  const icon = others.length === 0 ? <CheckCircleFilled style={{ color: token.colorSuccess }} aria-hidden /> : <CloseCircleFilled style={{ color: token.colorTextSecondary }} aria-hidden />
  const one = members[0] ?? others[0] ?? ''
  return (
    <Flex vertical gap={4} role="status" style={{ marginTop: 8 }}>
      <Flex gap={8}>
        {all === 1 || others.length === 0 ? icon : null}
        {all === 1 ? <Link to={`/${biz}/users/${one}`}>{t(members.length ? 'groups.isIn' : 'groups.isOut', { id: one })}</Link> : t('groups.someIn', { n: number(members.length), all: number(all) })}
      </Flex>
      {all > 1 && others.length > 0 && (
        <Typography.Text type="secondary" style={{ overflowWrap: 'anywhere' }}>
          {t('groups.others', { ids: others.slice(0, shown).join(', ') + (others.length > shown ? ', …' : '') })}
        </Typography.Text>
      )}
    </Flex>
  )
}
