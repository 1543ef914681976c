// The line of messages per second; with its library it is loaded after the page.
import { theme } from 'antd'
import { LineChart } from 'echarts/charts'
import { use } from 'echarts/core'
import { useMemo } from 'react'
import { useSpeech } from '../../i18n'
import Chart from '../../ui/chart'
import { tooltip } from '../../ui/tooltip'
import { shown } from './meter'

use([LineChart])

export default function Rate({ line }: { line: (number | null)[] }) {
  const { t, number } = useSpeech()
  const { token } = theme.useToken()
  const known = line.filter((v) => v !== null)
  const label = t('overview.chart', { n: number(Math.round(known.at(-1) ?? 0)), peak: number(Math.round(Math.max(0, ...known))) })
  const option = useMemo(() => {
    const text = { color: token.colorTextSecondary, fontSize: 12 }
    return {
      animation: false,
      grid: { left: 8, right: 16, top: 12, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
      tooltip: {
        ...tooltip({ color: token.colorText, back: token.colorBgElevated, line: token.colorBorder, font: token.fontFamily }), trigger: 'axis',
        formatter: (p: { dataIndex: number; value: number | null }[]) =>
          p[0] ? `${t('overview.secondsAgo', { n: shown - p[0].dataIndex })}: ${p[0].value === null ? '–' : t('overview.rate', { n: number(Math.round(p[0].value)) })}` : '',
      },
      xAxis: {
        type: 'category', boundaryGap: false, data: line.map((_, i) => shown - i), axisTick: { show: false }, axisLine: { lineStyle: { color: token.colorBorder } },
        axisLabel: { ...text, interval: 29, alignMaxLabel: 'right', alignMinLabel: 'left', formatter: (v: string) => (v === '0' ? t('overview.sendsNow') : t('overview.secondsAgo', { n: v })) },
      },
      yAxis: { type: 'value', min: 0, minInterval: 1, splitNumber: 3, axisLabel: { ...text, formatter: (v: number) => number(v) }, splitLine: { lineStyle: { color: token.colorSplit } } },
      series: [{ type: 'line', data: line, showSymbol: false, lineStyle: { color: token.colorPrimary, width: 2 }, itemStyle: { color: token.colorPrimary }, areaStyle: { color: token.colorPrimary, opacity: 0.12 } }],
    }
  }, [line, token, t, number])
  return <Chart height={200} label={label} option={option} />
}
