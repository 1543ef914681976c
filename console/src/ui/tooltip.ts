type Look = { color: string; back: string; line: string; font: string }

/** How charts show tooltips: as SVG text. ECharts' other kind is HTML, in which a name could be read as markup. */
export const tooltip = (look: Look) => ({
  renderMode: 'richText' as const, confine: true,
  backgroundColor: look.back, borderColor: look.line, textStyle: { color: look.color, fontFamily: look.font, fontSize: 13 },
})
