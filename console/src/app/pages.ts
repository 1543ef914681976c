// Every page, in the order of the navigation: a new one adds its folder here and its words in i18n/words.ts.
import campaigns from '../pages/campaigns/page'
import groups from '../pages/groups/page'
import operations from '../pages/operations/page'
import overview from '../pages/overview/page'
import segments from '../pages/segments/page'
import templates from '../pages/templates/page'
import users from '../pages/users/page'
import type { PageOf } from './page'

export const pages: PageOf[] = [overview, groups, segments, campaigns, templates, users, operations]
