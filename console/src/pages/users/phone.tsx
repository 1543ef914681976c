// A phone number, masked until somebody asks to see it.
import { EyeInvisibleOutlined, EyeOutlined } from '@ant-design/icons'
import { Button, Space, Typography } from 'antd'
import { useState } from 'react'
import { useSpeech } from '../../i18n'
import { masked } from './mask'

export function Phone({ of }: { of?: string }) {
  const { t } = useSpeech()
  const [shown, show] = useState(false)
  if (!of) return <Typography.Text type="secondary">{t('users.none')}</Typography.Text>
  const hidden = masked(of)
  if (!shown)
    return (
      <Button type="link" size="small" style={{ paddingInline: 0 }} icon={<EyeOutlined />} iconPlacement="end"
        aria-label={t('users.showPhone', { masked: hidden })} onClick={() => show(true)}>
        {hidden}
      </Button>
    )
  return (
    <Space size={4}>
      <Copied text={of} />
      <Button type="text" size="small" icon={<EyeInvisibleOutlined />} title={t('users.hidePhone')} aria-label={t('users.hidePhone')} onClick={() => show(false)} />
    </Space>
  )
}

/** Text with a button that copies it. */
export function Copied({ text }: { text: string }) {
  const { t } = useSpeech()
  return (
    <Typography.Text style={{ overflowWrap: 'anywhere' }} copyable={{ text, tooltips: [t('users.copy'), t('users.copied')] }}>
      {text}
    </Typography.Text>
  )
}
