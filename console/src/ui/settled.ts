import { useEffect, useState } from 'react'

/** A value that stands still for a moment before anybody is asked about it. */
export function useSettled<T>(value: T, ms = 400): T {
  const [settled, settle] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => settle(value), ms)
    return () => clearTimeout(timer)
  }, [value, ms])
  return settled
}
