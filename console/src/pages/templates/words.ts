// Each word in English and Chinese; {name} is filled in.
export const words = {
  'templates.title': ['Templates', '模板'],
} as const
