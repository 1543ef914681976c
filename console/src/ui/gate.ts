// A double click is one click.
import { useState } from 'react'

/** Starts what it is given, unless what it started last is still under way. */
export type Gate = (start: () => Promise<unknown>) => void

export function newGate(): Gate {
  let busy = false
  return (start) => {
    if (busy) return
    busy = true
    const free = () => {
      busy = false
    }
    start().then(free, free) // whoever starts it says what failed
  }
}

/** The gate of one form. */
export function useGate(): Gate {
  return useState(newGate)[0]
}
