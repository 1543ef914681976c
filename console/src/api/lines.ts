import { useQuery } from '@tanstack/react-query'
import { api, data } from './client'

/** The product lines that the key is for. */
export const useLines = () => useQuery({ queryKey: ['lines'], queryFn: () => data(api.GET('/v1')), staleTime: 60_000 })
