// The names of groups and tags, and the search for them.
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query'
import { ApiError, api, data, type Group, type Tag } from '../../api/client'
import { useSettled } from '../../ui/settled'

const long = 60_000 // milliseconds that a name is taken to be the same

/** Groups whose name or id has this in it, the newest first; all while there is nothing typed. */
export function useGroupsFound(biz: string, typed: string) {
  const search = useSettled(typed.trim(), 250)
  const query = { limit: 50, ...(search !== '' && { search }) }
  return useQuery({
    queryKey: ['groups', biz, 'found', search],
    queryFn: async ({ signal }) => (await data(api.GET('/v1/{biz}/groups', { params: { path: { biz }, query }, signal }))).items ?? [],
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  })
}

export function groupNamed(biz: string, id: string) {
  return queryOptions<Group>({
    queryKey: ['groups', biz, 'named', id],
    queryFn: ({ signal }) => data(api.GET('/v1/{biz}/groups/{id}', { params: { path: { biz, id } }, signal })),
    enabled: id !== '',
    staleTime: long,
  })
}

/** Whether the server says that there is no such thing; other errors say nothing about that. */
export const isGone = (e: Error) => e instanceof ApiError && e.status === 404

export function useGroup(biz: string, id: string) {
  return useQuery(groupNamed(biz, id))
}

/** All tags, as far as one answer goes; who knows an id beyond them can still say it. */
export function useTags(biz: string) {
  return useQuery<Tag[]>({
    queryKey: ['tags', biz, 'all'],
    queryFn: async ({ signal }) => (await data(api.GET('/v1/{biz}/tags', { params: { path: { biz }, query: { limit: 9_999 } }, signal }))).items ?? [],
    staleTime: long,
  })
}
