package asset

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"time"

	"golang.org/x/text/language"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Caption is a video's captions in one language (B29). They are kept in both usual formats, written by us.
type Caption struct {
	AssetID   string    `db:"asset_id"`
	Language  string    `db:"language"` // BCP 47
	Cues      int       `db:"cues"`
	VTTBytes  int64     `db:"vtt_bytes"`
	VTTSHA256 string    `db:"vtt_sha256"`
	SRTBytes  int64     `db:"srt_bytes"`
	SRTSHA256 string    `db:"srt_sha256"`
	CreatedBy string    `db:"created_by"`
	CreatedAt time.Time `db:"created_at"`
}

// mostCaptions is how many languages one video can have captions in.
const mostCaptions = 20

// Captions lists the captions of an asset, by language.
func (l *Library) Captions(ctx context.Context, actor workspace.Actor, assetID string) ([]Caption, error) {
	if _, err := l.Get(ctx, actor, assetID); err != nil {
		return nil, err
	}
	return l.captions(ctx, l.db, actor.WorkspaceID, assetID)
}

func (l *Library) captions(ctx context.Context, q db.Queryer, workspaceID, assetID string) ([]Caption, error) {
	return db.All[Caption](ctx, q, `select asset_id, language, cues, vtt_bytes, vtt_sha256, srt_bytes, srt_sha256, created_by, created_at
		from captions where workspace_id = $1 and asset_id = $2 order by language`, workspaceID, assetID)
}

// Caption gives a video captions in a language, in the place of those it had. file is SRT or WebVTT.
func (l *Library) Caption(ctx context.Context, actor workspace.Actor, assetID, lang string, file io.Reader) error {
	a, err := l.mine(ctx, actor, assetID)
	if err != nil {
		return err
	}
	if a.Kind != network.Video {
		return fault.Invalidf("captions", "only a video has captions")
	}
	tag, err := language.Parse(lang)
	if err != nil || tag == language.Und {
		return fault.Invalidf("language", "%q is no language", lang).WithHint("Write a code such as en, de or pt-BR.")
	}
	raw, err := io.ReadAll(io.LimitReader(file, largestCaptions+1))
	if err != nil {
		return fmt.Errorf("read the captions: %w", err)
	}
	if len(raw) > largestCaptions {
		return fault.Invalidf("captions", "the file has more than %d kB, the limit", largestCaptions>>10).WithCode("file_too_large")
	}
	list, err := cues(raw)
	if err != nil {
		return err
	}
	c := Caption{AssetID: a.ID, Language: tag.String(), Cues: len(list), CreatedBy: actor.UserID, CreatedAt: db.Now()}
	if c.VTTSHA256, c.VTTBytes, err = l.keep(ctx, actor.WorkspaceID, vtt(list), "text/vtt"); err != nil {
		return err
	}
	if c.SRTSHA256, c.SRTBytes, err = l.keep(ctx, actor.WorkspaceID, srt(list), "application/x-subrip"); err != nil {
		return err
	}
	return l.db.Tx(ctx, func(tx *db.Tx) error {
		others, err := db.One[int](ctx, tx, `select count(*) from captions where workspace_id = $1 and asset_id = $2 and language <> $3`, actor.WorkspaceID, a.ID, c.Language)
		if err != nil {
			return err
		}
		if others >= mostCaptions {
			return fault.Conflictf("the video has captions in %d languages, the limit", others)
		}
		if _, err := db.Exec(ctx, tx, `insert into captions (workspace_id, asset_id, language, cues, vtt_bytes, vtt_sha256, srt_bytes, srt_sha256, created_by, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
			on conflict (workspace_id, asset_id, language) do update set cues = excluded.cues, vtt_bytes = excluded.vtt_bytes, vtt_sha256 = excluded.vtt_sha256, srt_bytes = excluded.srt_bytes,
				srt_sha256 = excluded.srt_sha256, created_by = excluded.created_by, created_at = excluded.created_at`,
			actor.WorkspaceID, c.AssetID, c.Language, c.Cues, c.VTTBytes, c.VTTSHA256, c.SRTBytes, c.SRTSHA256, c.CreatedBy, c.CreatedAt); err != nil {
			return err
		}
		return workspace.Audit(ctx, tx, actor, "asset.captioned", a.ID, nil, map[string]any{"language": c.Language, "cues": c.Cues})
	})
}

func (l *Library) keep(ctx context.Context, workspaceID string, raw []byte, mime string) (string, int64, error) {
	hash := sum(raw)
	return hash, int64(len(raw)), l.blobs.Put(ctx, workspaceID+"/"+hash, bytes.NewReader(raw), int64(len(raw)), mime)
}

// Uncaption takes a video's captions of a language away. What is planned with them already can no longer be sent, so it is
// planned anew.
func (l *Library) Uncaption(ctx context.Context, actor workspace.Actor, assetID, lang string) error {
	a, err := l.mine(ctx, actor, assetID)
	if err != nil {
		return err
	}
	return l.db.Tx(ctx, func(tx *db.Tx) error {
		n, err := db.Exec(ctx, tx, `delete from captions where workspace_id = $1 and asset_id = $2 and language = $3`, actor.WorkspaceID, a.ID, lang)
		if err != nil || n == 0 {
			return err
		}
		return workspace.Audit(ctx, tx, actor, "asset.uncaptioned", a.ID, map[string]any{"language": lang}, nil)
	})
}

// network is a caption as networks get it.
func (c Caption) network() network.Caption {
	return network.Caption{Language: c.Language,
		VTT: network.Media{ID: c.AssetID + "/" + c.Language + ".vtt", Kind: network.Captions, MIME: "text/vtt", Bytes: c.VTTBytes, SHA256: c.VTTSHA256},
		SRT: network.Media{ID: c.AssetID + "/" + c.Language + ".srt", Kind: network.Captions, MIME: "application/x-subrip", Bytes: c.SRTBytes, SHA256: c.SRTSHA256}}
}
