import { FilterOutlined } from '@ant-design/icons'
import type { PageOf } from '../../app/page'

export default {
  path: 'segments',
  title: 'segments.title',
  icon: <FilterOutlined />,
  role: 'viewer',
  routes: [
    { path: 'segments', lazy: async () => ({ Component: (await import('./index')).Segments }) },
  ],
} satisfies PageOf
