// Each word in English and Chinese; {name} is filled in.
export const words = {
  'operations.title': ['Operations', '运维'],
  'operations.rebuild': ['Rebuild', '重建'],
  'operations.rebuilding': ['Rebuilding', '重建中'],
  'operations.position': ['Position', '位置'],
  'operations.lag': ['Behind', '落后'],
  'operations.stream': ['Stream', '流'],
} as const
