import { UserOutlined } from '@ant-design/icons'
import type { PageOf } from '../../app/page'

export default {
  path: 'users',
  title: 'users.title',
  icon: <UserOutlined />,
  role: 'viewer',
  routes: [
    { path: 'users', lazy: async () => ({ Component: (await import('./index')).Users }) },
    { path: 'users/:user', lazy: async () => ({ Component: (await import('./one')).OneUser }) },
  ],
} satisfies PageOf
