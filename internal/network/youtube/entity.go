package youtube

import (
	"strconv"
	"time"
)

// page is the most entries of a list of videos that YouTube returns at once.
const page = 50

// number is a count as YouTube writes it: digits in a string, absent where it tells nothing.
type number string

func (n number) value() (int64, bool) {
	v, err := strconv.ParseInt(string(n), 10, 64)
	return v, err == nil && v >= 0
}

func (n number) or(otherwise int64) int64 {
	if v, ok := n.value(); ok {
		return v
	}
	return otherwise
}

type channel struct {
	ID      string `json:"id"`
	Snippet struct {
		Title      string `json:"title"`
		CustomURL  string `json:"customUrl"` // "@handle"
		Thumbnails map[string]struct {
			URL string `json:"url"`
		} `json:"thumbnails"`
	} `json:"snippet"`
	Statistics struct {
		Subscribers       number `json:"subscriberCount"`
		HiddenSubscribers bool   `json:"hiddenSubscriberCount"`
	} `json:"statistics"`
	ContentDetails struct {
		RelatedPlaylists struct {
			Uploads string `json:"uploads"`
		} `json:"relatedPlaylists"`
	} `json:"contentDetails"`
	Status struct {
		LongUploads string `json:"longUploadsStatus"`
	} `json:"status"`
}

// video is what is sent and read of a video. Pointers tell "no" from "not said".
type video struct {
	ID         string      `json:"id,omitempty"`
	Snippet    *snippet    `json:"snippet,omitempty"`
	Status     *status     `json:"status,omitempty"`
	Paid       *paid       `json:"paidProductPlacementDetails,omitempty"`
	Statistics *statistics `json:"statistics,omitempty"`
	Processing *processing `json:"processingDetails,omitempty"`
}

type snippet struct {
	Title         string    `json:"title"`
	Description   string    `json:"description"`
	Tags          []string  `json:"tags,omitempty"`
	Category      string    `json:"categoryId,omitempty"`
	Language      string    `json:"defaultLanguage,omitempty"`
	AudioLanguage string    `json:"defaultAudioLanguage,omitempty"`
	PublishedAt   time.Time `json:"publishedAt,omitzero"`
}

type status struct {
	Privacy    string `json:"privacyStatus,omitempty"`
	PublishAt  string `json:"publishAt,omitempty"` // RFC 3339
	Licence    string `json:"license,omitempty"`
	Embeddable *bool  `json:"embeddable,omitempty"`
	Statistics *bool  `json:"publicStatsViewable,omitempty"`
	ForKids    *bool  `json:"selfDeclaredMadeForKids,omitempty"`
	Synthetic  *bool  `json:"containsSyntheticMedia,omitempty"`
	Upload     string `json:"uploadStatus,omitempty"`
	Failure    string `json:"failureReason,omitempty"`
	Rejection  string `json:"rejectionReason,omitempty"`
}

type paid struct {
	Has bool `json:"hasPaidProductPlacement"`
}

type statistics struct {
	Views    number `json:"viewCount"`
	Likes    number `json:"likeCount"`
	Comments number `json:"commentCount"`
}

type processing struct {
	Status string `json:"processingStatus"` // processing, succeeded, failed, terminated
}

// entry is one video in a playlist.
type entry struct {
	Snippet struct {
		Title       string    `json:"title"`
		Description string    `json:"description"`
		PublishedAt time.Time `json:"publishedAt"` // when it came into the list
	} `json:"snippet"`
	ContentDetails struct {
		VideoID string `json:"videoId"`
	} `json:"contentDetails"`
	Status struct {
		Privacy string `json:"privacyStatus"`
	} `json:"status"`
}

// thread is a comment on a video with, at most, some of its answers.
type thread struct {
	ID      string `json:"id"`
	Snippet struct {
		VideoID string  `json:"videoId"`
		Top     comment `json:"topLevelComment"`
		Replies int     `json:"totalReplyCount"`
	} `json:"snippet"`
	Replies struct {
		Comments []comment `json:"comments"`
	} `json:"replies"`
}

type comment struct {
	ID      string `json:"id"`
	Snippet struct {
		VideoID  string `json:"videoId"`
		ParentID string `json:"parentId"`
		Text     string `json:"textDisplay"`
		Original string `json:"textOriginal"` // told to its author only
		Author   struct {
			ID string `json:"value"`
		} `json:"authorChannelId"`
		Name        string    `json:"authorDisplayName"`
		URL         string    `json:"authorChannelUrl"`
		Avatar      string    `json:"authorProfileImageUrl"`
		PublishedAt time.Time `json:"publishedAt"`
		Moderation  string    `json:"moderationStatus"`
	} `json:"snippet"`
}

func (c comment) words() string {
	if c.Snippet.Original != "" {
		return c.Snippet.Original
	}
	return c.Snippet.Text
}
