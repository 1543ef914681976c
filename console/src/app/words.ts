// Each word in English and Chinese; {name} is filled in.
export const words = {
  'app.signOut': ['Sign out', '退出登录'],
  'app.line': ['Product line', '产品线'],
  'app.language': ['中文', 'English'],
  'app.dark': ['Dark', '深色'],
  'app.light': ['Light', '浅色'],
  'app.viewer': ['Viewer', '只读'],
  'app.operator': ['Operator', '运营'],
  'app.admin': ['Administrator', '管理员'],
  'app.nav': ['Pages', '页面'],
  'app.offline': ['The connection is lost; trying again.', '连接已断开，正在重试。'],
  'app.retry': ['Try again', '重试'],
  'app.more': ['Load more', '加载更多'],
  'app.notFound': ['There is no such page.', '没有这个页面。'],
} as const
