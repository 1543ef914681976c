// Whether the work of a consumer moves.
import type { LogConsumer } from '../../api/client'

export type Verdict = 'idle' | 'working' | 'retrying' | 'still' | 'unattended'

const long = 10 * 60_000 // milliseconds

export function verdict(c: Pick<LogConsumer, 'pending' | 'in_hand' | 'redelivered' | 'waiting' | 'last_at' | 'oldest_at'>, now = Date.now()): Verdict {
  const [pending, inHand] = [Number(c.pending), Number(c.in_hand)]
  const older = (iso: string | undefined) => !iso || now - Date.parse(iso) > long
  if (pending + inHand === 0) return 'idle'
  if (pending > 0 && inHand === 0 && c.waiting === 0) return 'unattended'
  if (Number(c.redelivered) > 0) return 'retrying'
  // What is in hand may be long work, such as a campaign; what waits is to be handed out.
  if (pending > 0 && older(c.oldest_at) && older(c.last_at)) return 'still'
  return 'working'
}

export const isStuck = (v: Verdict): v is 'retrying' | 'still' | 'unattended' => v === 'retrying' || v === 'still' || v === 'unattended'
