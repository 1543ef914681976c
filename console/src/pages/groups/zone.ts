import { useLines } from '../../api/lines'

/** The time zone of a product line; the browser's until it is known. */
export function useZone(biz: string): string {
  const line = useLines().data?.items?.find((l) => l.biz === biz)
  return line?.timezone || Intl.DateTimeFormat().resolvedOptions().timeZone
}
