import { Tag } from 'antd'
import { useSpeech } from '../i18n'
import { named } from '../i18n/words'

const colors: Record<string, string> = {
  ready: 'success', completed: 'success', sent: 'success', building: 'processing', freezing: 'processing', sending: 'processing',
  failed: 'error', paused: 'warning', unknown: 'warning', skipped: 'warning',
}

/** What something is up to, in words and not in colour alone. */
export function Status({ of }: { of: string }) {
  const { t } = useSpeech()
  const word = named('status', of)
  return <Tag color={colors[of] ?? 'default'}>{word ? t(word) : of}</Tag>
}
