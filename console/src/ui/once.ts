// What is sent again because its answer was lost is done once.
import { useState } from 'react'
import { once } from '../api/client'
import { isRefusal } from './patience'

type Header = ReturnType<typeof once>

/** The header for a change: the same for the same change, and anew once the server refused it, since its cause may be gone. */
export type Once = { header: (change: unknown) => Header; failed: (error: unknown) => void }

export function newOnce(): Once {
  let last: { change: string; header: Header } | undefined
  return {
    header: (change) => {
      const said = JSON.stringify(change)
      if (last?.change !== said) last = { change: said, header: once() }
      return last.header
    },
    failed: (error) => {
      if (isRefusal(error)) last = undefined
    },
  }
}

/** The changes of one form. */
export function useOnce(): Once {
  return useState(newOnce)[0]
}
