package projections

import "slices"

// TablesOf are the tables that a projection fills and a rebuild of it makes anew; none for a name that cannot be rebuilt.
func TablesOf(name string) []string {
	for _, p := range append(eventProjections(&env{}), &deliveriesProjection{}) {
		if p.name() == name {
			return slices.Clone(p.tables())
		}
	}
	return nil
}
