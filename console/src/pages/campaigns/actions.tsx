// What an operator may do with a campaign, and what is asked before.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { App, Button } from 'antd'
import { useEffect, useState } from 'react'
import { useNavigate } from 'react-router'
import { api, type Campaign, data, once } from '../../api/client'
import { useSession } from '../../app/session'
import { useSpeech } from '../../i18n'
import { Launch } from './launch'
import { campaignKey, underWay } from './read'
import { isNews, type Known } from './status'

export type Act = 'launch' | 'pause' | 'resume' | 'cancel'

/** Tells the server; the answer says what became of it. Its error is of the campaign as it was known then, and no longer one once there is news. */
export function useAct(biz: string, id: string, known: Known) {
  const { t } = useSpeech()
  const client = useQueryClient()
  const { message } = App.useApp()
  const act = useMutation({
    onMutate: () => known,
    mutationFn: (what: Act) => {
      const params = { path: { biz, id }, query: { wait: '10s' }, header: once() }
      if (what === 'launch') return data(api.POST('/v1/{biz}/campaigns/{id}:launch', { params }))
      if (what === 'pause') return data(api.POST('/v1/{biz}/campaigns/{id}:pause', { params }))
      if (what === 'resume') return data(api.POST('/v1/{biz}/campaigns/{id}:resume', { params }))
      return data(api.POST('/v1/{biz}/campaigns/{id}:cancel', { params }))
    },
    onSuccess: (_, what) => void message.success(t(`campaigns.done.${what}`)),
    onSettled: () => client.invalidateQueries({ queryKey: campaignKey(biz, id) }),
  })
  const { reset } = act
  const past = act.isError && isNews(known, act.context)
  useEffect(() => {
    if (past) reset()
  }, [past, reset])
  return act
}

type Props = { biz: string; campaign: Campaign; status: string; /** Who waits, once the audience is known. */ pending?: string; act: ReturnType<typeof useAct> }

export function Actions({ biz, campaign, status, pending, act }: Props) {
  const { t, number } = useSpeech()
  const { can } = useSession()
  const navigate = useNavigate()
  const { modal } = App.useApp()
  const [asking, ask] = useState(false)
  if (!can('operator')) return null
  const says = (what: 'pause' | 'resume' | 'cancel') => (pending === undefined ? t(`campaigns.${what}Early`) : t(`campaigns.${what}Help`, { n: number(pending) }))
  const sure = (what: 'pause' | 'resume' | 'cancel', content: string) =>
    void modal.confirm({
      title: t(`campaigns.${what}Ask`), content, okText: t(`campaigns.${what}`), cancelText: t('campaigns.keep'),
      okButtonProps: { danger: what === 'cancel' }, onOk: () => act.mutate(what),
    })
  const doing = (what: Act) => act.isPending && act.variables === what
  const going = underWay.includes(status)
  return (
    <>
      <Button onClick={() => void navigate(`/${biz}/campaigns/new?copy=${campaign.id}`)}>{t('campaigns.copy')}</Button>
      {(going || status === 'created') && (
        <Button danger loading={doing('cancel')} disabled={act.isPending} onClick={() => sure('cancel', status === 'created' ? t('campaigns.cancelDraft') : says('cancel'))}>
          {t('campaigns.cancel')}
        </Button>
      )}
      {going && status !== 'paused' && (
        <Button loading={doing('pause')} disabled={act.isPending} onClick={() => sure('pause', says('pause'))}>
          {t('campaigns.pause')}
        </Button>
      )}
      {status === 'paused' && (
        <Button type="primary" loading={doing('resume')} disabled={act.isPending} onClick={() => sure('resume', says('resume'))}>
          {t('campaigns.resume')}
        </Button>
      )}
      {status === 'created' && (
        <Button type="primary" loading={doing('launch')} disabled={act.isPending} onClick={() => ask(true)}>
          {t('campaigns.launch')}
        </Button>
      )}
      {asking && (
        <Launch biz={biz} campaign={campaign} close={() => ask(false)}
          launch={() => {
            ask(false)
            act.mutate('launch')
          }} />
      )}
    </>
  )
}
