import { QueryClient } from '@tanstack/react-query'
import { ApiError } from '../api/client'

/** What was asked, and how it is asked. */
export const newClient = () =>
  new QueryClient({
    defaultOptions: {
      queries: {
        // What the server refuses it refuses again; what is away may come back.
        retry: (n, error) => n < 3 && !(error instanceof ApiError && error.status < 500),
        staleTime: 2_000,
        networkMode: 'offlineFirst', // a server on this machine answers without a network
      },
      // A click that cannot reach the server fails; it does not come true when the network is back.
      mutations: { networkMode: 'always' },
    },
  })
