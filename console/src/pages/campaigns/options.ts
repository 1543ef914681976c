// What the report's charts draw.
import { tooltip } from '../../ui/tooltip'

type Look = { color: string; quiet: string; back: string; line: string; font: string }

export function ring(parts: { name: string; value: number; label: string; color: string }[], total: string, of: string, look: Look) {
  return {
    tooltip: { ...tooltip(look), trigger: 'item', formatter: (p: { dataIndex: number }) => `${parts[p.dataIndex]?.name}  ${parts[p.dataIndex]?.label}` },
    title: {
      text: total, subtext: of, left: 'center', top: '41%', itemGap: 4,
      textStyle: { color: look.color, fontSize: 22, fontWeight: 600, fontFamily: look.font },
      subtextStyle: { color: look.quiet, fontSize: 13, fontFamily: look.font },
    },
    series: [
      {
        type: 'pie', radius: ['62%', '88%'], label: { show: false }, cursor: 'pointer', minAngle: 2, animationDuration: 300,
        itemStyle: { borderColor: look.back, borderWidth: 2, borderRadius: 4 },
        data: parts.map((p) => ({ name: p.name, value: p.value, itemStyle: { color: p.color } })),
      },
    ],
  }
}

export function bars(rows: { name: string; value: number; label: string }[], color: string, look: Look) {
  const down = [...rows].reverse() // the axis begins below
  return {
    grid: { left: 0, right: 0, top: 4, bottom: 0 },
    xAxis: { type: 'value', show: false, max: (v: { max: number }) => v.max * 1.02 },
    yAxis: { type: 'category', show: false, data: down.map((r) => r.name) },
    series: [
      {
        type: 'bar', barWidth: 10, barMinHeight: 3, cursor: 'default', animationDuration: 300, silent: true,
        itemStyle: { color, borderRadius: 5 }, showBackground: true, backgroundStyle: { color: look.line, opacity: 0.35, borderRadius: 5 },
        data: down.map((r) => r.value),
        label: { show: true, position: [0, -18], color: look.color, fontSize: 13, fontFamily: look.font, formatter: (p: { dataIndex: number }) => `${down[p.dataIndex]?.name}   ${down[p.dataIndex]?.label}` },
      },
    ],
  }
}
