// Each word in English and Chinese; {name} is filled in.
export const words = {
  'segments.title': ['Segments', '人群'],
} as const
