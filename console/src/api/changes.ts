// The stream mostly says that something changed; what it is now is asked for again, at most twice a second.
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { useStream } from './live'

/** Asks again for everything under these keys ([key, biz, ...]) whenever something happens. */
export function useLive(biz: string, keys: readonly string[]): void {
  const client = useQueryClient()
  const due = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(due.current), [])
  useStream(() => {
    due.current ??= setTimeout(() => {
      due.current = undefined
      for (const key of keys) void client.invalidateQueries({ queryKey: [key, biz] })
    }, 500)
  })
}
