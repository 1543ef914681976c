import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Form, Input, Modal, Radio } from 'antd'
import { useNavigate } from 'react-router'
import { api, data, type Group, once } from '../../api/client'
import { useSpeech } from '../../i18n'
import { Failure } from '../../ui/states'

type Fields = { name: string; identity: 'user' | 'phone' }

export function NewGroup({ biz, close }: { biz: string; close: () => void }) {
  const { t } = useSpeech()
  const client = useQueryClient()
  const navigate = useNavigate()
  const [form] = Form.useForm<Fields>()
  const create = useMutation({
    mutationFn: (f: Fields) =>
      data(
        api.POST('/v1/{biz}/groups', {
          params: { path: { biz }, query: { wait: '10s' }, header: once() },
          body: { name: f.name, kind: 'file', subkind: 'upload', identity: f.identity },
        }),
      ),
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: ['groups', biz] })
      const id = (made as unknown as Partial<Group>).id
      if (id) void navigate(`/${biz}/groups/${id}`)
      else close()
    },
  })
  return (
    <Modal open title={t('groups.new')} okText={t('groups.create')} onCancel={close} onOk={form.submit} confirmLoading={create.isPending} destroyOnHidden>
      <Form form={form} layout="vertical" initialValues={{ identity: 'user' }} onFinish={create.mutate} requiredMark={false}>
        <Form.Item name="name" label={t('groups.name')} rules={[{ required: true, whitespace: true, message: t('groups.name') }]}>
          <Input maxLength={200} autoFocus />
        </Form.Item>
        <Form.Item name="identity" label={t('groups.identity')}>
          <Radio.Group options={[{ value: 'user', label: t('groups.user') }, { value: 'phone', label: t('groups.phone') }]} />
        </Form.Item>
        {create.error && <Failure error={create.error} />}
      </Form>
    </Modal>
  )
}
