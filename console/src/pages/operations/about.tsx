import type { Event } from '../../api/client'
import { useSpeech } from '../../i18n'
import { named } from '../../i18n/words'

/** What an event is about, in words. */
export function About({ event: e }: { event: Event }) {
  const { t } = useSpeech()
  const kind = named('operations.k', e.aggregate)
  return (
    <span title={`${e.aggregate}.${e.aggregate_id}`} style={{ overflowWrap: 'anywhere' }}>
      {kind ? t(kind) : e.aggregate} {e.aggregate_id}
    </span>
  )
}
