// What the audit log is searched for, as it stands in the address.
export const kinds = ['biz', 'group', 'upload', 'tag', 'template', 'campaign', 'audience', 'key', 'settings'] as const
export const systemKinds = ['key', 'settings'] as const

export const types = [
  'biz.defined', 'group.created', 'group.resolve_requested', 'group.rebuild_requested', 'group.members_changed', 'group.failed', 'group.archived',
  'upload.started', 'upload.rejected', 'upload.completed', 'upload.abandoned', 'upload.ids', 'upload.phones', 'upload.users', 'upload.tags', 'upload.orders', 'upload.unmatched',
  'tag.named', 'template.defined', 'campaign.created', 'campaign.launched', 'campaign.audience_frozen', 'campaign.paused', 'campaign.resumed', 'campaign.cancelled',
  'campaign.failed', 'campaign.completed', 'audience.started', 'audience.range', 'command.refused', 'command.noop',
] as const
export const systemTypes = ['key.created', 'key.revoked', 'settings.changed', 'command.refused', 'command.noop'] as const

export type Filters = { system: boolean; kind: string; id: string; type: string; actor: string; since: string; until: string }

export function filtersOf(params: URLSearchParams): Filters {
  const [kind = '', id = ''] = (params.get('aggregate') ?? '').split('.')
  const at = (name: string) => params.get(name) ?? ''
  return { system: at('scope') === 'system', kind, id, type: at('type'), actor: at('actor'), since: at('since'), until: at('until') }
}

export function paramsOf(f: Filters): Record<string, string> {
  const all = { scope: f.system ? 'system' : '', aggregate: f.kind && f.id ? `${f.kind}.${f.id}` : f.kind, type: f.type, actor: f.actor, since: f.since, until: f.until }
  return { tab: 'audit', ...Object.fromEntries(Object.entries(all).filter(([, v]) => v)) }
}

export const noFilters: Filters = { system: false, kind: '', id: '', type: '', actor: '', since: '', until: '' }
