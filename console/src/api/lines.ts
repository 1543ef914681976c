import { useQuery } from '@tanstack/react-query'
import { api, data } from './client'

/** The product lines that the key is for. */
export const useLines = () => useQuery({ queryKey: ['lines'], queryFn: () => data(api.GET('/v1')), staleTime: 60_000 })

/** The time zone of a product line; the browser's where it has none. */
export function useZone(biz: string): string {
  const line = useLines().data?.items?.find((l) => l.biz === biz)
  return line?.timezone || Intl.DateTimeFormat().resolvedOptions().timeZone
}
