// How templates are asked for. One is kept under 'one' and its id, so that no id is taken for a list.
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query'
import { api, data, type Template } from '../../api/client'

export function templateOf(biz: string, id: string) {
  return queryOptions<Template>({
    queryKey: ['templates', biz, 'one', id],
    enabled: id !== '',
    queryFn: ({ signal }) => data(api.GET('/v1/{biz}/templates/{id}', { params: { path: { biz, id } }, signal })),
  })
}

export const useTemplate = (biz: string, id: string) => useQuery(templateOf(biz, id))

/** What a user would get; without texts what the template says. */
export type Wanted = { id: string; user: string; data?: Record<string, string>; page?: string; variables: Readonly<Record<string, string>> }

export function filledOf(biz: string, { id, user, ...body }: Wanted) {
  return queryOptions({
    queryKey: ['templates', biz, 'filled', id, user, body],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => data(api.POST('/v1/{biz}/templates/{id}:preview', { params: { path: { biz, id } }, body: { user_id: user, ...body }, signal })),
  })
}
