import { useParams } from 'react-router'
import { Page } from '../../ui/page'

export function OneUser() {
  const { user = '' } = useParams()
  return <Page title={user}>{null}</Page>
}
