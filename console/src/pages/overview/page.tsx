import { DashboardOutlined } from '@ant-design/icons'
import type { PageOf } from '../../app/page'

export default {
  path: 'overview',
  title: 'overview.title',
  icon: <DashboardOutlined />,
  role: 'viewer',
  routes: [
    { path: 'overview', lazy: async () => ({ Component: (await import('./index')).Overview }) },
  ],
} satisfies PageOf
