// What is wider or higher than its place scrolls within itself, by keyboard, too.
import { type FocusEvent, type ReactNode, type RefObject, type UIEvent, useEffect, useRef, useState } from 'react'

type Props = {
  label: string
  /** Pixels: what the content needs, and the height that it may take. */
  width: number
  height?: number
  box?: RefObject<HTMLElement | null>
  onScroll?: (e: UIEvent<HTMLElement>) => void
  children: ReactNode
}

/** A stop of the Tab key where there is something to scroll, and none where there is not. */
export function Scrolls({ label, width, height, box: given, onScroll, children }: Props) {
  const own = useRef<HTMLElement>(null)
  const box = given ?? own
  const [over, setOver] = useState(false)
  const kept = useKept(box)
  useEffect(() => {
    const at = box.current
    if (!at) return
    const watch = new ResizeObserver(() => setOver(at.scrollWidth > at.clientWidth || at.scrollHeight > at.clientHeight))
    watch.observe(at)
    if (at.firstElementChild) watch.observe(at.firstElementChild)
    return () => watch.disconnect()
  }, [box])
  return (
    <section ref={box} aria-label={label} tabIndex={over ? 0 : undefined} onScroll={onScroll} {...kept} style={{ overflow: 'auto', overflowAnchor: 'none', maxHeight: height }}>
      <div style={{ minWidth: width }}>{children}</div>
    </section>
  )
}

/** Takes over the focus of what is no longer drawn because it was scrolled away, so that the keys go on scrolling. */
export function useKept(box: RefObject<HTMLElement | null>) {
  const within = useRef(false)
  useEffect(() => {
    if (within.current && document.activeElement === document.body) box.current?.focus({ preventScroll: true })
  })
  return {
    onFocus: (e: FocusEvent) => void (within.current = e.currentTarget.contains(e.target)),
    onBlur: () => void (within.current = false),
  }
}
