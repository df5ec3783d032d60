package secret

// Forms gives every text that a Redactor of these values hides.
func Forms(values ...string) (all []string) {
	for _, v := range values {
		all = append(all, forms(v)...)
	}
	return all
}
