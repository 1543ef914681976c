// Who is signed in. The key lives in a cookie that no script can read; the server says whose it is.
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { createContext, lazy, type ReactNode, Suspense, useContext, useEffect } from 'react'
import { ApiError, api, data, type Session, signedOut } from '../api/client'
import { Failure, Loading } from '../ui/states'
import { ranks, type Role } from './page'


const SignIn = lazy(async () => ({ default: (await import('../pages/signin')).SignIn }))

const Context = createContext<Session | null>(null)

/** Shows the sign-in form until somebody is signed in. */
export function SignedIn({ children }: { children: ReactNode }) {
  const client = useQueryClient()
  const session = useQuery({ queryKey: ['session'], queryFn: () => data(api.GET('/v1/session')), retry: (n, e) => !(e instanceof ApiError) && n < 5, staleTime: Infinity })
  useEffect(() => {
    const out = () => void client.invalidateQueries({ queryKey: ['session'] })
    signedOut.addEventListener('401', out)
    return () => signedOut.removeEventListener('401', out)
  }, [client])
  if (session.isPending) return <Loading />
  if (session.error) return <Failure error={session.error} retry={() => void session.refetch()} />
  if (session.data.role === 'nobody') 
    return (
      <Suspense fallback={<Loading />}>
        <SignIn />
      </Suspense>
    )
  return <Context value={session.data}>{children}</Context>
}

export function useSession(): Session & { can: (role: Role) => boolean } {
  const session = useContext(Context)
  if (!session) throw new Error('useSession outside of SignedIn')
  return { ...session, can: (role) => ranks[session.role as Role] >= ranks[role] }
}
