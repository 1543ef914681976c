// Each word in English and Chinese; {name} is filled in.
export const words = {
  'users.title': ['Users', '用户'],
} as const
