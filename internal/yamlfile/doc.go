// Package yamlfile reads the YAML files that people write: one document, no larger
// and no deeper than its kind may be, and everything that is wrong with its place.
// What the keys mean is the business of whoever reads the tree.
package yamlfile
