import { theme } from 'antd'
import type { Ending } from './read'

/** A colour for each outcome; beside it always stands its name. */
export function useColors(): Record<Ending, string> {
  const { token } = theme.useToken()
  return { sent: token.colorSuccess, failed: token.colorError, skipped: token.gold, unknown: token.purple, pending: token.colorTextQuaternary }
}
