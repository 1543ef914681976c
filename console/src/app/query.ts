import { QueryClient } from '@tanstack/react-query'
import { ApiError } from '../api/client'

// What the stream does not tell of, and others change: whoever comes back to the page asks for it again.
const untold = ['settings', 'keys', 'lines']

/** What was asked, and how it is asked. */
export function newClient(): QueryClient {
  const client = new QueryClient({
    defaultOptions: {
      queries: {
        // What the server refuses it refuses again; what is away may come back.
        retry: (n, error) => n < 3 && !(error instanceof ApiError && error.status < 500),
        staleTime: 2_000,
        refetchOnWindowFocus: false, // the stream says what changed meanwhile
        refetchOnReconnect: false, // and opens anew
        networkMode: 'offlineFirst', // a server on this machine answers without a network
      },
      // A click that cannot reach the server fails; it does not come true when the network is back.
      mutations: { networkMode: 'always' },
    },
  })
  for (const key of untold) client.setQueryDefaults([key], { refetchOnWindowFocus: true })
  return client
}
