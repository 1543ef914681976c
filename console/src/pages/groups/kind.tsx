// The words for what a group is and when it ends.
import { Typography } from 'antd'
import type { Group } from '../../api/client'
import { useSpeech } from '../../i18n'
import { named } from '../../i18n/words'

export function Kind({ of }: { of: Pick<Group, 'kind' | 'subkind'> }) {
  const { t } = useSpeech()
  const word = named('groups.kind', of.subkind || of.kind)
  return <>{word ? t(word) : [of.kind, of.subkind].filter(Boolean).join(' · ')}</>
}

const day = 86_400_000
const soon = 7 // days

/** When a group ends, and how soon where that is soon. */
export function Expiry({ of, brief }: { of: Pick<Group, 'expires_at' | 'status'>; brief?: boolean }) {
  const { t, time, language } = useSpeech()
  if (!of.expires_at) return <Typography.Text type="secondary">{t('groups.never')}</Typography.Text>
  const days = Math.round((new Date(of.expires_at).getTime() - Date.now()) / day)
  const near = of.status !== 'archived' && days <= soon && days >= 0
  const words = new Intl.RelativeTimeFormat(language === 'zh' ? 'zh-CN' : 'en', { numeric: 'auto' }).format(days, 'day')
  return (
    <Typography.Text strong={near} title={time(of.expires_at)}>
      {near ? (brief ? words : `${words} (${short(of.expires_at, language)})`) : short(of.expires_at, language)}
    </Typography.Text>
  )
}

/** A day, without the time. */
export function short(iso: string, language: string): string {
  return new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en', { dateStyle: 'medium' }).format(new Date(iso))
}
