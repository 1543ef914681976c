// Who is signed in. The key lives in a cookie that no script can read; the server says whose it is.
import { QueryClientProvider, useQuery, useQueryClient } from '@tanstack/react-query'
import { createContext, lazy, type ReactNode, Suspense, useContext, useEffect, useState } from 'react'
import { ApiError, type Session, signedOut, whoIsSignedIn } from '../api/client'
import { Failure, Loading } from '../ui/states'
import { ranks, type Role } from './page'
import { newClient } from './query'

const SignIn = lazy(async () => ({ default: (await import('../pages/signin')).SignIn }))

const Context = createContext<Session | null>(null)

/** The other tabs of this browser share the cookie: what is signed in or out in one is so in all. */
const tabs = new BroadcastChannel('muster-session')
export const tellOtherTabs = () => tabs.postMessage('changed')

/** Shows the sign-in form until somebody is signed in. */
export function SignedIn({ children }: { children: ReactNode }) {
  const client = useQueryClient()
  const session = useQuery({
    queryKey: ['session'],
    queryFn: whoIsSignedIn,
    retry: (n, e) => !(e instanceof ApiError) && n < 5,
    staleTime: Infinity,
    refetchOnWindowFocus: 'always', // the cookie may have come to its end meanwhile
  })
  useEffect(() => {
    const ask = () => void client.invalidateQueries({ queryKey: ['session'] })
    signedOut.addEventListener('401', ask)
    tabs.addEventListener('message', ask)
    return () => {
      signedOut.removeEventListener('401', ask)
      tabs.removeEventListener('message', ask)
    }
  }, [client])
  if (!session.data) return session.error ? <Failure error={session.error} retry={() => void session.refetch()} /> : <Loading />
  return (
    <Suspense fallback={<Loading />}>
      {session.data.role === 'nobody' ? (
        <SignIn />
      ) : (
        <Own key={session.data.key_id} session={session.data}>
          {children}
        </Own>
      )}
    </Suspense>
  )
}

/** What one key was shown the next is not: each has answers of its own, which go with it. */
function Own({ session, children }: { session: Session; children: ReactNode }) {
  const [client] = useState(newClient)
  return (
    <QueryClientProvider client={client}>
      <Context value={session}>{children}</Context>
    </QueryClientProvider>
  )
}

export function useSession(): Session & { can: (role: Role) => boolean } {
  const session = useContext(Context)
  if (!session) throw new Error('useSession outside of SignedIn')
  return { ...session, can: (role) => ranks[session.role as Role] >= ranks[role] }
}
