import { FileTextOutlined } from '@ant-design/icons'
import type { PageOf } from '../../app/page'

export default {
  path: 'templates',
  title: 'templates.title',
  icon: <FileTextOutlined />,
  role: 'viewer',
  routes: [
    { path: 'templates', lazy: async () => ({ Component: (await import('./index')).Templates }) },
  ],
} satisfies PageOf
