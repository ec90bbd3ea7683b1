package route

// Nodes returns the number of nodes below the two roots.
func (t *Table) Nodes() int { return t.v4.count() + t.v6.count() - 2 }

func (n *node) count() int {
	sum := 1
	for i := range n.nodes {
		sum += n.nodes[i].count()
	}
	return sum
}
