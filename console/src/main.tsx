import { QueryClientProvider } from '@tanstack/react-query'
import { lazy, StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import './base.css'
import { Boundary } from './app/boundary'
import { newClient } from './app/query'
import { SignedIn } from './app/session'
import { Themed } from './app/theme'
import { Speaking } from './i18n'

// Who has yet to sign in does not wait for it.
const Frame = lazy(async () => ({ default: (await import('./app/frame')).Frame }))

const client = newClient() // knows who is signed in; what they may see is elsewhere

const root = document.getElementById('root')
if (root)
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={client}>
        <Speaking>
          <Themed>
            <Boundary>
              <SignedIn>
                <Frame />
              </SignedIn>
            </Boundary>
          </Themed>
        </Speaking>
      </QueryClientProvider>
    </StrictMode>,
  )
