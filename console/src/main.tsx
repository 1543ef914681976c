import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { RouterProvider } from 'react-router'
import './base.css'
import { ApiError } from './api/client'
import { router } from './app/router'
import { SignedIn } from './app/session'
import { Themed } from './app/theme'
import { Speaking } from './i18n'

const client = new QueryClient({
  defaultOptions: {
    queries: {
      // What the server refuses it refuses again; what is away may come back.
      retry: (n, error) => n < 3 && !(error instanceof ApiError && error.status < 500),
      staleTime: 2_000,
    },
  },
})

const root = document.getElementById('root')
if (root)
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={client}>
        <Speaking>
          <Themed>
            <SignedIn>
              <RouterProvider router={router} />
            </SignedIn>
          </Themed>
        </Speaking>
      </QueryClientProvider>
    </StrictMode>,
  )
