import { FileTextOutlined } from '@ant-design/icons'
import type { PageOf } from '../../app/page'

export default {
  path: 'templates',
  title: 'templates.title',
  icon: <FileTextOutlined />,
  role: 'viewer',
  routes: [
    { path: 'templates', lazy: async () => ({ Component: (await import('./index')).Templates }) },
    // No template can have an id with a plus in it.
    { path: 'templates/+new', lazy: async () => ({ Component: (await import('./one')).NewTemplate }) },
    { path: 'templates/:id', lazy: async () => ({ Component: (await import('./one')).OneTemplate }) },
  ],
} satisfies PageOf
