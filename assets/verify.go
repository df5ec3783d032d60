package assets

import "context"

// Report is how a release and the bucket compare.
type Report struct {
	Files    []File   `json:"files"`
	Bytes    int64    `json:"bytes"`
	Excluded int      `json:"excluded"` // files that stay in the image
	Missing  []string `json:"missing"`  // keys that the bucket lacks, or has with another size
}

// Verify compares a release with the bucket's keys and trusts no manifest.
func (b *Bucket) Verify(ctx context.Context, src Source) (Report, error) {
	found, err := b.Files(ctx, src)
	if err != nil {
		return Report{}, err
	}
	stored, err := b.stored(ctx)
	if err != nil {
		return Report{}, err
	}
	r := Report{Files: found.Files, Bytes: sum(found.Files), Excluded: found.Excluded, Missing: []string{}}
	for _, f := range found.Files {
		if size, there := stored[f.Key]; !there || size != f.Size {
			r.Missing = append(r.Missing, f.Key)
		}
	}
	return r, nil
}
