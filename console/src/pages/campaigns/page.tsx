import { NotificationOutlined } from '@ant-design/icons'
import type { PageOf } from '../../app/page'

export default {
  path: 'campaigns',
  title: 'campaigns.title',
  icon: <NotificationOutlined />,
  role: 'viewer',
  routes: [
    { path: 'campaigns', lazy: async () => ({ Component: (await import('./index')).Campaigns }) },
    { path: 'campaigns/new', lazy: async () => ({ Component: (await import('./new')).NewCampaign }) },
    { path: 'campaigns/:id', lazy: async () => ({ Component: (await import('./one')).OneCampaign }) },
  ],
} satisfies PageOf
