// The words for what a group is and when it ends.
import { theme } from 'antd'
import type { Group } from '../../api/client'
import { useSpeech } from '../../i18n'
import { formats } from '../../i18n/units'
import { named } from '../../i18n/words'
import { dayOf, daysUntil } from './day'
import { useZone } from '../../api/lines'

export function Kind({ of }: { of: Pick<Group, 'kind' | 'subkind'> }) {
  const { t } = useSpeech()
  const word = named('groups.kind', of.subkind || of.kind)
  return <>{word ? t(word) : [of.kind, of.subkind].filter(Boolean).join(' · ')}</>
}

const soon = 7 // days

/** When a group ends, and how soon where that is soon. */
export function Expiry({ biz, of, brief }: { biz: string; of: Pick<Group, 'expires_at' | 'status'>; brief?: boolean }) {
  const { t, time, language } = useSpeech()
  const { token } = theme.useToken()
  const zone = useZone(biz)
  if (!of.expires_at) return <span style={{ color: token.colorTextSecondary }}>{t('groups.never')}</span>
  const { date, relative } = formats[language]
  const on = date.format(new Date(`${dayOf(Date.parse(of.expires_at), zone)}T00:00`))
  const days = daysUntil(of.expires_at, zone)
  if (of.status === 'archived' || days > soon || days < 0) return <span title={time(of.expires_at)}>{on}</span>
  const words = relative.format(days, 'day')
  return <strong title={time(of.expires_at)}>{brief ? words : `${words} (${on})`}</strong>
}
