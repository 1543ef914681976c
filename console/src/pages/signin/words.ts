// Each word in English and Chinese; {name} is filled in.
export const words = {
  'signin.title': ['Sign in to Muster', '登录 Muster'],
  'signin.key': ['API key', 'API 密钥'],
  'signin.help': ['An administrator makes keys with: muster keys create. The first one is in the data directory, in admin.key.', '密钥由管理员创建：muster keys create。第一个密钥在数据目录的 admin.key 中。'],
  'signin.submit': ['Sign in', '登录'],
  'signin.wrong': ['This key is not valid.', '密钥无效。'],
} as const
