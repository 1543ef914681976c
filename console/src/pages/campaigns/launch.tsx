// The one question before a campaign goes out: to how many, by which way, and what it says.
import { useQuery } from '@tanstack/react-query'
import { Alert, Descriptions, Flex, Spin, theme } from 'antd'
import { api, type Campaign, data } from '../../api/client'
import { useSpeech } from '../../i18n'
import { Dialog } from '../../ui/dialog'
import { Failure } from '../../ui/states'
import { useTemplate } from '../templates/read'
import { useChannel } from './channel'
import { Message } from './message'

export function Launch({ biz, campaign, launch, close }: { biz: string; campaign: Campaign; launch: () => void; close: () => void }) {
  const { t, number } = useSpeech()
  const { token } = theme.useToken()
  const channel = useChannel()
  const template = useTemplate(biz, campaign.template)
  const count = useQuery({
    queryKey: ['count', biz, campaign.text, 'now'],
    gcTime: 0, // asked anew each time: it is what the launch would find now
    queryFn: ({ signal }) => data(api.POST('/v1/{biz}/segments:count', { params: { path: { biz } }, body: { where: campaign.text }, signal })),
  })
  const users = String(count.data?.count ?? '')
  return (
    <Dialog centered width={820} title={t('campaigns.launchAsk')} okText={t('campaigns.launch')} cancelText={t('campaigns.keep')} onOk={launch} onCancel={close}
      okButtonProps={{ disabled: !count.isSuccess }}>
      <Flex gap={24} wrap align="start">
        <Flex vertical gap={16} style={{ flex: '1 1 320px', minWidth: 0 }}>
          {count.isPending && (
            <Flex gap={8} align="center" role="status">
              <Spin size="small" />
              {t('campaigns.counting')}
            </Flex>
          )}
          {count.error && <Failure error={count.error} retry={() => void count.refetch()} />}
          {count.data && users === '0' && <Alert type="warning" showIcon title={t('campaigns.launchNobody')} />}
          {count.data && users !== '0' && <Alert type="info" showIcon title={<strong>{t('campaigns.launchTo', { n: number(users) })}</strong>} />}
          <Descriptions column={1} size="small" styles={{ label: { color: token.colorTextSecondary } }}
            items={[
              { key: 'name', label: t('campaigns.name'), children: <span style={{ overflowWrap: 'anywhere' }}>{campaign.name}</span> },
              { key: 'channel', label: t('campaigns.channel'), children: channel(template.data?.channel ?? campaign.channel) },
              { key: 'where', label: t('campaigns.where'), children: <code style={{ overflowWrap: 'anywhere' }}>{campaign.text}</code> },
            ]} />
        </Flex>
        <div style={{ flex: '1 1 300px', minWidth: 0, maxWidth: 380 }}>
          <Message biz={biz} template={campaign.template} variables={campaign.variables ?? {}} where={campaign.text} />
        </div>
      </Flex>
    </Dialog>
  )
}
