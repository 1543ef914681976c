import { TeamOutlined } from '@ant-design/icons'
import type { PageOf } from '../../app/page'

export default {
  path: 'groups',
  title: 'groups.title',
  icon: <TeamOutlined />,
  role: 'viewer',
  routes: [
    { path: 'groups', lazy: async () => ({ Component: (await import('./index')).Groups }) },
    { path: 'groups/imports', lazy: async () => ({ Component: (await import('./imports')).Imports }) },
    { path: 'groups/:id', lazy: async () => ({ Component: (await import('./one')).OneGroup }) },
  ],
} satisfies PageOf
