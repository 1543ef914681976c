// What the server says of a segment: asked once the text stands still, and no longer once it has changed.
import { useQuery } from '@tanstack/react-query'
import { api, data } from '../../api/client'

export function useCount(biz: string, where: string) {
  return useQuery({
    queryKey: ['count', biz, where],
    enabled: where !== '',
    queryFn: ({ signal }) => data(api.POST('/v1/{biz}/segments:count', { params: { path: { biz } }, body: { where }, signal })),
  })
}

export function useExplained(biz: string, where: string) {
  return useQuery({
    queryKey: ['explain', biz, where],
    enabled: where !== '',
    queryFn: ({ signal }) => data(api.POST('/v1/{biz}/segments:explain', { params: { path: { biz } }, body: { where }, signal })),
  })
}

export function useSample(biz: string, where: string, limit: number) {
  return useQuery({
    queryKey: ['sample', biz, where, limit],
    enabled: where !== '',
    queryFn: ({ signal }) => data(api.POST('/v1/{biz}/segments:sample', { params: { path: { biz }, query: { limit } }, body: { where }, signal })),
  })
}
