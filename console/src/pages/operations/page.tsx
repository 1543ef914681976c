import { ToolOutlined } from '@ant-design/icons'
import type { PageOf } from '../../app/page'

export default {
  path: 'operations',
  title: 'operations.title',
  icon: <ToolOutlined />,
  role: 'admin',
  routes: [
    { path: 'operations', lazy: async () => ({ Component: (await import('./index')).Operations }) },
  ],
} satisfies PageOf
