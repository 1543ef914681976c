import { useQuery } from '@tanstack/react-query'
import { api, data } from './client'

/** How far the read model is, looked at every few seconds. */
export const useProjections = () => useQuery({ queryKey: ['projections'], queryFn: () => data(api.GET('/v1/projections')), refetchInterval: 3_000 })
