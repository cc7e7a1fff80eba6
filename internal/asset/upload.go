package asset

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Chunk is how many bytes one piece of a resumable upload may have.
const Chunk = 4 << 20

// Upload is a file that arrives in pieces and can be gone on with after a break, for a day.
type Upload struct {
	WorkspaceID string    `db:"workspace_id"`
	ID          string    `db:"id"`
	UserID      string    `db:"user_id"`
	BrandID     string    `db:"brand_id"`
	Name        string    `db:"name"`
	Bytes       int64     `db:"bytes"`    // announced
	Received    int64     `db:"received"` // so far: where the next piece begins
	CreatedAt   time.Time `db:"created_at"`
}

const uploadColumns = `workspace_id, id, user_id, brand_id, name, bytes, received, created_at`

// Begin announces a file.
func (l *Library) Begin(ctx context.Context, actor workspace.Actor, brandID, name string, bytes int64) (Upload, error) {
	if err := actor.MayOwn(workspace.AssetUpload, workspace.Scope{BrandID: brandID}, true); err != nil {
		return Upload{}, err
	}
	if err := workspace.Belong(ctx, l.db, actor.WorkspaceID, workspace.ABrand, brandID); err != nil {
		return Upload{}, err
	}
	if bytes <= 0 {
		return Upload{}, fault.Invalidf("file", "the file is empty")
	}
	if bytes > Largest {
		return Upload{}, fault.Invalidf("file", "the file has %d MB, the limit is %d MB", bytes>>20, Largest>>20).WithCode("file_too_large")
	}
	u := Upload{WorkspaceID: actor.WorkspaceID, ID: id.New("up"), UserID: actor.UserID, BrandID: brandID, Name: cleanName(name), Bytes: bytes, CreatedAt: db.Now()}
	open, err := db.One[int](ctx, l.db, `select count(*) from uploads where workspace_id = $1 and user_id = $2`, actor.WorkspaceID, actor.UserID)
	if err != nil {
		return u, err
	}
	if open >= 100 {
		return u, fault.Conflictf("100 of your uploads are unfinished").WithHint("Finish or cancel some; unfinished ones are removed after a day.")
	}
	_, err = db.Exec(ctx, l.db, `insert into uploads (`+uploadColumns+`) values ($1, $2, $3, $4, $5, $6, 0, $7)`, u.WorkspaceID, u.ID, u.UserID, u.BrandID, u.Name, u.Bytes, u.CreatedAt)
	return u, err
}

// Upload tells how far an upload of the actor's own is.
func (l *Library) Upload(ctx context.Context, actor workspace.Actor, uploadID string) (Upload, error) {
	u, err := db.One[Upload](ctx, l.db, `select `+uploadColumns+` from uploads where workspace_id = $1 and id = $2 and user_id = $3`, actor.WorkspaceID, uploadID, actor.UserID)
	if fault.Is(err, fault.NotFound) {
		return u, fault.NotFoundf("this upload is finished, cancelled or older than a day")
	}
	return u, err
}

// Append takes the piece that begins at offset, at most Chunk bytes. A piece that begins elsewhere than where the
// upload stands is a Conflict of code "offset": ask where it stands and go on there. Of a piece that breaks off, what
// arrived is kept.
func (l *Library) Append(ctx context.Context, actor workspace.Actor, uploadID string, offset int64, piece io.Reader) (Upload, error) {
	u, err := l.Upload(ctx, actor, uploadID)
	if err != nil {
		return u, err
	}
	if offset != u.Received {
		return u, fault.Conflictf("the upload stands at byte %d, not at %d", u.Received, offset).WithCode("offset")
	}
	raw, broke := io.ReadAll(io.LimitReader(piece, Chunk+1))
	if len(raw) > Chunk {
		return u, fault.Invalidf("file", "a piece has at most %d bytes", Chunk)
	}
	if offset+int64(len(raw)) > u.Bytes {
		return u, fault.Invalidf("file", "more bytes arrived than the %d announced", u.Bytes)
	}
	if len(raw) == 0 {
		return u, fault.Wrap(fault.Invalid, broke, "nothing arrived")
	}
	keep := context.WithoutCancel(ctx) // the browser may be gone already; what it sent is here
	if err := l.blobs.Put(keep, u.piece(offset), bytes.NewReader(raw), int64(len(raw)), "application/octet-stream"); err != nil {
		return u, err
	}
	n, err := db.Exec(keep, l.db, `update uploads set received = $4 where workspace_id = $1 and id = $2 and received = $3`, u.WorkspaceID, u.ID, offset, offset+int64(len(raw)))
	if err != nil {
		return u, err
	}
	if n == 0 {
		return u, fault.Conflictf("this piece of the upload arrived twice at once").WithCode("offset")
	}
	u.Received = offset + int64(len(raw))
	if broke != nil {
		return u, fault.Wrap(fault.Invalid, broke, "the piece broke off").WithCode("offset")
	}
	return u, nil
}

func (u Upload) piece(offset int64) string {
	return fmt.Sprintf("%s/%s/%012d", u.WorkspaceID, u.ID, offset)
}

// Finish makes the asset of an upload that is complete.
func (l *Library) Finish(ctx context.Context, actor workspace.Actor, uploadID string) (Asset, error) {
	u, err := l.Upload(ctx, actor, uploadID)
	if err != nil {
		return Asset{}, err
	}
	if u.Received != u.Bytes {
		return Asset{}, fault.Conflictf("%d of %d bytes have arrived", u.Received, u.Bytes).WithCode("offset")
	}
	pieces := &pieces{ctx: ctx, l: l, u: u}
	defer pieces.Close()
	a, err := l.Add(ctx, actor, u.BrandID, u.Name, pieces)
	if err != nil && fault.KindOf(err) != fault.Invalid {
		return a, err // the pieces stay, so that it can be tried again
	}
	return a, errors.Join(err, l.forget(ctx, u))
}

// Cancel throws an upload away.
func (l *Library) Cancel(ctx context.Context, actor workspace.Actor, uploadID string) error {
	u, err := l.Upload(ctx, actor, uploadID)
	if err != nil {
		return err
	}
	return l.forget(ctx, u)
}

func (l *Library) forget(ctx context.Context, u Upload) error {
	if _, err := db.Exec(ctx, l.db, `delete from uploads where workspace_id = $1 and id = $2`, u.WorkspaceID, u.ID); err != nil {
		return err
	}
	for info, err := range l.blobs.List(ctx, u.WorkspaceID+"/"+u.ID+"/") {
		if err != nil {
			return err
		}
		if err := l.blobs.Delete(ctx, info.Key); err != nil {
			return err
		}
	}
	return nil
}

// pieces reads an upload's pieces as one file.
type pieces struct {
	ctx  context.Context
	l    *Library
	u    Upload
	at   int64
	open io.ReadCloser
}

func (p *pieces) Read(into []byte) (int, error) {
	for {
		if p.open == nil {
			if p.at >= p.u.Bytes {
				return 0, io.EOF
			}
			f, _, err := p.l.blobs.Get(p.ctx, p.u.piece(p.at))
			if err != nil {
				return 0, fault.Wrap(fault.Later, err, "a piece of the upload cannot be read from the store")
			}
			p.open = f
		}
		n, err := p.open.Read(into)
		p.at += int64(n)
		if err == io.EOF {
			_ = p.open.Close()
			p.open, err = nil, nil
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
}

func (p *pieces) Close() {
	if p.open != nil {
		_ = p.open.Close()
	}
}
