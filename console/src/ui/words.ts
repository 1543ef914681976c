// Each word in English and Chinese; {name} is filled in.
export const words = {
  'status.building': ['Building', '构建中'],
  'status.ready': ['Ready', '就绪'],
  'status.failed': ['Failed', '失败'],
  'status.archived': ['Archived', '已归档'],
  'status.freezing': ['Gathering users', '正在圈定用户'],
  'status.sending': ['Sending', '发送中'],
  'status.paused': ['Paused', '已暂停'],
  'status.cancelled': ['Cancelled', '已取消'],
  'status.completed': ['Completed', '已完成'],
  'status.created': ['Draft', '草稿'],
  'status.sent': ['Sent', '已发送'],
  'status.skipped': ['Skipped', '已跳过'],
  'status.unknown': ['Unknown', '未知'],
  'status.pending': ['Pending', '待发送'],
} as const
