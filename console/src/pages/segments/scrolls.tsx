import type { ReactNode } from 'react'

/** What is wider than the screen scrolls within itself, by keyboard, too. */
export function Scrolls({ label, width, children }: { label: string; width: number; children: ReactNode }) {
  return (
    <section aria-label={label} tabIndex={0} style={{ overflowX: 'auto' }}>
      <div style={{ minWidth: width }}>{children}</div>
    </section>
  )
}
