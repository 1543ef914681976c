// One chart, drawn as SVG and as wide as its place. The page says what kinds it draws (`use`), and loads it
// with its library only when there is something to draw.
import { AriaComponent, GridComponent, TooltipComponent } from 'echarts/components'
import { type EChartsCoreOption, init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import { useEffect, useRef } from 'react'

use([AriaComponent, GridComponent, TooltipComponent, SVGRenderer])

type Props = { option: EChartsCoreOption; height: number; /** What it shows, in words. */ label: string; onClick?: (name: string) => void }

export default function Chart({ option, height, label, onClick }: Props) {
  const place = useRef<HTMLDivElement>(null)
  const chart = useRef<ReturnType<typeof init>>(undefined)
  const clicked = useRef(onClick)
  useEffect(() => {
    clicked.current = onClick
  })
  useEffect(() => {
    if (!place.current) return
    const c = init(place.current, undefined, { renderer: 'svg' })
    chart.current = c
    c.on('click', (e) => clicked.current?.(e.name))
    const sized = new ResizeObserver(() => c.resize())
    sized.observe(place.current)
    return () => {
      sized.disconnect()
      c.dispose()
      chart.current = undefined
    }
  }, [])
  useEffect(() => {
    chart.current?.setOption({ ...option, aria: { enabled: true, label: { description: label } } })
  }, [option, label])
  return <div ref={place} role="img" aria-label={label} style={{ width: '100%', height }} />
}
