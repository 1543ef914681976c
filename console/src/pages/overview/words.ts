// Each word in English and Chinese; {name} is filled in.
export const words = {
  'overview.title': ['Overview', '概览'],
  'overview.running': ['Campaigns under way', '进行中的活动'],
  'overview.none': ['No campaign is under way.', '没有进行中的活动。'],
  'overview.projections': ['Read model', '读模型'],
  'overview.current': ['Up to date', '已是最新'],
  'overview.behind': ['{n} events behind', '落后 {n} 个事件'],
  'overview.attention': ['Needs attention', '需要处理'],
  'overview.fine': ['Nothing needs attention.', '一切正常。'],
  'overview.stopped': ['The projection {name} stands still: {why}', '投影 {name} 已停止：{why}'],
  'overview.failedGroup': ['The group “{name}” failed: {why}', '群组“{name}”失败：{why}'],
} as const
