// The line of messages per second; with its library it is loaded after the page.
import { theme } from 'antd'
import { LineChart } from 'echarts/charts'
import { AriaComponent, GridComponent, TooltipComponent } from 'echarts/components'
import * as echarts from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import { useEffect, useRef } from 'react'
import { useSpeech } from '../../i18n'
import { shown } from './meter'

echarts.use([LineChart, GridComponent, TooltipComponent, AriaComponent, SVGRenderer])

export default function Chart({ line }: { line: (number | null)[] }) {
  const { t, number } = useSpeech()
  const { token } = theme.useToken()
  const at = useRef<HTMLDivElement>(null)
  const chart = useRef<echarts.ECharts>(undefined)
  useEffect(() => {
    if (!at.current) return
    const made = echarts.init(at.current, null, { renderer: 'svg' })
    chart.current = made
    const watch = new ResizeObserver(() => made.resize())
    watch.observe(at.current)
    return () => {
      watch.disconnect()
      made.dispose()
    }
  }, [])
  const known = line.filter((v) => v !== null)
  const label = t('overview.chart', { n: number(Math.round(known.at(-1) ?? 0)), peak: number(Math.round(Math.max(0, ...known))) })
  useEffect(() => {
    const text = { color: token.colorTextSecondary, fontSize: 12 }
    chart.current?.setOption({
      animation: false,
      aria: { enabled: true, label: { description: label } },
      grid: { left: 8, right: 16, top: 12, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
      tooltip: {
        trigger: 'axis', backgroundColor: token.colorBgElevated, borderColor: token.colorBorder, textStyle: { color: token.colorText },
        formatter: (p: { dataIndex: number; value: number | null }[]) =>
          p[0] && p[0].value !== null ? `${t('overview.secondsAgo', { n: shown - p[0].dataIndex })}: ${t('overview.rate', { n: number(Math.round(p[0].value)) })}` : '',
      },
      xAxis: {
        type: 'category', boundaryGap: false, data: line.map((_, i) => shown - i), axisTick: { show: false }, axisLine: { lineStyle: { color: token.colorBorder } },
        axisLabel: { ...text, interval: 29, alignMaxLabel: 'right', alignMinLabel: 'left', formatter: (v: string) => (v === '0' ? t('overview.sendsNow') : t('overview.secondsAgo', { n: v })) },
      },
      yAxis: { type: 'value', min: 0, minInterval: 1, splitNumber: 3, axisLabel: { ...text, formatter: (v: number) => number(v) }, splitLine: { lineStyle: { color: token.colorSplit } } },
      series: [{ type: 'line', data: line, showSymbol: false, lineStyle: { color: token.colorPrimary, width: 2 }, itemStyle: { color: token.colorPrimary }, areaStyle: { color: token.colorPrimary, opacity: 0.12 } }],
    })
  }, [line, label, token, t, number])
  return <div ref={at} role="img" aria-label={label} style={{ width: '100%', height: 200 }} />
}
